// Roads, water, buildings and house numbers under the grids, with their switches; fetched by maps when there are any.
import type { FeatureLike } from "ol/Feature";
import MVT from "ol/format/MVT";
import Control from "ol/control/Control";
import VectorTileLayer from "ol/layer/VectorTile";
import type OlMap from "ol/Map";
import VectorTileSource from "ol/source/VectorTile";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import type { StyleFunction } from "ol/style/Style";
import { createXYZ } from "ol/tilegrid";
import { getJson, lonLat, plain } from "./base";
import { FONT, HALO } from "./colours";

interface Reference {
  code: string;
  kind: "water" | "buildings" | "roads" | "housenumbers" | "other";
  title: string;
  url: string;
  attribution: string;
  min_zoom: number;
  max_zoom: number;
  shown: boolean;
}

interface Told {
  title: string;
  layers: Reference[];
}

interface Ink {
  water: string;
  stream: string;
  building: string;
  wall: string;
  road: string;
  kerb: string;
  path: string;
  other: string;
  text: string;
  waterText: string;
}

/** Up to this rank, roads of this width at zoom 16; what ranks lower is a path. */
const WIDTHS: [number, number][] = [[9, 13], [11, 10.5], [12, 8.5], [14, 6]];
/** Quiet, so that the grids stay the main thing. */
const QUIET: Ink = {
  water: "#d3e3ef", stream: "#b7d0e3", building: "#e3e1dd", wall: "#cdcac4", other: "#aab4c0", text: "#4a5562", waterText: "#3c6488",
  road: "#ffffff", kerb: "#b9c1cb", path: "#c3cad3",
};
/** For those who asked for larger text or more contrast. */
const STRONG: Ink = {
  water: "#b9d3e8", stream: "#8db4d3", building: "#d2cec6", wall: "#a39d92", other: "#7f8b99", text: "#1f2a37", waterText: "#164e90",
  road: "#ffffff", kerb: "#7f8b99", path: "#93a1b2",
};
const KEPT = "wg-references";
const CARD = "#map-reference";
const BELOW_GRIDS = 2;
const NAMES = 34;
const STREET_NAMES = 15;
const NUMBERS = 17;

function ink(): Ink {
  const large = document.documentElement.classList.contains("elder");
  return large || window.matchMedia("(prefers-contrast: more)").matches ? STRONG : QUIET;
}

function zoomAt(resolution: number): number {
  return Math.log2(156543.034 / resolution);
}

function isArea(feature: FeatureLike): boolean {
  return feature.getGeometry()?.getType().includes("Polygon") ?? false;
}

/** The shapes of a kind; what is a street is as wide as its class and the zoom have it. */
function shapeStyle(kind: Reference["kind"]): StyleFunction {
  const { water, stream, building, wall, road, kerb, path, other } = ink();
  const area = (color: string, edge: string): Style => new Style({ fill: new Fill({ color }), stroke: new Stroke({ color: edge, width: 0.75 }) });
  const known = new Map<string, Style>();
  const line = (color: string, width: number, zIndex = 0): Style => {
    const key = `${color} ${width} ${zIndex}`;
    const style = known.get(key) ?? new Style({ zIndex, stroke: new Stroke({ color, width, lineCap: "round", lineJoin: "round" }) });
    known.set(key, style);
    return style;
  };
  const lake = area(water, stream);
  const house = area(building, wall);
  const square = area(road, kerb);
  const thing = new Style({
    fill: new Fill({ color: `${other}33` }), stroke: new Stroke({ color: other, width: 1 }),
    image: new Circle({ radius: 3, fill: new Fill({ color: other }) }),
  });
  return (feature, resolution) => {
    if (kind === "buildings") return house;
    if (kind === "other") return thing;
    const zoom = Math.round(zoomAt(resolution));
    if (kind === "water") return isArea(feature) ? lake : line(stream, Math.min(4, Math.max(1, 1.5 + (zoom - 13) * 0.5)));
    if (isArea(feature)) return square;
    const rank = Number(feature.get("rank"));
    const at16 = WIDTHS.find(([lowest]) => rank <= lowest)?.[1];
    if (at16 === undefined) return line(path, 1.25);
    const width = Math.max(1, Math.round(at16 * Math.pow(1.32, Math.min(zoom, 18) - 16) * 4) / 4);
    return width < 2 ? line(kerb, width) : [line(kerb, width + 1.5), line(road, width, 20 - rank)];
  };
}

/** Names along streets and streams, numbers at their doors. */
function nameStyle(kind: Reference["kind"]): StyleFunction {
  const { text, waterText } = ink();
  const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const numbers = kind === "housenumbers";
  const fill = new Fill({ color: kind === "water" ? waterText : text });
  const stroke = new Stroke({ color: HALO, width: 2.5 });
  const known = new Map<string, Style>();
  return (feature, resolution) => {
    const name = feature.get("name");
    const along = !numbers && !isArea(feature) && feature.getGeometry()?.getType() !== "Point";
    if (!name || zoomAt(resolution) < (numbers ? NUMBERS : STREET_NAMES) - 0.5 || (kind === "roads" && !along)) return undefined;
    const key = `${String(name)} ${along}`;
    let style = known.get(key);
    if (!style) {
      style = new Style({
        text: new Text({ text: String(name), font: `${Math.round((numbers ? 10 : 11) * scale)}px ${FONT}`, placement: along ? "line" : "point", fill, stroke }),
      });
      if (known.size > 5000) known.clear();
      known.set(key, style);
    }
    return style;
  };
}

/** A layer below the grids, and its names above them. */
class Drawn {
  private readonly parts: VectorTileLayer[];

  constructor(map: OlMap, about: Reference, at: number) {
    const source = new VectorTileSource({
      format: new MVT(), url: about.url, transition: 0, attributions: plain(about.attribution),
      tileGrid: createXYZ({ minZoom: about.min_zoom, maxZoom: about.max_zoom, tileSize: 256 }),
    });
    const minZoom = about.min_zoom - 0.5;
    const names = new VectorTileLayer({ source, style: nameStyle(about.kind), zIndex: NAMES, declutter: "references", minZoom: Math.max(minZoom, STREET_NAMES - 1), visible: false });
    const shapes = new VectorTileLayer({ source, style: shapeStyle(about.kind), zIndex: BELOW_GRIDS + at / 100, minZoom, visible: false });
    this.parts = about.kind === "housenumbers" ? [names] : about.kind === "buildings" ? [shapes] : [shapes, names];
    for (const part of this.parts) map.addLayer(part);
  }

  show(on: boolean): void {
    for (const part of this.parts) part.setVisible(on);
  }

  isAt(map: OlMap, pixel: number[]): boolean {
    const parts: unknown[] = this.parts;
    return map.hasFeatureAtPixel(pixel, { hitTolerance: 3, layerFilter: (layer) => parts.includes(layer) });
  }
}

/** What was kept of the things under a click is told beside the map. */
function tellClicked(map: OlMap, layers: Record<string, Drawn>): void {
  map.on("singleclick", ({ pixel, coordinate }) => {
    const target = document.querySelector(CARD);
    if (!target || map.getTargetElement()?.classList.contains("aiming")) return;
    const under = Object.keys(layers).filter((code) => layers[code]!.isAt(map, pixel));
    const [lon, lat] = lonLat(coordinate);
    const place = { lon: lon.toFixed(7), lat: lat.toFixed(7), z: (map.getView().getZoom() ?? 0).toFixed(2) };
    const query = new URLSearchParams([...Object.entries(place), ...under.map((code) => ["of", code])]);
    if (under.length) void window.htmx.ajax("GET", `/map/references/at?${query}`, { source: CARD, target: CARD, swap: "innerHTML" });
    else target.replaceChildren();
  });
}

function remembered(): Record<string, boolean> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Record<string, boolean>;
  } catch {
    return {};
  }
}

/** The switches of a map that has no pane for them. */
function switches(map: OlMap, told: Told): HTMLInputElement[] {
  const element = document.createElement("details");
  element.className = "map-references";
  const summary = document.createElement("summary");
  summary.textContent = told.title;
  const list = document.createElement("ul");
  const boxes = told.layers.map(({ code, title }) => {
    const [item, label, box] = [document.createElement("li"), document.createElement("label"), document.createElement("input")];
    box.type = "checkbox";
    box.autocomplete = "off";
    box.dataset["reference"] = code;
    label.append(box, title);
    item.append(label);
    list.append(item);
    return box;
  });
  element.append(summary, list);
  map.addControl(new Control({ element }));
  return boxes;
}

/** Lays the layers under a map's grids and lets its switches show and hide them; the browser remembers how they stood.
 *  `given` are switches that stand elsewhere. */
export async function layReferences(map: OlMap, given?: Iterable<HTMLInputElement>): Promise<HTMLInputElement[]> {
  const told = await getJson<Told>("/map/references");
  if (!told.layers.length) return [];
  const boxes = given ? [...given] : switches(map, told);
  const layers: Record<string, Drawn> = {};
  if (given) tellClicked(map, layers);
  for (const box of boxes) {
    const at = told.layers.findIndex(({ code }) => code === box.dataset["reference"]);
    const about = told.layers[at];
    if (!about) continue;
    const show = (): void => {
      if (box.checked) layers[about.code] ??= new Drawn(map, about, at);
      layers[about.code]?.show(box.checked);
    };
    box.checked = remembered()[about.code] ?? about.shown;
    box.addEventListener("change", (event) => {
      event.stopPropagation();
      localStorage.setItem(KEPT, JSON.stringify({ ...remembered(), [about.code]: box.checked }));
      show();
    });
    show();
  }
  return boxes;
}
