// <wg-compare-map>: the leaves before and after a plan side by side; the one map moves with the other.
import GeoJSON from "ol/format/GeoJSON";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import VectorSource from "ol/source/Vector";
import { createEmpty, extend, isEmpty } from "ol/extent";
import { leafStyle } from "../editor/styles";
import { createMap } from "./base";

const FORMAT = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });

export class WgCompareMap extends HTMLElement {
  connectedCallback(): void {
    if (this.querySelector(".map-view")) return;
    const sides = ["before", "after"].map((side) => this.side(side));
    const [first, second] = sides;
    second!.map.setView(first!.map.getView());
    first!.map.getView().setConstrainResolution(false);
    void import("./references").then(async ({ layReferences }) => layReferences(second!.map, await layReferences(first!.map)));
    void Promise.all(sides.map(({ source, url }) => read(source, url))).finally(() => {
      const seen = createEmpty();
      for (const { source } of sides) {
        const all = source.getFeatures();
        const own = all.filter((feature) => feature.get("fate") !== "kept");
        for (const feature of own.length ? own : all) extend(seen, feature.getGeometry()!.getExtent());
      }
      if (!isEmpty(seen)) first!.map.getView().fit(seen, { padding: [24, 24, 24, 24], maxZoom: 18 });
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
    map.addLayer(new VectorLayer({ source, style: leafStyle, zIndex: 10, declutter: true }));
    return { map, source, url: this.dataset[name] ?? "" };
  }
}

async function read(source: VectorSource, url: string): Promise<void> {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const features = FORMAT.readFeatures(await answer.json());
  features.sort((a, b) => Number(a.get("fate") !== "kept") - Number(b.get("fate") !== "kept"));
  source.addFeatures(features);
}
