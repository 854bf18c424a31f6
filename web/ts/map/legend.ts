// The legend in the map's corner and on the printed sheet.
import { html } from "lit";
import type { TemplateResult } from "lit";
import { fillText } from "./config";
import { hatchMark } from "./hatch";
import type { LayerConfig, MapConfig } from "./config";
import type { ThemeClass } from "./theme";

export interface Shown {
  level: string;
  matters: boolean;
  layers: LayerConfig[];
  theme: { title: string; classes: ThemeClass[]; unknown: number };
}

function range({ from, to }: ThemeClass): string {
  return to === null ? `≥ ${from}` : from === to ? `${from}` : `${from}–${to}`;
}

export function mark(shape: string, colour: string): TemplateResult {
  const shapes: Record<string, TemplateResult> = {
    square: html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><rect x="3" y="3" width="10" height="10" fill=${colour}></rect></svg>`,
    triangle: html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2 14 13H2z" fill=${colour}></path></svg>`,
    diamond: html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1 15 8 8 15 1 8z" fill=${colour}></path></svg>`,
    star: html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><path d="m8 1 2 5h5l-4 3.500 1.500 5.500L8 12l-4.500 3L5 9.500 1 6h5z" fill=${colour}></path></svg>`,
    line: html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><path d="M1 8h14" stroke=${colour} stroke-width="2"></path></svg>`,
    area: html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><rect x="1" y="3" width="14" height="10" fill=${colour} fill-opacity=".2" stroke=${colour} stroke-width="2"></rect></svg>`,
    grid: html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><rect x="1" y="3" width="14" height="10" fill="#dfeaf5" stroke=${colour}></rect></svg>`,
  };
  return shapes[shape] ?? html`<svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5" fill=${colour}></circle></svg>`;
}

export function legend(config: MapConfig, shown: Shown): TemplateResult {
  const texts = config.texts;
  const level = config.level_names[shown.level] ?? shown.level;
  const { title, classes, unknown } = shown.theme;
  const themed = classes.length > 0 || unknown > 0;
  const count = (n: number): string => fillText(texts["n_grids"] ?? "", { n });
  return html`
    ${themed ? html`<p>${title} · ${level}</p>` : null}
    <ul>
    ${classes.map((part) => html`<li class="class"><svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true"><rect x="1" y="2" width="14" height="12" fill=${part.colour} stroke="#6b7a8c"></rect></svg>
      <span>${range(part)}</span><span class="grids">${count(part.grids)}</span></li>`)}
    ${unknown ? html`<li class="class"><svg class="map-mark" viewBox="0 0 16 16" aria-hidden="true">${hatchMark()}</svg>
      <span>${texts["no_data"]}</span><span class="grids">${count(unknown)}</span></li>` : null}
    ${config.version === null || themed ? null : html`<li>${mark("grid", "#6b7a8c")}${level}</li>`}
    ${shown.matters ? html`<li>${mark("point", "#d9480f")}${texts["matter_open"]}</li>` : null}
    ${shown.layers.map((layer) => html`<li>${mark(layer.shape, layer.colour)}${layer.title}</li>`)}
  </ul>`;
}
