// Borders of the grids above the leaves: edges on whose two sides the parents are others.
import Feature from "ol/Feature";
import MultiLineString from "ol/geom/MultiLineString";

export interface Outlined {
  code: string;
  /** Codes from the plan's grid down to the parent; none outside the plan. */
  path: string[];
  rings: number[][][];
}

/** One per two leaves; `rank` 1 is the border of two parents, 2 of two grids above these, and so on. */
export type UpperBorder = Feature<MultiLineString>;

export function upperBorders(leaves: Outlined[]): UpperBorder[] {
  const depth = Math.max(0, ...leaves.map((leaf) => leaf.path.length));
  const corners = new Map<string, number>();
  const number = (place: number[]): number => {
    const key = place.join();
    const known = corners.get(key) ?? corners.size;
    if (known === corners.size) corners.set(key, known);
    return known;
  };
  const open = new Map<number, Outlined>();
  const found = new Map<string, { pair: [Outlined, Outlined]; lines: number[][][] }>();
  for (const leaf of leaves) {
    for (const ring of leaf.rings) {
      let before = number(ring[0]!);
      for (let index = 1; index < ring.length; index += 1) {
        const at = number(ring[index]!);
        const edge = Math.min(before, at) * 2 ** 26 + Math.max(before, at);
        before = at;
        const other = open.get(edge);
        if (!other) open.set(edge, leaf);
        else if (other.path.join() !== leaf.path.join()) {
          const key = `${other.code} ${leaf.code}`;
          const border = found.get(key) ?? { pair: [other, leaf], lines: [] };
          found.set(key, border);
          border.lines.push([ring[index - 1]!, ring[index]!]);
        }
      }
    }
  }
  return [...found.values()].map(({ pair: [one, other], lines }) => {
    const common = one.path.findIndex((code, index) => code !== other.path[index]);
    const shared = common < 0 ? one.path.length : common;
    return new Feature({ geometry: new MultiLineString(lines), rank: Math.max(1, depth - shared), sides: [one.code, other.code] });
  });
}
