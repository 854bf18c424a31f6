// The base map ladder: paper, vector tiles in muted colours, or images. No borders and no country names are drawn.
import MVT from "ol/format/MVT";
import type BaseLayer from "ol/layer/Base";
import TileLayer from "ol/layer/Tile";
import VectorTileLayer from "ol/layer/VectorTile";
import VectorTileSource from "ol/source/VectorTile";
import XYZ from "ol/source/XYZ";
import { Fill, Stroke, Style, Text } from "ol/style";
import type { StyleFunction } from "ol/style/Style";
import type { FeatureLike } from "ol/Feature";
import { createXYZ } from "ol/tilegrid";
import type { BasemapConfig } from "./config";
import { FONT } from "./colours";
import { plain } from "./base";

interface Rule {
  layers: string[];
  match?: (kind: string, feature: FeatureLike) => boolean;
  style: Style;
}

const area = (color: string, zIndex: number): Style => new Style({ fill: new Fill({ color }), zIndex });
const line = (color: string, width: number, zIndex: number): Style => new Style({ stroke: new Stroke({ color, width }), zIndex });
const GREEN = /park|wood|forest|grass|garden|farmland|meadow|scrub|nature|golf|cemetery|orchard/;
const MAJOR = /highway|motorway|trunk/;
const MEDIUM = /major|primary|secondary/;
const MINOR = /medium|minor|tertiary|residential|unclassified|service|street/;

// Layer names of the Protomaps v4 schema first, those of OpenMapTiles and plain exports after.
const RULES: Rule[] = [
  { layers: ["earth", "land"], style: area("#f4f5f2", 0) },
  { layers: ["landuse", "landcover", "park", "natural"], match: (kind) => GREEN.test(kind), style: area("#e3ecdc", 1) },
  { layers: ["water", "waterway", "ocean"], match: (_kind, feature) => typeOf(feature).includes("Polygon"), style: area("#cddfec", 2) },
  { layers: ["water", "waterway", "physical_line"], style: line("#b9d2e4", 1.25, 2) },
  { layers: ["buildings", "building"], style: new Style({ fill: new Fill({ color: "#e4e2de" }), stroke: new Stroke({ color: "#d3d0ca", width: 0.5 }), zIndex: 3 }) },
  { layers: ["roads", "transportation", "road"], match: (kind) => /rail/.test(kind), style: line("#b9b4bd", 1, 4) },
  { layers: ["roads", "transportation", "road"], match: (kind) => MAJOR.test(kind), style: line("#e9c79a", 3.5, 7) },
  { layers: ["roads", "transportation", "road"], match: (kind) => MEDIUM.test(kind), style: line("#f5e3b8", 2.5, 6) },
  { layers: ["roads", "transportation", "road"], match: (kind) => MINOR.test(kind), style: line("#ffffff", 2, 5) },
  { layers: ["roads", "transportation", "road"], style: line("#dfdfdc", 1, 5) },
];
const NAMED = new Set(["places", "place", "roads", "transportation_name", "water", "pois", "poi"]);
const ADMINISTRATIVE = /country|region|state|province|county|continent/;

function typeOf(feature: FeatureLike): string {
  return feature.getGeometry()?.getType() ?? "";
}

function kindOf(feature: FeatureLike): string {
  return ["kind", "class", "pmap:kind", "highway", "landuse", "type"].map((name) => String(feature.get(name) ?? "")).join(" ");
}

export function basemapStyle(): StyleFunction {
  const names = new Map<string, Style>();
  return (feature, resolution) => {
    const layer = String(feature.get("layer"));
    const kind = kindOf(feature);
    const rule = RULES.find((candidate) => candidate.layers.includes(layer) && (!candidate.match || candidate.match(kind, feature)));
    const name = feature.get("name:zh") ?? feature.get("name");
    if (!name || !NAMED.has(layer) || ADMINISTRATIVE.test(kind) || resolution > 40) return rule?.style;
    if (layer === "roads" && resolution > 6) return rule?.style;
    const key = `${layer} ${String(name)}`;
    let text = names.get(key);
    if (!text) {
      text = new Style({
        zIndex: 10,
        text: new Text({
          text: String(name), font: `12px ${FONT}`, placement: typeOf(feature).includes("Line") ? "line" : "point",
          fill: new Fill({ color: "#6a7079" }), stroke: new Stroke({ color: "rgba(255,255,255,0.85)", width: 2.5 }),
        }),
      });
      names.set(key, text);
    }
    return rule && typeOf(feature) !== "Point" ? [rule.style, text] : text;
  };
}

// Below a file's first level OpenLayers would ask for all its tiles at once, four times as many with each zoom out.
const restsBelow = (level: number): number => level - 2;

export function basemapLayer(config: BasemapConfig, onError: () => void): BaseLayer {
  if (config.kind === "raster") {
    const source = new XYZ({ url: config.url, minZoom: config.minzoom, maxZoom: config.maxzoom, attributions: plain(config.attribution), transition: 0 });
    source.on("tileloaderror", onError);
    return new TileLayer({ source, zIndex: 0, minZoom: restsBelow(config.minzoom) });
  }
  const source = new VectorTileSource({
    format: new MVT(),
    url: config.url,
    tileGrid: createXYZ({ minZoom: config.minzoom, maxZoom: config.maxzoom, tileSize: 512 }),
    attributions: plain(config.attribution),
    transition: 0,
  });
  source.on("tileloaderror", onError);
  return new VectorTileLayer({ source, style: basemapStyle(), background: "#f4f5f2", zIndex: 0, declutter: "basemap", minZoom: restsBelow(config.minzoom + 1) });
}
