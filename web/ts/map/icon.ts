import { svg } from "lit";
import type { TemplateResult } from "lit";

/** One symbol of the sprite whose address the page's own icons use. */
export function icon(name: string): TemplateResult {
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";
  return svg`<svg class="icon" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;
}
