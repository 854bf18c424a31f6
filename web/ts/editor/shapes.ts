// Small geometry of what is being drawn, in the coordinates of the map.
import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import Polygon from "ol/geom/Polygon";
import { boundingExtent } from "ol/extent";
import type { Extent } from "ol/extent";

export function middle(line: number[][]): number[] {
  return new LineString(line).getCoordinateAt(0.5);
}

export function lineFeature(line: number[][]): Feature {
  return new Feature(new LineString(line));
}

export function ringFeature(ring: number[][]): Feature {
  return new Feature(new Polygon([ring]));
}

export function ringExtent(ring: number[][]): Extent {
  return boundingExtent(ring);
}
