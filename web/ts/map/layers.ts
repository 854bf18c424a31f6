// The layers of the workbench: grids, labels, hover, selection, matters, layers of plugins, base map.
import type Feature from "ol/Feature";
import MVT from "ol/format/MVT";
import type BaseLayer from "ol/layer/Base";
import VectorLayer from "ol/layer/Vector";
import VectorTileLayer from "ol/layer/VectorTile";
import type Map from "ol/Map";
import VectorSource from "ol/source/Vector";
import VectorTileSource from "ol/source/VectorTile";
import { createXYZ } from "ol/tilegrid";
import { GRID_MAX_ZOOM, getJson, plain } from "./base";
import type { LayerConfig, MapConfig } from "./config";
import type { Theme } from "./theme";
import { Names } from "./names";
import { gridStyle, hoverStyle, layerStyle, matterStyle, selectedStyles } from "./styles";

function tiles(url: string): VectorTileSource {
  return new VectorTileSource({
    format: new MVT(),
    url,
    tileGrid: createXYZ({ maxZoom: GRID_MAX_ZOOM, tileSize: 256 }),
    transition: 0,
  });
}

/** What a plugin's address tells, by code that only maps with such layers need. */
async function featuresOf(url: string): Promise<Feature[]> {
  const [{ default: GeoJSON }, told] = await Promise.all([import("ol/format/GeoJSON"), getJson<object>(url)]);
  return new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" }).readFeatures(told);
}

export interface Failures {
  basemap(): void;
  plugin(title: string): void;
}

export class Layers {
  readonly grids: VectorTileLayer;
  readonly matters: VectorTileLayer;
  readonly selection = new VectorLayer({ source: new VectorSource(), style: selectedStyles, zIndex: 36 });
  hovered = "";
  private readonly hover: VectorTileLayer;
  readonly names: Names;
  private readonly plugins: Record<string, VectorLayer> = {};
  private basemap: BaseLayer | undefined;
  private wanted = "";

  constructor(private readonly map: Map, private readonly config: MapConfig, theme: Theme, private readonly failed: Failures) {
    const source = tiles(config.urls.tile.replace("{version}", String(config.version ?? 0)));
    const zoom = (): number => Math.round(map.getView().getZoom() ?? 0);
    this.grids = new VectorTileLayer({ source, style: gridStyle(zoom, (level, code) => theme.colour(level, code)), zIndex: 10, visible: config.version !== null });
    this.hover = new VectorTileLayer({
      source, zIndex: 20, renderMode: "vector", visible: config.version !== null,
      style: (feature) => (this.hovered && feature.get("layer") === "grid" && feature.get("code") === this.hovered ? hoverStyle : undefined),
    });
    this.matters = new VectorTileLayer({
      source: tiles(config.urls.matters_tile), zIndex: 38, declutter: "matters", visible: config.matters,
      style: matterStyle((feature) => this.names.asideOf(feature)),
    });
    this.names = new Names(map, this.grids, this.matters);
    for (const layer of [this.grids, this.hover, this.selection, this.names.layer, this.matters]) map.addLayer(layer);
  }

  setHovered(code: string): void {
    if (code === this.hovered) return;
    this.hovered = code;
    this.hover.changed();
  }

  plugin(name: string): VectorLayer | undefined {
    return this.plugins[name];
  }

  isPlugin(layer: unknown): boolean {
    return Object.values(this.plugins).includes(layer as VectorLayer);
  }

  shown(): LayerConfig[] {
    return this.config.layers.filter((about) => this.plugins[about.name]?.getVisible());
  }

  togglePlugin(name: string, on: boolean): void {
    const about = this.config.layers.find((layer) => layer.name === name);
    if (!about) return;
    let layer = this.plugins[name];
    if (!layer) {
      const source: VectorSource = new VectorSource({
        attributions: plain(about.attribution),
        loader: (_extent, _resolution, _projection, done, failed) => {
          void featuresOf(about.url).then((features) => {
            source.addFeatures(features);
            done?.(features);
          }).catch(() => failed?.());
        },
      });
      source.on("featuresloaderror", () => this.drop(about));
      layer = new VectorLayer({
        source,
        style: layerStyle(about.colour, about.shape),
        zIndex: 45,
        declutter: "plugins",
      });
      this.plugins[name] = layer;
      this.map.addLayer(layer);
    }
    layer.setVisible(on);
  }

  /** Forgets a layer that did not arrive, so that switching it on asks again. */
  private drop(about: LayerConfig): void {
    const layer = this.plugins[about.name];
    if (layer) this.map.removeLayer(layer);
    delete this.plugins[about.name];
    this.failed.plugin(about.title);
  }

  toggle(which: "grids" | "labels" | "matters", on: boolean): void {
    const layer = { grids: this.grids, labels: this.names.layer, matters: this.matters }[which];
    layer.setVisible(on && (which === "matters" || this.config.version !== null));
  }

  /** The code of base maps is fetched with the first one. */
  async showBasemap(name: string): Promise<void> {
    this.wanted = name;
    const about = this.config.basemaps.find((candidate) => candidate.name === name);
    const make = about ? (await import("./basemap")).basemapLayer : undefined;
    if (this.wanted !== name) return;
    if (this.basemap) this.map.removeLayer(this.basemap);
    this.basemap = about && make ? make(about, this.failed.basemap) : undefined;
    if (this.basemap) this.map.addLayer(this.basemap);
  }
}
