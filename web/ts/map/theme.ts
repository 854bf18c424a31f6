// Colouring the grids by a figure: five classes of whole numbers, chosen anew for every level.
import { getJson, toSignIn } from "./base";
import { CLASSES } from "./colours";

/** Per level: all its grids, those of which figures are told (null: all), the figures other than zero. */
export type Counts = Record<string, { grids: number; known: string[] | null; counts: Record<string, number> }>;

export interface ThemeClass {
  from: number;
  to: number | null;
  colour: string;
  grids: number;
}

export const NO_DATA = "no data";

const MOST_CLASSES = CLASSES.length;

/** Upper bounds of the classes above zero: equal numbers of grids in each, rounded to short figures. */
export function upperBounds(values: number[], classes: number): number[] {
  const sorted = [...values].filter((value) => value > 0).sort((a, b) => a - b);
  const bounds: number[] = [];
  for (let step = 1; step < classes; step += 1) {
    const value = short(sorted[Math.floor((step * sorted.length) / classes)] ?? 0);
    if (value > (bounds[bounds.length - 1] ?? 0) && value < (sorted[sorted.length - 1] ?? 0)) bounds.push(value);
  }
  return bounds;
}

/** A figure of at most two digits in front, as people would choose a bound. */
function short(value: number): number {
  const unit = value < 20 ? 1 : value < 100 ? 5 : 5 * 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}

/** Zero is a class of its own, then up to five classes of growing numbers. */
export function classesOf(values: number[], grids: number): ThemeClass[] {
  const bounds = upperBounds(values, MOST_CLASSES - 1);
  const edges = [0, ...bounds].map((low, index) => ({ from: low + 1, to: bounds[index] ?? null }));
  const above = values.some((value) => value > 0) ? edges : [];
  const within = (from: number, to: number | null): number => values.filter((value) => value >= from && (to === null || value <= to)).length;
  const filled = above.map(({ from, to }, index) => ({
    from, to, colour: CLASSES[Math.round(((index + 1) * (MOST_CLASSES - 1)) / above.length)]!, grids: within(from, to),
  }));
  const none = { from: 0, to: 0, colour: CLASSES[0]!, grids: grids - values.filter((value) => value > 0).length };
  return [none, ...filled.filter((part) => part.grids > 0)];
}

export class Theme {
  name = "";
  private levels: Counts = {};
  private classes: Record<string, ThemeClass[]> = {};
  private known: Record<string, Set<string> | null> = {};

  async choose(name: string, url: string): Promise<void> {
    this.levels = name ? (await getJson<{ levels: Counts }>(url, toSignIn)).levels : {};
    this.classes = {};
    this.known = {};
    for (const [level, { grids, known, counts }] of Object.entries(this.levels)) {
      this.known[level] = known && new Set(known);
      this.classes[level] = known?.length === 0 ? [] : classesOf(Object.values(counts), known?.length ?? grids);
    }
    this.name = name;
  }

  legend(level: string): ThemeClass[] {
    return this.classes[level] ?? [];
  }

  /** Grids of a level of which nothing is told. */
  unknown(level: string): number {
    const known = this.known[level];
    return known ? this.levels[level]!.grids - known.size : 0;
  }

  /** The colour of a grid or ``NO_DATA``; nothing while no theme is chosen. */
  colour(level: string, code: string): string | undefined {
    if (!this.name) return undefined;
    if (!(level in this.levels) || this.known[level]?.has(code) === false) return NO_DATA;
    const value = this.levels[level]?.counts[code] ?? 0;
    return this.legend(level).find(({ from, to }) => value >= from && (to === null || value <= to))?.colour ?? NO_DATA;
  }
}
