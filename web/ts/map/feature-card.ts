// What was clicked above the grids, told over the grid's card: a matter, or something of a plugin's layer.
import { html, nothing, render } from "lit";
import type { TemplateResult } from "lit";
import type { FeatureLike } from "ol/Feature";
import { fill } from "./config";
import type { MapConfig } from "./config";
import type { Thing } from "./picking";
import { fetchInto } from "./selection";

export function tell(thing: Thing | undefined, config: MapConfig): void {
  const matter = thing?.matter ? String(thing.feature.get("id") ?? "") : "";
  const target = document.querySelector<HTMLElement>("#map-feature");
  if (target) render(thing && !matter ? card(thing.feature, config.texts) : nothing, target);
  if (matter) void fetchInto("#map-matter", fill(config.urls.matter, { id: matter }));
  else document.querySelector("#map-matter")?.replaceChildren();
}

function card(feature: FeatureLike, texts: Record<string, string>): TemplateResult {
  const get = (name: string): string => String(feature.get(name) ?? "");
  return html`<article class="feature-card">
    <h2>${get("title")}</h2>
    ${get("text") ? html`<p>${get("text")}</p>` : nothing}
    ${/^\/(?!\/)/.test(get("href")) ? html`<a href=${get("href")}>${texts["open"]}</a>` : nothing}
  </article>`;
}
