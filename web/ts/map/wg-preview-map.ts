// <wg-preview-map>: features of an address, what mending moved in amber, defects in magenta, or a single place. Buttons
// elsewhere on the page with data-go="lon,lat" or data-go="<feature id>", and their table rows, move it there; a piece or
// defect that is clicked marks its row.
import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import VectorSource from "ol/source/Vector";
import { boundingExtent, extend, isEmpty } from "ol/extent";
import { Fill, Stroke, Style } from "ol/style";
import { createMap, mercator } from "./base";
import { BORDER, GROUND, PRIMARY } from "./colours";
import { birthStyle, movedStyle, pinStyle, problemStyle } from "./styles";
import { addGrids } from "./wg-point-picker";

const FORMAT = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
const outline = new Style({ stroke: new Stroke({ color: PRIMARY, width: 2 }) });
const plain = new Style({ fill: new Fill({ color: GROUND }), stroke: new Stroke({ color: BORDER, width: 1 }) });

interface Told {
  kind: string;
  title: string;
  text: string;
  area_m2?: number | null;
  width_m?: number | null;
  gained_m2?: number;
  lost_m2?: number;
}

function areaText(area: number): string {
  return area < 100_000 ? `${Math.round(area).toLocaleString()} m²` : `${(area / 1e6).toFixed(2)} km²`;
}

export class WgPreviewMap extends HTMLElement {
  private map!: OlMap;
  private fact?: HTMLOutputElement;
  private readonly shapes = new VectorSource();
  private readonly moved = new VectorSource();
  private readonly problems = new VectorSource();

  connectedCallback(): void {
    if (this.querySelector(".map-view")) return;
    const view = document.createElement("div");
    view.className = "map-view";
    view.tabIndex = 0;
    view.setAttribute("role", "application");
    view.setAttribute("aria-label", this.dataset["label"] ?? "");
    this.append(view);
    if (this.dataset["problems"]) {
      this.fact = Object.assign(document.createElement("output"), { className: "map-fact" });
      this.append(this.fact);
    }
    this.map = createMap(view, { scale: true });
    const pinned = Boolean(this.dataset["lon"]);
    const style = pinned ? outline : this.dataset["problems"] ? birthStyle : plain;
    this.map.addLayer(new VectorLayer({ source: this.shapes, style, zIndex: pinned ? 30 : 10, declutter: true }));
    this.map.addLayer(new VectorLayer({ source: this.moved, style: movedStyle, zIndex: 15, opacity: 0.8 }));
    this.map.addLayer(new VectorLayer({ source: this.problems, style: problemStyle, zIndex: 20 }));
    if (!pinned) void import("./references").then(({ layReferences }) => layReferences(this.map));
    document.addEventListener("click", this.goTo);
    if (this.dataset["problems"]) this.map.on("click", this.pick);
    void this.load().finally(() => { this.dataset["ready"] = "true"; });
  }

  disconnectedCallback(): void {
    document.removeEventListener("click", this.goTo);
  }

  private async load(): Promise<void> {
    const { url, moved, problems, lon, lat } = this.dataset;
    if (lon && lat) {
      const pin = new Feature(new Point(mercator([Number(lon), Number(lat)])));
      pin.setStyle(pinStyle);
      this.map.addLayer(new VectorLayer({ source: new VectorSource({ features: [pin] }), zIndex: 60 }));
      this.map.getView().setCenter(mercator([Number(lon), Number(lat)]));
      this.map.getView().setZoom(16);
    }
    await Promise.all([
      url ? this.read(url, this.shapes) : undefined,
      url && !lon ? undefined : addGrids(this.map, !lon, !problems).catch(() => undefined),
      moved ? this.read(moved, this.moved) : undefined,
      problems ? this.read(problems, this.problems) : undefined,
    ]);
    const extent = this.shapes.getExtent();
    if (extent && !isEmpty(extent)) {
      // Without tiles no zoom is better than another, and an outline fills its frame
      if (!lon && !problems) this.map.getView().setConstrainResolution(false);
      const seen = lon && lat ? extend([...extent], boundingExtent([mercator([Number(lon), Number(lat)])])) : extent;
      this.map.getView().fit(seen, { padding: [12, 12, 12, 12], maxZoom: 18 });
    }
    this.dataset["shapes"] = String(this.shapes.getFeatures().length);
    this.dataset["movedCount"] = String(this.moved.getFeatures().length);
    this.dataset["problemCount"] = String(this.problems.getFeatures().length);
  }

  private async read(url: string, source: VectorSource): Promise<void> {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok) return;
    source.addFeatures(FORMAT.readFeatures(await answer.json()));
  }

  // A click in a row of the list, or on a button that names a feature or a place
  private readonly goTo = (event: MouseEvent): void => {
    const origin = event.target as Element;
    const target = (origin.closest("[data-go]") ?? origin.closest("tr")?.querySelector("[data-go]"))?.getAttribute("data-go");
    if (!target) return;
    const view = this.map.getView();
    const feature = this.sources().map((source) => source.getFeatureById(target)).find(Boolean) ?? null;
    this.mark(feature);
    if (feature?.getGeometry()) {
      view.fit(feature.getGeometry()!.getExtent(), { padding: [60, 60, 60, 60], maxZoom: 18 });
    } else {
      const [lon, lat] = target.split(",").map(Number);
      if (lon === undefined || lat === undefined || Number.isNaN(lon + lat)) return;
      view.setCenter(mercator([lon, lat]));
      view.setZoom(17);
    }
    this.scrollIntoView({ block: "nearest" });
  };

  private sources(): VectorSource[] {
    return [this.problems, this.moved, this.shapes];
  }

  // A click on the map: of the defects there the smallest, which the others would hide; else what was moved
  private readonly pick = (event: MapBrowserEvent): void => {
    const hits = this.map.getFeaturesAtPixel(event.pixel, { hitTolerance: 4 })
      .filter((hit): hit is Feature => hit instanceof Feature && !this.shapes.hasFeature(hit))
      .sort((a, b) => Number(this.moved.hasFeature(a)) - Number(this.moved.hasFeature(b)) || Number(a.get("area_m2") ?? 0) - Number(b.get("area_m2") ?? 0));
    this.mark(hits[0] ?? null);
    const row = document.querySelector<HTMLTableRowElement>("tr.current");
    row?.closest("details")?.setAttribute("open", "");
    if (row?.hidden) row.closest(".table-wrap")?.querySelector<HTMLElement>(":scope > button")?.click();
    row?.scrollIntoView({ block: "nearest" });
  };

  private mark(feature: Feature | null): void {
    for (const source of this.sources()) source.forEachFeature((other) => { if (other.get("current")) other.unset("current"); });
    for (const row of document.querySelectorAll("tr.current")) row.classList.remove("current");
    feature?.set("current", true);
    const id = feature?.getId();
    this.dataset["chosen"] = id === undefined ? "" : String(id);
    if (id !== undefined) document.querySelector(`[data-go="${CSS.escape(String(id))}"]`)?.closest("tr")?.classList.add("current");
    if (this.fact) this.fact.textContent = feature ? this.told(feature) : "";
  }

  private told(feature: Feature): string {
    const words = JSON.parse(this.dataset["words"] ?? "{}") as Record<string, string>;
    const { kind, title, text, area_m2: area, width_m: width, gained_m2: gained, lost_m2: lost } = feature.getProperties() as Told;
    const parts = [kind === "grid" ? title : words[kind] ?? kind, text];
    if (gained !== undefined && lost !== undefined) parts.push(`+${areaText(gained)}`, `−${areaText(lost)}`);
    if (typeof area === "number") parts.push(areaText(area));
    if (typeof width === "number") parts.push(`↔ ${width.toFixed(2)} m`);
    return parts.filter(Boolean).join(" · ");
  }
}
