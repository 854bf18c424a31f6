// What lies under a pixel.
import type { FeatureLike } from "ol/Feature";
import type Map from "ol/Map";
import type { Layers } from "./layers";

const MOST_VISIBLE = 500;

export interface Thing {
  feature: FeatureLike;
  matter: boolean;
}

/** The finest grid drawn there. */
export function gridAt(map: Map, layers: Layers, pixel: number[]): FeatureLike | undefined {
  const found: FeatureLike[] = [];
  map.forEachFeatureAtPixel(pixel, (feature) => {
    if (feature.get("layer") === "grid") found.push(feature);
  }, { layerFilter: (layer) => layer === layers.grids });
  return found.find((feature) => feature.get("level") === "micro") ?? found[0];
}

/** Codes of the grids that are in view, sorted. */
export function visibleCodes(map: Map, layers: Layers): string[] {
  const codes = new Set<string>();
  for (const feature of layers.grids.getFeaturesInExtent(map.getView().calculateExtent(map.getSize()))) {
    if (feature.get("layer") === "grid" && codes.size < MOST_VISIBLE) codes.add(String(feature.get("code")));
  }
  return [...codes].sort();
}

/** Names of the layers of things that are in view: the matters', the plugins'. */
export function layersInView(map: Map, layers: Layers): string[] {
  const extent = map.getView().calculateExtent(map.getSize());
  const matters = layers.matters.getVisible() && layers.matters.getFeaturesInExtent(extent).length > 0;
  const plugins = layers.shown().map(({ name }) => name).filter((name) => layers.plugin(name)?.getSource()?.getFeaturesInExtent(extent).length);
  return [...(matters ? ["matters"] : []), ...plugins];
}

/** A matter, or something of a plugin's layer. */
export function thingAt(map: Map, layers: Layers, pixel: number[]): Thing | undefined {
  return map.forEachFeatureAtPixel(pixel, (feature, layer) => ({ feature, matter: layer === layers.matters }), {
    hitTolerance: 4,
    layerFilter: (layer) => layer === layers.matters || layers.isPlugin(layer),
  });
}
