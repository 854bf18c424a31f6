// Places as the server keeps them: whole steps of 1e-7 degrees.
import { lonLat, mercator } from "../map/base";
import type { LonLat } from "../map/base";

const round = (degrees: number): number => Math.floor(degrees * 1e7 + 0.5) / 1e7;

export function snapped(coordinate: number[]): LonLat {
  const [lon, lat] = lonLat(coordinate);
  return [round(lon), round(lat)];
}

export function same(a: LonLat, b: LonLat): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** A line with both ends drawn out by a length of the map, so that one that ends at a border cuts it. */
export function drawnOut(line: number[][], by: number): number[][] {
  const beyond = (from: number[], to: number[]): number[] => {
    const length = Math.hypot(to[0]! - from[0]!, to[1]! - from[1]!) || 1;
    return [to[0]! + ((to[0]! - from[0]!) / length) * by, to[1]! + ((to[1]! - from[1]!) / length) * by];
  };
  return [beyond(line[1]!, line[0]!), ...line, beyond(line[line.length - 2]!, line[line.length - 1]!)];
}

/** Degrees of a line without a place twice in a row. */
export function degreesOf(line: number[][]): LonLat[] {
  const places = line.map(snapped);
  return places.filter((place, index) => index === 0 || !same(place, places[index - 1]!));
}

/** The place on the straight edge a–b, in degrees, that is nearest to a coordinate of the map; not one of its ends. */
export function onEdge(a: LonLat, b: LonLat, near: number[]): LonLat {
  const [ax, ay] = mercator(a);
  const [bx, by] = mercator(b);
  const [dx, dy] = [bx! - ax!, by! - ay!];
  const share = ((near[0]! - ax!) * dx + (near[1]! - ay!) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(0.95, Math.max(0.05, share));
  return [round(a[0] + t * (b[0] - a[0])), round(a[1] + t * (b[1] - a[1]))];
}

export interface Bend {
  gone: LonLat[];
  come: { at: LonLat; between: [LonLat, LonLat] }[];
}

/** What dragging did to the rings of an outline: vertices that went, and those that came with their neighbours. */
export function bendOf(before: number[][][], after: number[][][]): Bend {
  const was = before.map((ring) => ring.map(snapped));
  const is = after.map((ring) => ring.map(snapped));
  const key = (place: LonLat): string => place.join();
  const old = new Set(was.flat().map(key));
  const now = new Set(is.flat().map(key));
  const unique = (places: LonLat[]): LonLat[] => [...new Map(places.map((place) => [key(place), place])).values()];
  const come = new Map<string, Bend["come"][number]>();
  for (const ring of is) {
    const open = ring.slice(0, -1);
    open.forEach((at, index) => {
      if (!old.has(key(at))) come.set(key(at), { at, between: [open[(index + open.length - 1) % open.length]!, open[(index + 1) % open.length]!] });
    });
  }
  return { gone: unique(was.flat().filter((place) => !now.has(key(place)))), come: [...come.values()] };
}
