// The map's buttons and the strip that says what a click will do.
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { MapConfig } from "./config";
import { icon } from "./icon";
import type { Measure } from "./measure";

export type Mode = "" | "report" | Measure;

export function measures(mode: Mode): mode is Measure {
  return mode === "distance" || mode === "area";
}

export interface Acts {
  mode(mode: Mode): void;
  zoom(step: number): void;
  whole(): void;
  share(): void;
  print(): void;
}

function tool(name: string, title: string, action: () => void, pressed?: boolean, useless?: string): TemplateResult {
  return html`<button type="button" class="map-tool" ?disabled=${Boolean(useless)} title=${useless ? `${title} · ${useless}` : title} aria-label=${title} aria-pressed=${pressed === undefined ? nothing : String(pressed)} @click=${action}>${icon(name)}</button>`;
}

export function toolbar(config: MapConfig, mode: Mode, acts: Acts): TemplateResult {
  const text = (name: string): string => config.texts[name] ?? name;
  const useless = config.version === null ? text("empty_city") : "";
  return html`<div class="map-tools" role="toolbar" aria-label=${text("tools")}>
    <button type="button" class="map-tool for-phones" data-sheet-for="layers" aria-label=${text("layers")} aria-expanded="false">${icon("stack-2")}</button>
    ${config.urls.report ? tool("map-pin-plus", text("report"), () => acts.mode("report"), mode === "report", useless) : nothing}
    ${tool("zoom-in", text("zoom_in"), () => acts.zoom(1))}
    ${tool("zoom-out", text("zoom_out"), () => acts.zoom(-1))}
    ${tool("home", text("whole_city"), () => acts.whole(), undefined, useless)}
    ${tool("ruler-2", text("measure_distance"), () => acts.mode("distance"), mode === "distance")}
    ${tool("vector-triangle", text("measure_area"), () => acts.mode("area"), mode === "area")}
    ${tool("share", text("share"), () => acts.share(), undefined, useless)}
    ${tool("printer", text("print"), () => acts.print(), undefined, useless)}
  </div>`;
}

export function modeStrip(mode: Mode, measured: string, texts: Record<string, string>, end: () => void): TemplateResult | typeof nothing {
  if (!mode) return nothing;
  const said = mode === "report" ? texts["aim_report"] : measured || texts["aim_measure"];
  return html`<div class="map-mode" role="status"><span>${said}</span>
    <button type="button" class="btn btn-sm btn-secondary" @click=${end}>${texts["done"]}</button></div>`;
}
