// Coordinates as the instance shows them: degrees, Gauss–Krüger metres of a CGCS2000 zone, GCJ-02 or BD-09.
import type { ShownCrs } from "./config";
import { AXIS, FLATTENING } from "./geodesy";

const CHINA: readonly [number, number, number, number] = [72.004, 0.8293, 137.8347, 55.8271];
const BAIDU = (Math.PI * 3000) / 180;

/** Gauss–Krüger on GRS80 by Krüger's series in the third flattening (Karney 2011, eq. 7–14, to n⁴). */
export function gaussKrueger(lon: number, lat: number, meridian: number, falseEasting: number): [number, number] {
  const n = FLATTENING / (2 - FLATTENING);
  const n2 = n * n;
  const n3 = n2 * n;
  const n4 = n3 * n;
  const radius = (AXIS / (1 + n)) * (1 + n2 / 4 + n4 / 64);
  const alpha = [
    n / 2 - (2 / 3) * n2 + (5 / 16) * n3 + (41 / 180) * n4,
    (13 / 48) * n2 - (3 / 5) * n3 + (557 / 1440) * n4,
    (61 / 240) * n3 - (103 / 140) * n4,
    (49561 / 161280) * n4,
  ];
  const e = Math.sqrt(FLATTENING * (2 - FLATTENING));
  const phi = (lat * Math.PI) / 180;
  const lambda = ((lon - meridian) * Math.PI) / 180;
  const tau = Math.sinh(Math.atanh(Math.sin(phi)) - e * Math.atanh(e * Math.sin(phi)));
  const xi = Math.atan2(tau, Math.cos(lambda));
  const eta = Math.atanh(Math.sin(lambda) / Math.sqrt(1 + tau * tau));
  let north = xi;
  let east = eta;
  alpha.forEach((a, index) => {
    const k = 2 * (index + 1);
    north += a * Math.sin(k * xi) * Math.cosh(k * eta);
    east += a * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return [falseEasting + radius * east, radius * north];
}

/** Meridian and false easting of an EPSG code 4491–4554 (CGCS2000 zones), or null. */
export function zoneOf(epsg: number): [number, number] | null {
  if (epsg >= 4491 && epsg <= 4501) return [75 + 6 * (epsg - 4491), (13 + epsg - 4491) * 1e6 + 500000];
  if (epsg >= 4502 && epsg <= 4512) return [75 + 6 * (epsg - 4502), 500000];
  if (epsg >= 4513 && epsg <= 4533) return [75 + 3 * (epsg - 4513), (25 + epsg - 4513) * 1e6 + 500000];
  if (epsg >= 4534 && epsg <= 4554) return [75 + 3 * (epsg - 4534), 500000];
  return null;
}

function inChina(lon: number, lat: number): boolean {
  return lon >= CHINA[0] && lon <= CHINA[2] && lat >= CHINA[1] && lat <= CHINA[3];
}

/** The public approximation of the GCJ-02 shift, forward, as in the server's `gis.gcj`; nothing moves outside China. */
export function gcj02(lon: number, lat: number): [number, number] {
  if (!inChina(lon, lat)) return [lon, lat];
  const x = lon - 105;
  const y = lat - 35;
  const sine = (amplitude: number, angle: number): number => (2 / 3) * amplitude * Math.sin(angle * Math.PI);
  const shared = sine(20, 6 * x) + sine(20, 2 * x) + 0.1 * x * y;
  const dy = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.2 * Math.sqrt(Math.abs(x)) + shared
    + sine(20, y) + sine(40, y / 3) + sine(160, y / 12) + sine(320, y / 30);
  const dx = 300 + x + 2 * y + 0.1 * x * x + 0.1 * Math.sqrt(Math.abs(x)) + shared
    + sine(20, x) + sine(40, x / 3) + sine(150, x / 12) + sine(300, x / 30);
  const phi = (lat * Math.PI) / 180;
  const ee = 0.006693421622965943;
  const magic = 1 - ee * Math.sin(phi) ** 2;
  const semi = 6378245;
  return [
    lon + (dx * 180) / ((semi / Math.sqrt(magic)) * Math.cos(phi) * Math.PI),
    lat + (dy * 180) / (((semi * (1 - ee)) / (magic * Math.sqrt(magic))) * Math.PI),
  ];
}

/** BD-09, which shifts GCJ-02 once more. */
export function bd09(lon: number, lat: number): [number, number] {
  if (!inChina(lon, lat)) return [lon, lat];
  const [x, y] = gcj02(lon, lat);
  const radius = Math.hypot(x, y) + 0.00002 * Math.sin(y * BAIDU);
  const angle = Math.atan2(y, x) + 0.000003 * Math.cos(x * BAIDU);
  return [radius * Math.cos(angle) + 0.0065, radius * Math.sin(angle) + 0.006];
}

export type ShownAs = typeof showCoordinate;

export function showCoordinate(lon: number, lat: number, crs: ShownCrs): string {
  const degrees = (x: number, y: number): string => `${x.toFixed(6)}, ${y.toFixed(6)}`;
  if (crs.code.toLowerCase() === "gcj02") return degrees(...gcj02(lon, lat));
  if (crs.code.toLowerCase() === "bd09") return degrees(...bd09(lon, lat));
  const zone = zoneOf(Number(/(\d+)$/.exec(crs.code)?.[1] ?? 0));
  if (!zone) return degrees(lon, lat);
  const [east, north] = gaussKrueger(lon, lat, zone[0], zone[1]);
  return `E ${east.toFixed(2)}  N ${north.toFixed(2)}`;
}
