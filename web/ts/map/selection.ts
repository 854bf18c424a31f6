// The chosen grid: its outline on the map, its card beside it.
import type OlMap from "ol/Map";
import { WHOLE, getJson, toSignIn } from "./base";
import { fill } from "./config";
import type { MapConfig } from "./config";
import type { Layers } from "./layers";

declare global {
  interface Window {
    htmx: { ajax(verb: string, path: string, options: { source: string; target: string; swap: string }): Promise<void> };
  }
}

export interface Choice {
  /** Whether the map goes to the grid. */
  move?: boolean;
  /** Whether the card must be fetched. */
  load?: boolean;
  /** Whether the keyboard goes to the card. */
  focus?: boolean;
}

/** Fetches a part of the page; a later request for the same part overtakes an earlier one, others go on. */
export function fetchInto(target: string, url: string): Promise<void> {
  return window.htmx.ajax("GET", url, { source: target, target, swap: "innerHTML" });
}

export class Selection {
  code: string | null = null;

  constructor(private readonly map: OlMap, private readonly layers: Layers, private readonly config: MapConfig, private readonly unknown: (code: string) => void) {}

  async choose(code: string, { move = false, load = true, focus = false }: Choice = {}): Promise<void> {
    this.code = code;
    if (load) document.querySelector("#grid-card")?.setAttribute("aria-busy", "true");
    const card = load ? fetchInto("#grid-card", fill(this.config.urls.card, { code })) : undefined;
    try {
      await Promise.all([this.outline(code, move), card]);
    } finally {
      if (this.code === code) document.querySelector("#grid-card")?.removeAttribute("aria-busy");
    }
    if (focus) document.querySelector<HTMLElement>("#grid-card h2 a")?.focus();
  }

  private async outline(code: string, move: boolean): Promise<void> {
    const source = this.layers.selection.getSource()!;
    try {
      const [{ default: GeoJSON }, shape] = await Promise.all([import("ol/format/GeoJSON"), getJson<object>(fill(this.config.urls.shape, { code }), toSignIn)]);
      if (this.code !== code) return;
      const features = new GeoJSON().readFeatures(shape, { dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
      source.clear();
      source.addFeatures(features);
      if (move) this.map.getView().fit(source.getExtent()!, WHOLE);
    } catch {
      source.clear();
      this.unknown(code);
    }
  }
}
