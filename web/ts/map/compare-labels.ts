// The names on the maps of a plan: brief ones; those of the grids that change are written before all others, and of few always.
import Feature from "ol/Feature";
import MultiPolygon from "ol/geom/MultiPolygon";
import Point from "ol/geom/Point";
import type Polygon from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import type { StyleFunction } from "ol/style/Style";
import { LETTER_PX, shortName } from "../editor/styles";
import { FONT, HALO, LABEL } from "./colours";

/** With the names of streets and the numbers of houses, which give way. */
const GROUP = "references";
const ABOVE_ALL = 40;
const LINE = 1.25;
/** More names than that do not make way for each other. */
const MOST_PLACED = 80;
/** Up to so many are written whether or not they lie over each other; of more, those without a free spot wait for a closer look. */
const ALWAYS_WRITTEN = 12;
/** Where a name may stand instead of in the middle of its grid, in its own widths and heights. */
const PLACES: Spot[] = [[0, 0], [0, -0.6], [0, 0.6], [-0.35, 0], [0.35, 0], [0, -1.1], [0, 1.1], [-0.6, -0.6], [0.6, -0.6], [-0.6, 0.6], [0.6, 0.6]];
/** What part of a name may be covered rather than that it stands outside of its grid. */
const OUTSIDE = 0.2;

type Label = Feature<Point>;
type Spot = [number, number];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const pen = document.createElement("canvas").getContext("2d")!;

/** Whether a plan does something to a grid. */
export const changes = (feature: Feature): boolean => feature.get("fate") !== "kept";

/** A layer of names for each side. */
export function labelLayers(sides: Feature[][]): VectorLayer[] {
  const called = namesFor(sides.flat().filter(changes));
  return sides.map((grids) => layerOf(grids.map((grid) => labelOf(grid, called(grid))).sort((a, b) => Number(changes(b)) - Number(changes(a)))));
}

/** The shortest name of each that changes which no other of them could have; of all others simply the shortest. */
function namesFor(own: Feature[]): (grid: Feature) => string {
  const bearers = new Map<string, Set<string>>();
  for (const grid of own) {
    for (const way of ways(grid)) bearers.set(way, (bearers.get(way) ?? new Set()).add(String(grid.get("code"))));
  }
  return (grid) => {
    const found = ways(grid);
    return (changes(grid) && found.find((way) => bearers.get(way)!.size === 1)) || found[0]!;
  };
}

/** Without the name of the grid above it, below what is that one's own, in full. */
function ways(grid: Feature): string[] {
  const name = String(grid.get("title"));
  const [above = "", higher = ""] = grid.get("above") as string[];
  const short = shortName(name, above);
  return short === name ? [name] : [short, `${shortName(above, higher)}\n${short}`, name];
}

function labelOf(grid: Feature, text: string): Label {
  const shape = grid.getGeometry() as Polygon | MultiPolygon;
  const largest = shape instanceof MultiPolygon ? shape.getPolygons().sort((a, b) => b.getArea() - a.getArea())[0]! : shape;
  const [west = 0, south = 0, east = 0, north = 0] = shape.getExtent();
  const geometry = new Point(largest.getInteriorPoint().getCoordinates().slice(0, 2));
  return new Feature({ geometry, text, shape, fate: grid.get("fate"), size: [east - west, north - south] });
}

function layerOf(labels: Label[]): VectorLayer {
  const own = labels.filter(changes);
  let reckonedFor = 0;
  let spots = new Map<Label, Spot>();
  const style: StyleFunction = (feature, resolution) => {
    const label = feature as Label;
    if (!changes(label)) return fits(label, resolution) ? written(label) : undefined;
    if (own.length > MOST_PLACED) return written(label);
    if (reckonedFor !== resolution) [reckonedFor, spots] = [resolution, placed(own, resolution)];
    const spot = spots.get(label);
    return spot && written(label, spot);
  };
  return new VectorLayer({ source: new VectorSource({ features: labels }), style, zIndex: ABOVE_ALL, declutter: GROUP });
}

function fits(label: Label, resolution: number): boolean {
  const [width, height] = label.get("size") as Spot;
  return width > LETTER_PX * String(label.get("text")).length * resolution && height > 2 * LETTER_PX * resolution;
}

function fontOf(label: Label): string {
  return `${changes(label) ? 600 : 400} ${LETTER_PX}px/${LINE} ${FONT}`;
}

/** One that has its spot stays there, and all others keep off. */
function written(label: Label, spot?: Spot): Style {
  const [offsetX, offsetY] = spot ?? [0, 0];
  return new Style({
    zIndex: changes(label) ? 1 : 0,
    text: new Text({
      text: String(label.get("text")), font: fontOf(label), fill: new Fill({ color: LABEL }), stroke: new Stroke({ color: HALO, width: 3 }),
      offsetX, offsetY, declutterMode: spot ? "obstacle" : "declutter",
    }),
  });
}

/**
 * By how many pixels each name stands aside, so that they lie over each other as little as can be and in their grids;
 * small ones choose first. Where there are many, one that could but lie over others has no spot.
 */
function placed(labels: Label[], resolution: number): Map<Label, Spot> {
  const area = (label: Label): number => (label.get("size") as Spot).reduce((width, height) => width * height);
  const taken: Box[] = [];
  const spots = new Map<Label, Spot>();
  for (const label of [...labels].sort((a, b) => area(a) - area(b))) {
    const [x = 0, y = 0] = label.getGeometry()!.getCoordinates();
    const { width, height } = sizeOf(label);
    const tried = PLACES.map(([right, down]) => {
      const spot: Spot = [right * width, down * height];
      const box = { x: x / resolution + spot[0], y: -y / resolution + spot[1], width, height };
      const inside = (label.get("shape") as Polygon).intersectsCoordinate([x + spot[0] * resolution, y - spot[1] * resolution]);
      const over = taken.reduce((sum, other) => sum + common(box, other), 0);
      return { spot, box, over, bad: over + (inside ? 0 : OUTSIDE * width * height) };
    });
    const best = tried.reduce((one, other) => (other.bad < one.bad ? other : one));
    if (best.over && labels.length > ALWAYS_WRITTEN) continue;
    taken.push(best.box);
    spots.set(label, best.spot);
  }
  return spots;
}

function sizeOf(label: Label): { width: number; height: number } {
  pen.font = fontOf(label);
  const lines = String(label.get("text")).split("\n");
  return { width: Math.max(...lines.map((line) => pen.measureText(line).width)) + 4, height: lines.length * LETTER_PX * LINE + 2 };
}

/** The area that two boxes share; `x`, `y` are their middles. */
function common(a: Box, b: Box): number {
  const across = (a.width + b.width) / 2 - Math.abs(a.x - b.x);
  const down = (a.height + b.height) / 2 - Math.abs(a.y - b.y);
  return across > 0 && down > 0 ? across * down : 0;
}
