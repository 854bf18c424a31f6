// Small geometry of what is being drawn, in the coordinates of the map.
import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import Polygon from "ol/geom/Polygon";

type Ring = number[][];

export function middle(line: Ring): number[] {
  return new LineString(line).getCoordinateAt(0.5);
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

function crosses(a: Ring, b: Ring): boolean {
  return a.slice(1).some((end, i) => b.slice(1).some((stop, j) => meet(a[i]!, end, b[j]!, stop)));
}

function meet(a: number[], b: number[], c: number[], d: number[]): boolean {
  const side = (p: number[], q: number[], r: number[]): number => Math.sign((q[0]! - p[0]!) * (r[1]! - p[1]!) - (q[1]! - p[1]!) * (r[0]! - p[0]!));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}
