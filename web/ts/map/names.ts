// The names of the grids in view: one per grid, placed anew whenever the map comes to rest.
import Feature from "ol/Feature";
import type { FeatureLike } from "ol/Feature";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import type VectorTileLayer from "ol/layer/VectorTile";
import type OlMap from "ol/Map";
import type RenderFeature from "ol/render/Feature";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import { FONT, HALO, LABEL } from "./colours";
import { placeNames, wayOff } from "./places";
import type { Area, Placed, Shape } from "./places";
import type { Box } from "./raster";
import { MICRO_ZOOM, discRadius } from "./styles";

const CELL = 4;
const LINE = 1.3;

interface Look {
  weight: string;
  size: number;
  /** Pixels to others where a name lies across borders. */
  room: number;
}

const LOOKS: Record<string, Look> = {
  city: { weight: "600", size: 18, room: 4 },
  county: { weight: "600", size: 16, room: 4 },
  street: { weight: "600", size: 15, room: 5 },
  community: { weight: "400", size: 14, room: 6 },
  grid: { weight: "400", size: 13, room: 6 },
  micro: { weight: "400", size: 12, room: 14 },
};
const PLAIN = LOOKS["grid"]!;

interface Named extends Area {
  name: string;
  level: string;
}

const pen = document.createElement("canvas").getContext("2d")!;

/** In elder mode names grow with the rest of the page; lines stand as close as their places are reckoned. */
function fontOf({ weight, size }: Look): string {
  const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  return `${weight} ${Math.round(size * scale)}px/${LINE} ${FONT}`;
}

/** One line, two or three, never of single characters; each with its cost in pixels of distance. */
export function waysToWrite(name: string): [string, number][] {
  const ways: [string, number][] = [[name, 0]];
  if (!/^[\u2e80-\u9fff]+$/.test(name)) {
    const blank = name.indexOf(" ", name.length / 3);
    if (blank > 0) ways.push([`${name.slice(0, blank)}\n${name.slice(blank + 1)}`, 40]);
    return ways;
  }
  if (name.length > 3) ways.push([lines(name, 2), 40]);
  if (name.length > 5) ways.push([lines(name, 3), 80]);
  return ways;
}

/** As long as each other, the longer ones first. */
function lines(name: string, count: number): string {
  const start = (line: number): number => Math.ceil((line * name.length) / count);
  return Array.from({ length: count }, (_, line) => name.slice(start(line), start(line + 1))).join("\n");
}

function shapesOf(name: string, look: Look): Shape[] {
  pen.font = fontOf(look);
  const size = Number(/(\d+)px/.exec(pen.font)?.[1] ?? look.size);
  return waysToWrite(name).map(([text, cost]) => {
    const written = text.split("\n");
    const width = Math.max(...written.map((line) => pen.measureText(line).width));
    return { text, cost: cost / CELL, width: Math.ceil((width + 4) / CELL), height: Math.ceil((written.length * size * LINE + 6) / CELL) };
  });
}

function styleOf({ text, level }: { text: string; level: string }): Style {
  return new Style({
    text: new Text({
      text, font: fontOf(LOOKS[level] ?? PLAIN), fill: new Fill({ color: LABEL }), stroke: new Stroke({ color: HALO, width: 3 }),
    }),
  });
}

export class Names {
  readonly layer = new VectorLayer({ source: new VectorSource(), zIndex: 40 });
  private arrived = 0;
  private stands = "";
  private readonly aside = new Map<string, [number, number]>();

  constructor(private readonly map: OlMap, private readonly grids: VectorTileLayer, private readonly matters?: VectorTileLayer) {
    for (const layer of [grids, matters]) layer?.getSource()?.on("tileloadend", () => { this.arrived += 1; });
  }

  /** By how many pixels a disc is drawn aside, to the right and down. */
  asideOf(feature: FeatureLike): [number, number] {
    return this.aside.get(keyOf(feature)) ?? [0, 0];
  }

  /** What is written on the map now. */
  shown(): string[] {
    if (!this.layer.getVisible()) return [];
    return this.layer.getSource()!.getFeatures().map((feature) => String(feature.get("name"))).sort();
  }

  /** Places the names of what is in view; says whether anything changed since the last time. */
  place(): boolean {
    const view = this.map.getView();
    const size = this.map.getSize();
    const resolution = view.getResolution();
    if (!size || !resolution) return false;
    const extent = view.calculateExtent(size);
    const stands = [extent, size, this.arrived, this.matters?.getVisible(), fontOf(PLAIN)].join(" ");
    if (stands === this.stands) return false;
    this.stands = stands;
    const step = resolution * CELL;
    const to: ToCells = (x, y) => [(x - extent[0]!) / step, (extent[3]! - y) / step];
    const areas = this.areasIn(extent, to, Math.round(view.getZoom() ?? 0));
    const discs = this.matters?.getVisible() ? discsIn(this.matters, extent, to) : [];
    const floors = [areas.filter(({ level }) => level !== "micro"), areas.filter(({ level }) => level === "micro")];
    const placed = placeNames(Math.floor(size[0]! / CELL), Math.floor(size[1]! / CELL), floors.map((floor) => floor.map((area) => areas.indexOf(area))), areas, [...discs, ...toolsOver(this.map.getTargetElement()!)]);
    this.write(placed.map(({ area, shape, x, y }) => ({ ...areas[area]!, text: shape.text, at: [extent[0]! + x * step, extent[3]! - y * step] })));
    this.makeWay(discs, placed);
    return true;
  }

  private areasIn(extent: number[], to: ToCells, zoom: number): Named[] {
    const found = new Map<string, Named>();
    for (const feature of this.grids.getFeaturesInExtent(extent) as RenderFeature[]) {
      const level = String(feature.get("level"));
      if (level === "micro" && zoom <= MICRO_ZOOM) continue;
      const code = String(feature.get("code"));
      let area = found.get(code);
      if (!area) {
        const name = String(feature.get("name") ?? code);
        const look = LOOKS[level] ?? PLAIN;
        area = { name, level, pieces: [], shapes: shapesOf(name, look), anchor: null, room: Math.ceil(look.room / CELL) };
        found.set(code, area);
      }
      const flat = feature.getFlatCoordinates();
      if (feature.get("layer") === "label") area.anchor = to(flat[0]!, flat[1]!);
      else area.pieces.push(ringsOf(flat, feature.getEnds() as number[], to));
    }
    return [...found.values()];
  }

  /** A disc that stands for several matters lies about where they are: it goes aside for a name. */
  private makeWay(discs: Disc[], names: Placed[]): void {
    this.aside.clear();
    for (const disc of discs) {
      const way = disc.several ? wayOff(disc, names) : undefined;
      if (way) this.aside.set(disc.key, way.map((cells) => Math.round(cells * CELL)) as [number, number]);
    }
    this.matters?.changed();
  }

  private write(names: { text: string; name: string; level: string; at: number[] }[]): void {
    const features = names.map(({ at, ...about }) => {
      const feature = new Feature({ geometry: new Point(at), name: about.name });
      feature.setStyle(styleOf(about));
      return feature;
    });
    const source = this.layer.getSource()!;
    source.clear(true);
    source.addFeatures(features);
  }
}

/** Names the discs of a matter tile by their place. */
function keyOf(feature: FeatureLike): string {
  return (feature as RenderFeature).getFlatCoordinates().join(" ");
}

type ToCells = (x: number, y: number) => [number, number];

function ringsOf(flat: number[], ends: number[], to: ToCells): number[][] {
  let start = 0;
  return ends.map((end) => {
    const ring: number[] = [];
    for (; start < end; start += 2) ring.push(...to(flat[start]!, flat[start + 1]!));
    return ring;
  });
}

/** What the page itself lays on the map. */
function toolsOver(map: HTMLElement): Box[] {
  const frame = map.getBoundingClientRect();
  const tools = map.parentElement?.querySelectorAll(".map-tools, .map-legend, .ol-scale-line") ?? [];
  return [...tools].map((tool) => tool.getBoundingClientRect()).map((seen) => ({
    x: (seen.left - frame.left) / CELL, y: (seen.top - frame.top) / CELL, width: seen.width / CELL, height: seen.height / CELL,
  }));
}

interface Disc extends Box {
  key: string;
  several: boolean;
}

function discsIn(matters: VectorTileLayer, extent: number[], to: ToCells): Disc[] {
  return (matters.getFeaturesInExtent(extent) as FeatureLike[]).map((feature) => {
    const [x, y] = to(...((feature as RenderFeature).getFlatCoordinates() as [number, number]));
    const n = Number(feature.get("n") ?? 1);
    const radius = (discRadius(n) + 1) / CELL;
    return { key: keyOf(feature), several: n > 1, x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
  });
}
