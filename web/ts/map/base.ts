// An OpenLayers map as this project wants it: canvas, whole zoom levels, degrees in and out.
import Map from "ol/Map";
import View from "ol/View";
import { defaults as defaultControls } from "ol/control/defaults";
import ScaleLine from "ol/control/ScaleLine";
import Attribution from "ol/control/Attribution";
import type { Extent } from "ol/extent";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj";

export type LonLat = [number, number];
export const GRID_MAX_ZOOM = 14;
export const MAX_ZOOM = 20;
/** How a view is fitted to a grid or a whole area: the tools at its side cover nothing of it. */
export const WHOLE = { padding: [32, 64, 32, 32], maxZoom: 18 };

export interface MapOptions {
  scale?: boolean;
  /** The map is what the page is about: the wheel is its own. One among other things has it once it was clicked. */
  fills?: boolean;
  minZoom?: number;
}

export function createMap(target: HTMLElement, options: MapOptions = {}): Map {
  const controls = defaultControls({ zoom: false, rotate: false, attribution: false });
  controls.push(new Attribution({ collapsible: false, tipLabel: "" }));
  if (options.scale) controls.push(new ScaleLine({ units: "metric", minWidth: 80 }));
  const map = new Map({
    target,
    controls,
    interactions: defaultInteractions({ onFocusOnly: !options.fills }),
    view: new View({ center: fromLonLat([105, 35]), zoom: 4, minZoom: options.minZoom ?? 3, maxZoom: MAX_ZOOM, constrainResolution: true, enableRotation: false }),
  });
  // The paper is as wide as it is: the browser takes its picture right after this
  window.matchMedia("print").addEventListener("change", () => {
    map.updateSize();
    map.renderSync();
  });
  return map;
}

/** The words of an attribution, which files often write as HTML and OpenLayers would take as such. */
export function plain(attribution: string | undefined): string[] {
  const span = document.createElement("span");
  span.textContent = new DOMParser().parseFromString(attribution ?? "", "text/html").body.textContent;
  return attribution ? [span.innerHTML] : [];
}

export function lonLat(coordinate: number[]): LonLat {
  const [lon, lat] = toLonLat(coordinate);
  return [lon ?? 0, lat ?? 0];
}

export function mercator(place: LonLat): number[] {
  return fromLonLat(place);
}

export function mercatorExtent(degrees: Extent): Extent {
  return transformExtent(degrees, "EPSG:4326", "EPSG:3857");
}

/** Leaves for the login page, which comes back to this view. */
export function toSignIn(): void {
  window.location.assign(`/login?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);
}

export async function getJson<T>(url: string, signedOut?: () => void): Promise<T> {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (answer.status === 401) signedOut?.();
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return (await answer.json()) as T;
}
