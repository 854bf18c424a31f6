// <wg-preview-map>: features of an address, their defects in magenta, or a single place. Buttons elsewhere on the
// page with data-go="lon,lat" or data-go="<feature id>" move it there.
import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import VectorSource from "ol/source/Vector";
import { isEmpty } from "ol/extent";
import { Fill, Stroke, Style } from "ol/style";
import { createMap, mercator } from "./base";
import { BORDER, GROUND } from "./colours";
import { pinStyle, problemStyle } from "./styles";
import { addGrids } from "./wg-point-picker";

const FORMAT = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
const plain = new Style({ fill: new Fill({ color: GROUND }), stroke: new Stroke({ color: BORDER, width: 1 }) });

export class WgPreviewMap extends HTMLElement {
  private map!: OlMap;
  private readonly shapes = new VectorSource();
  private readonly problems = new VectorSource();

  connectedCallback(): void {
    if (this.querySelector(".map-view")) return;
    const view = document.createElement("div");
    view.className = "map-view";
    view.tabIndex = 0;
    view.setAttribute("role", "application");
    view.setAttribute("aria-label", this.dataset["label"] ?? "");
    this.append(view);
    this.map = createMap(view, { scale: true });
    this.map.addLayer(new VectorLayer({ source: this.shapes, style: plain, zIndex: 10 }));
    this.map.addLayer(new VectorLayer({ source: this.problems, style: problemStyle, zIndex: 20 }));
    document.addEventListener("click", this.goTo);
    void this.load().finally(() => { this.dataset["ready"] = "true"; });
  }

  disconnectedCallback(): void {
    document.removeEventListener("click", this.goTo);
  }

  private async load(): Promise<void> {
    const { url, problems, lon, lat } = this.dataset;
    if (lon && lat) {
      const pin = new Feature(new Point(mercator([Number(lon), Number(lat)])));
      pin.setStyle(pinStyle);
      this.map.addLayer(new VectorLayer({ source: new VectorSource({ features: [pin] }), zIndex: 60 }));
      this.map.getView().setCenter(mercator([Number(lon), Number(lat)]));
      this.map.getView().setZoom(16);
    }
    await Promise.all([
      url ? this.read(url, this.shapes) : addGrids(this.map, !lon).catch(() => undefined),
      problems ? this.read(problems, this.problems) : undefined,
    ]);
    const extent = this.shapes.getExtent();
    if (!lon && extent && !isEmpty(extent)) this.map.getView().fit(extent, { padding: [16, 16, 16, 16] });
    this.dataset["shapes"] = String(this.shapes.getFeatures().length);
    this.dataset["problemCount"] = String(this.problems.getFeatures().length);
  }

  private async read(url: string, source: VectorSource): Promise<void> {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok) return;
    source.addFeatures(FORMAT.readFeatures(await answer.json()));
  }

  private readonly goTo = (event: MouseEvent): void => {
    const target = (event.target as Element).closest<HTMLElement>("[data-go]")?.dataset["go"];
    if (!target) return;
    const view = this.map.getView();
    const feature = this.problems.getFeatureById(target) ?? this.shapes.getFeatureById(target);
    for (const other of this.problems.getFeatures()) other.unset("current");
    if (feature) {
      feature.set("current", true);
      view.fit(feature.getGeometry()!.getExtent(), { padding: [60, 60, 60, 60], maxZoom: 18 });
    } else {
      const [lon, lat] = target.split(",").map(Number);
      if (lon === undefined || lat === undefined || Number.isNaN(lon + lat)) return;
      view.setCenter(mercator([lon, lat]));
      view.setZoom(17);
    }
    this.scrollIntoView({ block: "nearest" });
  };
}
