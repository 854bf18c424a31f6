// What a drawn line means: for which grid it is, and what is to be done with that.
import type { LonLat } from "../map/base";
import type { Canvas, Leaf } from "./canvas";
import type { Operation } from "./draft";
import { degreesOf, drawnOut } from "./lattice";
import type { Question } from "./panels";
import { middle } from "./shapes";
import type { Mode } from "./tools";

const CUT_BEYOND_PX = 8;

export type Meaning =
  /** Nothing: the name of the words that say why, and where. */
  | { as: "refused"; why: string; place?: LonLat }
  | { as: "done"; operations: Operation[] }
  /** One more line of a division. */
  | { as: "division"; grid: string; line: LonLat[] }
  /** A cut, of which is asked who goes on. */
  | { as: "cut"; target: Leaf; whole: number[][]; line: LonLat[] };

export function meaningOf(line: number[][], mode: Mode, codes: string[], finest: string, canvas: Canvas): Meaning {
  const whole = drawnOut(line, CUT_BEYOND_PX * canvas.resolution);
  const target = meant(whole, mode, codes, canvas);
  if (!target) return { as: "refused", why: "not_split_here" };
  const grid = String(target.get("code"));
  const drawn = degreesOf(whole);
  if (mode === "reshape") return { as: "done", operations: [{ op: "reshape", grid, line: drawn }] };
  if (mode === "new") return target.get("level") === finest ? { as: "refused", why: "no_level_below" } : { as: "division", grid, line: drawn };
  if (!canvas.cuts(target, whole)) return { as: "refused", why: "not_cut" };
  const [, second] = canvas.passages(target, whole);
  return second ? { as: "refused", why: "many_cuts", place: degreesOf([second])[0]! } : { as: "cut", target, whole, line: drawn };
}

/** The grid that a line is meant for: the one selected, where the line does to it what it shall, else one that it does it to. */
function meant(line: number[][], mode: Mode, codes: string[], canvas: Canvas): Leaf | null {
  const chosen = codes.length === 1 ? canvas.leaf(codes[0]!) : null;
  const under = canvas.at(middle(line));
  if (mode === "reshape") {
    // Where no border is met twice, the server says so of the grid at hand
    const met = canvas.met(line);
    return [chosen, under].find((leaf) => leaf && met.includes(leaf)) ?? met[0] ?? inPlan(under) ?? inPlan(chosen);
  }
  const fits = chosen && (mode === "split" ? canvas.cuts(chosen, line) : canvas.touches(chosen, line));
  return inPlan(fits ? chosen : under);
}

function inPlan(leaf: Leaf | null): Leaf | null {
  return leaf?.get("inside") ? leaf : null;
}

/** What is asked of a cut, its parts marked on the map. */
export function askedOf({ target, whole, line }: Meaning & { as: "cut" }, canvas: Canvas): Question {
  const parts = canvas.markParts(target, whole);
  const area = Number(target.get("area_m2"));
  return { kind: "split", grid: String(target.get("code")), name: String(target.get("name")), line, areas: parts && [parts[0].share * area, parts[1].share * area] };
}
