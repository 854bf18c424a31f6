// Loaded on pages with a map: brings the code of the kinds of map that the page has.
import "./polyfills";

const ELEMENTS: Record<string, () => Promise<CustomElementConstructor>> = {
  "wg-compare-map": async () => (await import("./map/wg-compare-map")).WgCompareMap,
  "wg-grid-editor": async () => (await import("./editor/wg-grid-editor")).WgGridEditor,
  "wg-map": async () => (await import("./map/wg-map")).WgMap,
  "wg-point-picker": async () => (await import("./map/wg-point-picker")).WgPointPicker,
  "wg-preview-map": async () => (await import("./map/wg-preview-map")).WgPreviewMap,
};

async function define(): Promise<void> {
  for (const [name, load] of Object.entries(ELEMENTS)) {
    if (!document.querySelector(name) || customElements.get(name)) continue;
    const element = await load();
    if (!customElements.get(name)) customElements.define(name, element);
  }
}

document.addEventListener("htmx:after:swap", () => void define());
void define();
