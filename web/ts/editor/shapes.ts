// Small geometry of what is being drawn, in the coordinates of the map.
import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import Polygon from "ol/geom/Polygon";

type Ring = number[][];

export function middle(line: Ring): number[] {
  return new LineString(line).getCoordinateAt(0.5);
}

/** A place beside the middle of a line, to its right; to its left below nothing. */
export function aside(line: Ring, by: number): number[] {
  const along = new LineString(line);
  const [[ax, ay], [bx, by_]] = [0.49, 0.51].map((share) => along.getCoordinateAt(share)) as [[number, number], [number, number]];
  const length = Math.hypot(bx - ax, by_ - ay) || 1;
  return [(ax + bx) / 2 + ((by_ - ay) / length) * by, (ay + by_) / 2 - ((bx - ax) / length) * by];
}

export function lineFeature(line: Ring): Feature {
  return new Feature(new LineString(line));
}

export function ringFeature(ring: Ring): Feature {
  return new Feature(new Polygon([ring]));
}

/** A place that lies inside for certain. */
export function placeInside(ring: Ring): number[] {
  return new Polygon([ring]).getInteriorPoint().getCoordinates();
}

/** Whether the area of a ring and the one inside other rings have more than nothing in common. */
export function overlap(ring: Ring, others: Ring[]): boolean {
  const [area, other] = [new Polygon([ring]), new Polygon(others)];
  return ring.some((place) => other.intersectsCoordinate(place)) || others[0]!.some((place) => area.intersectsCoordinate(place))
    || others.some((each) => crosses(ring, each));
}

/** What a line makes of a grid: where the part lies, and which share of the grid it is. */
export interface Part {
  at: number[];
  share: number;
}

const NUDGE_M = 1e-4;

/** A line that snapped to a corner, so that it passes beside it and crosses there once. */
function besideCorners(line: Ring): Ring {
  return line.map(([x = 0, y = 0]) => [x + NUDGE_M, y + NUDGE_M / 2]);
}

/** How often a line crosses the outlines of polygons. */
export function crossed(polygons: Ring[][], line: Ring): number {
  return polygons.flat().reduce((sum, ring) => sum + crossings(ring, besideCorners(line)).length, 0);
}

const ALONG_M = 0.5;

/** The middle of each way of a line through polygons, in and out again; not where it only runs along an outline. */
export function passages(polygons: Ring[][], line: Ring): number[][] {
  const beside = besideCorners(line);
  return polygons.flatMap(([outer]) => {
    const met = crossings(outer!, beside);
    return met.slice(1).flatMap((out, i) => {
      const at = middle([met[i]!.at, ...beside.slice(Math.floor(met[i]!.along) + 1, Math.floor(out.along) + 1), out.at]);
      const [x, y] = new LineString(outer!).getClosestPoint(at) as [number, number];
      return new Polygon([outer!]).intersectsCoordinate(at) && Math.hypot(at[0]! - x, at[1]! - y) > ALONG_M ? [at] : [];
    });
  });
}

/** The parts on the left and on the right of a line; nothing where it does not go in and out just once. */
export function partsOf(polygons: Ring[][], line: Ring): [Part, Part] | null {
  const beside = besideCorners(line);
  const cut = polygons.filter(([outer]) => crosses(outer!, beside));
  const [outer, ...holes] = cut.length === 1 ? cut[0]! : [];
  const [into, out, ...more] = outer ? crossings(outer, beside) : [];
  if (!outer || !into || !out || more.length || holes.some((hole) => crosses(hole, beside))) return null;
  const inside = [into.at, ...beside.slice(Math.floor(into.along) + 1, Math.floor(out.along) + 1), out.at];
  const rings = [[...inside, ...between(outer, out.on, into.on)], [...inside, ...between(outer, into.on, out.on).reverse()]];
  const [left, right] = rings.sort((a, b) => turned(b) - turned(a)) as [Ring, Ring];
  if (turned(left) <= 0 || turned(right) >= 0) return null;
  const sizes = [left, right].map((ring) => {
    const area = new Polygon([[...ring, ring[0]!]]);
    const gone = holes.filter((hole) => area.intersectsCoordinate(hole[0]!)).map((hole) => Math.abs(turned(hole)));
    return Math.abs(turned(ring)) - gone.reduce((sum, size) => sum + size, 0);
  }) as [number, number];
  // What the line does not touch stays with the larger part
  const rest = polygons.filter((each) => each !== cut[0]).map((rings) => new Polygon(rings).getArea()).reduce((sum, size) => sum + size, 0);
  sizes[sizes[0] >= sizes[1] ? 0 : 1] += rest;
  const part = (ring: Ring, size: number): Part => ({ at: placeInside([...ring, ring[0]!]), share: size / (sizes[0] + sizes[1]) });
  return [part(left, sizes[0]), part(right, sizes[1])];
}

interface Crossing {
  at: number[];
  /** Number of the piece of the line, and of the ring, each with how far on it. */
  along: number;
  on: number;
}

function crossings(ring: Ring, line: Ring): Crossing[] {
  const found: Crossing[] = [];
  line.slice(1).forEach((end, i) => ring.slice(1).forEach((stop, j) => {
    const [a, c] = [line[i]!, ring[j]!];
    if (!meet(a, end, c, stop)) return;
    const [dx, dy, ex, ey] = [end[0]! - a[0]!, end[1]! - a[1]!, stop[0]! - c[0]!, stop[1]! - c[1]!];
    const t = ((c[0]! - a[0]!) * ey - (c[1]! - a[1]!) * ex) / (dx * ey - dy * ex);
    const at = [a[0]! + t * dx, a[1]! + t * dy];
    found.push({ at, along: i + t, on: j + Math.hypot(at[0]! - c[0]!, at[1]! - c[1]!) / Math.hypot(ex, ey) });
  }));
  return found.sort((a, b) => a.along - b.along);
}

/** Corners of a closed ring from one place on it, forward to another. */
function between(ring: Ring, from: number, to: number): Ring {
  const n = ring.length - 1;
  const first = Math.floor(from);
  const steps = (Math.floor(to) - first + n) % n || (to < from ? n : 0);
  return Array.from({ length: steps }, (_, step) => ring[(first + 1 + step) % n]!);
}

/** Its area, above nothing where it turns to the left. */
function turned(ring: Ring): number {
  const [x, y] = ring[0]! as [number, number];
  return ring.reduce((sum, a, index) => {
    const b = ring[(index + 1) % ring.length]!;
    return sum + ((a[0]! - x) * (b[1]! - y) - (b[0]! - x) * (a[1]! - y)) / 2;
  }, 0);
}

function crosses(a: Ring, b: Ring): boolean {
  return a.slice(1).some((end, i) => b.slice(1).some((stop, j) => meet(a[i]!, end, b[j]!, stop)));
}

function meet(a: number[], b: number[], c: number[], d: number[]): boolean {
  const side = (p: number[], q: number[], r: number[]): number => Math.sign((q[0]! - p[0]!) * (r[1]! - p[1]!) - (q[1]! - p[1]!) * (r[0]! - p[0]!));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}
