// Lengths and areas on the ellipsoid of CGCS2000 (GRS80), of places in degrees.

export const AXIS = 6378137;
export const FLATTENING = 1 / 298.257222101;
const SQUARE = FLATTENING * (2 - FLATTENING);
const E = Math.sqrt(SQUARE);
const STEP = 5000;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two places by Lambert's formula for long lines: good to a hundred-thousandth, not for antipodes. */
export function distance([lon1, lat1]: number[], [lon2, lat2]: number[]): number {
  const reduced = (lat: number): number => Math.atan((1 - FLATTENING) * Math.tan(radians(lat)));
  const first = reduced(lat1!);
  const second = reduced(lat2!);
  const middle = (first + second) / 2;
  const half = (second - first) / 2;
  const chord = Math.sin(half) ** 2 + Math.cos(first) * Math.cos(second) * Math.sin(radians(lon2! - lon1!) / 2) ** 2;
  if (chord === 0) return 0;
  const angle = 2 * Math.asin(Math.min(1, Math.sqrt(chord)));
  const x = ((angle - Math.sin(angle)) * (Math.sin(middle) * Math.cos(half)) ** 2) / (1 - chord);
  const y = ((angle + Math.sin(angle)) * (Math.cos(middle) * Math.sin(half)) ** 2) / chord;
  return AXIS * (angle - (FLATTENING / 2) * (x + y));
}

/** Metres along a line. */
export function lengthOf(line: number[][]): number {
  return line.slice(1).reduce((sum, place, index) => sum + distance(line[index]!, place), 0);
}

type Vector = [number, number, number];

/** Places on the great circle between two, at most `STEP` metres apart, the first left out. */
function along(from: number[], to: number[]): number[][] {
  const pieces = Math.max(1, Math.ceil(distance(from, to) / STEP));
  const vector = ([lon, lat]: number[]): Vector => {
    const [l, p] = [radians(lon!), radians(lat!)];
    return [Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p)];
  };
  const [a, b] = [vector(from), vector(to)];
  const between = Array.from({ length: pieces - 1 }, (_, index) => {
    const share = (index + 1) / pieces;
    const angle = Math.acos(Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
    const [x, y, z] = a.map((value, axis) => value * Math.sin((1 - share) * angle) + b[axis]! * Math.sin(share * angle)) as Vector;
    return [Math.atan2(y, x), Math.atan2(z, Math.hypot(x, y))].map((value) => (value * 180) / Math.PI);
  });
  return [...between, to];
}

/** Square metres in a closed ring, in the cylindrical projection that keeps areas of the ellipsoid (Snyder 1987, 3-12). */
export function areaOf(ring: number[][]): number {
  const height = (lat: number): number => {
    const s = Math.sin(radians(lat));
    return ((1 - SQUARE) / 2) * (s / (1 - SQUARE * s * s) + Math.atanh(E * s) / E);
  };
  const dense = ring.slice(1).flatMap((place, index) => along(ring[index]!, place));
  let before = ring[0];
  let twice = 0;
  for (const place of dense) {
    twice += radians(place[0]! - before![0]!) * (height(before![1]!) + height(place[1]!));
    before = place;
  }
  return (Math.abs(twice) / 2) * AXIS * AXIS;
}
