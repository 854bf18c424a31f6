// <wg-compare-map>: the leaves before and after a plan side by side; the one map moves with the other.
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import VectorSource from "ol/source/Vector";
import { createEmpty, extend, isEmpty } from "ol/extent";
import { fillOf } from "../editor/styles";
import { createMap } from "./base";
import { changes, labelLayers } from "./compare-labels";

const FORMAT = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });

/** What changes is shown below the switch of the reference layers, however large letters are. */
const ABOVE = 64;

export class WgCompareMap extends HTMLElement {
  maps: OlMap[] = [];

  connectedCallback(): void {
    if (this.querySelector(".map-view")) return;
    const sides = ["before", "after"].map((side) => this.side(side));
    const [first, second] = sides;
    this.maps = sides.map(({ map }) => map);
    second!.map.setView(first!.map.getView());
    first!.map.getView().setConstrainResolution(false);
    void import("./references").then(async ({ layReferences }) => layReferences(second!.map, await layReferences(first!.map)));
    void Promise.all(sides.map(({ source, url }) => read(source, url))).finally(() => {
      labelLayers(sides.map(({ source }) => source.getFeatures())).forEach((layer, side) => this.maps[side]!.addLayer(layer));
      const seen = changedExtent(sides.map(({ source }) => source));
      const fit = (): void => { if (!isEmpty(seen)) first!.map.getView().fit(seen, { padding: [ABOVE, 24, 24, 24], maxZoom: 18 }); };
      fit();
      onPaper(this.maps, fit);
      this.dataset["shapes"] = sides.map(({ source }) => source.getFeatures().length).join(" ");
      this.dataset["ready"] = "true";
    });
  }

  private side(name: string): { map: OlMap; source: VectorSource; url: string } {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    caption.textContent = this.dataset[`${name}Title`] ?? "";
    const view = document.createElement("div");
    view.className = "map-view";
    view.tabIndex = 0;
    view.setAttribute("role", "application");
    view.setAttribute("aria-label", caption.textContent);
    figure.append(caption, view);
    this.append(figure);
    const source = new VectorSource();
    const map = createMap(view, { scale: name === "after" });
    map.addLayer(new VectorLayer({ source, style: fillOf, zIndex: 10 }));
    return { map, source, url: this.dataset[name] ?? "" };
  }
}

/** What changes on either side; all that there is where nothing does. */
function changedExtent(sources: VectorSource[]): number[] {
  const seen = createEmpty();
  for (const source of sources) {
    const all = source.getFeatures();
    const own = all.filter(changes);
    for (const feature of own.length ? own : all) extend(seen, feature.getGeometry()!.getExtent());
  }
  return seen;
}

/** The paper shows all that changes, whatever part the screen shows; afterwards the screen shows that part again. */
function onPaper(maps: OlMap[], fit: () => void): void {
  const view = maps[0]!.getView();
  let left: { center: number[] | undefined; resolution: number | undefined } | null = null;
  window.matchMedia("print").addEventListener("change", ({ matches }) => {
    for (const map of maps) map.updateSize();
    if (matches) {
      left = { center: view.getCenter(), resolution: view.getResolution() };
      fit();
    } else if (left) {
      view.setCenter(left.center);
      view.setResolution(left.resolution);
      left = null;
    }
    for (const map of maps) map.renderSync();
  });
}

async function read(source: VectorSource, url: string): Promise<void> {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const features = FORMAT.readFeatures(await answer.json());
  features.sort((a, b) => Number(changes(a)) - Number(changes(b)));
  source.addFeatures(features);
}
