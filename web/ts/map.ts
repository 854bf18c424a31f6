// Loaded on pages with a map.
import "./polyfills";
import { WgMap } from "./map/wg-map";
import { WgPointPicker } from "./map/wg-point-picker";
import { WgPreviewMap } from "./map/wg-preview-map";

customElements.define("wg-map", WgMap);
customElements.define("wg-point-picker", WgPointPicker);
customElements.define("wg-preview-map", WgPreviewMap);
