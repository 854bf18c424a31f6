// What was clicked on a layer or among the matters, above the grid's card.
import { html, nothing, render } from "lit";
import type { FeatureLike } from "ol/Feature";
import { fill } from "./config";

export function featureCard(target: HTMLElement | null, feature: FeatureLike | undefined, matterUrl: string, texts: Record<string, string>): void {
  if (!target) return;
  if (!feature) {
    render(nothing, target);
    return;
  }
  const get = (name: string): string => String(feature.get(name) ?? "");
  const id = get("id");
  render(html`<article class="feature-card">
    <h2>${matterUrl && id ? html`<a href=${fill(matterUrl, { id })}>${get("title")}</a>` : get("title")}</h2>
    ${get("number") ? html`<p class="meta">${get("number")}</p>` : nothing}
    ${get("text") ? html`<p>${get("text")}</p>` : nothing}
    ${/^\/(?!\/)/.test(get("href")) ? html`<a href=${get("href")}>${texts["open"]}</a>` : nothing}
    ${matterUrl && id ? html`<a class="btn btn-sm btn-primary" href=${fill(matterUrl, { id })}>${texts["open"]}</a>` : nothing}
  </article>`, target);
}
