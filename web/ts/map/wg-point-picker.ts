// <wg-point-picker>: typed coordinates gain a map on which the pin is set or dragged.
import Feature from "ol/Feature";
import Point from "ol/geom/Point";
import Translate from "ol/interaction/Translate";
import VectorLayer from "ol/layer/Vector";
import VectorTileLayer from "ol/layer/VectorTile";
import MVT from "ol/format/MVT";
import VectorTileSource from "ol/source/VectorTile";
import VectorSource from "ol/source/Vector";
import type OlMap from "ol/Map";
import { createXYZ } from "ol/tilegrid";
import { GRID_MAX_ZOOM, createMap, getJson, lonLat, mercator, mercatorExtent } from "./base";
import { Names } from "./names";
import { gridStyle, pinStyle } from "./styles";

/** Grids under a small map, from the page's facts about the coverage. */
export async function addGrids(map: OlMap, moveThere: boolean, named = true): Promise<void> {
  const coverage = await getJson<{ version: number; extent: number[] | null }>("/api/v1/grids/coverage");
  if (!coverage.extent) return;
  const source = new VectorTileSource({
    format: new MVT(), url: `/tiles/grid/${coverage.version}/{z}/{x}/{y}.mvt`, transition: 0,
    tileGrid: createXYZ({ maxZoom: GRID_MAX_ZOOM, tileSize: 256 }),
  });
  const zoom = (): number => Math.round(map.getView().getZoom() ?? 0);
  const grids = new VectorTileLayer({ source, style: gridStyle(zoom), zIndex: 10 });
  map.addLayer(grids);
  if (named) {
    const names = new Names(map, grids);
    map.addLayer(names.layer);
    map.on("rendercomplete", () => names.place());
  }
  if (moveThere) map.getView().fit(mercatorExtent(coverage.extent), { padding: [8, 8, 8, 8] });
}

/** Metres; a position known less exactly is no more than a start for the pin. */
const COARSE = 100;

export class WgPointPicker extends HTMLElement {
  private map!: OlMap;
  private readonly pin = new Feature<Point>();
  private latest = 0;

  connectedCallback(): void {
    if (this.querySelector(".map-view")) return;
    const view = document.createElement("div");
    view.className = "map-view";
    view.tabIndex = 0;
    view.setAttribute("role", "application");
    view.setAttribute("aria-label", this.dataset["label"] ?? "");
    this.prepend(view);
    this.map = createMap(view, { scale: true });
    this.pin.setStyle(pinStyle);
    const layer = new VectorLayer({ source: new VectorSource({ features: [this.pin] }), zIndex: 60 });
    this.map.addLayer(layer);
    const drag = new Translate({ layers: [layer], hitTolerance: 8 });
    this.map.addInteraction(drag);
    drag.on("translateend", () => this.take(this.pin.getGeometry()?.getCoordinates()));
    this.map.on("singleclick", (event) => this.take(event.coordinate));
    view.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.take(this.map.getView().getCenter());
    });
    for (const input of this.inputs) input.addEventListener("change", () => { this.fail(""); this.measured(null); this.typed(true); });
    this.unplaced?.addEventListener("change", () => this.check());
    const locate = this.querySelector<HTMLButtonElement>("[data-locate]");
    if (locate) locate.hidden = false;
    locate?.addEventListener("click", () => this.locate());
    const placed = this.typed(true);
    void import("./references").then(({ layReferences }) => layReferences(this.map));
    void addGrids(this.map, !placed).finally(() => { this.dataset["ready"] = "true"; });
  }

  private get inputs(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>(".picker-fields input:not([type=hidden])")];
  }

  private get unplaced(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>("input[name=unplaced]");
  }

  // A form that may be sent without a place is, but only where that was said
  private check(): void {
    const [lon] = this.inputs;
    const lacking = this.unplaced && !this.unplaced.checked && !this.pin.getGeometry();
    lon?.setCustomValidity(lacking ? this.dataset["missing"] ?? "" : "");
  }

  private locate(): void {
    if (!window.isSecureContext || !navigator.geolocation) {
      this.fail("insecure");
      return;
    }
    this.fail("");
    this.say(this.dataset["locating"] ?? "");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.take(mercator([coords.longitude, coords.latitude]), coords.accuracy);
        this.map.getView().setCenter(mercator([coords.longitude, coords.latitude]));
        this.map.getView().setZoom(17);
      },
      (error) => { this.say(""); this.fail(error.code === error.PERMISSION_DENIED ? "refused" : "unfound"); },
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  }

  private fail(why: "" | "insecure" | "refused" | "unfound" | "coarse"): void {
    const place = this.querySelector<HTMLElement>("[data-unlocated]");
    if (!place) return;
    place.textContent = why ? (this.dataset[why] ?? "").replace("{n}", this.metres) : "";
    place.hidden = !why;
  }

  private get metres(): string {
    return this.querySelector<HTMLInputElement>("input[name=accuracy_m]")?.value ?? "";
  }

  private measured(metres: number | null): void {
    const field = this.querySelector<HTMLInputElement>("input[name=accuracy_m]");
    if (field) field.value = metres === null ? "" : String(Math.round(metres));
  }

  private typed(move: boolean): boolean {
    const [lon, lat] = this.inputs.map((input) => (input.value.trim() === "" ? NaN : Number(input.value)));
    if (lon === undefined || lat === undefined || !Number.isFinite(lon) || !Number.isFinite(lat)) {
      this.pin.setGeometry(undefined);
      this.check();
      this.say(this.dataset["unset"] ?? "");
      return false;
    }
    this.pin.setGeometry(new Point(mercator([lon, lat])));
    if (this.unplaced) this.unplaced.checked = false;
    this.check();
    if (move) {
      this.map.getView().setCenter(mercator([lon, lat]));
      this.map.getView().setZoom(Math.max(16, this.map.getView().getZoom() ?? 16));
    }
    void this.name(lon, lat);
    return true;
  }

  private take(coordinate: number[] | undefined, accuracy: number | null = null): void {
    if (!coordinate) return;
    this.fail("");
    this.measured(accuracy);
    if (accuracy !== null && accuracy > COARSE) this.fail("coarse");
    const place = lonLat(coordinate);
    this.inputs.forEach((input, index) => { input.value = place[index]!.toFixed(7); });
    this.typed(false);
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  private say(text: string): void {
    const output = this.querySelector("[data-grid]");
    if (output) output.textContent = text;
  }

  // Both sides of a border that is close are told before anything is sent
  private async beside(lon: number, lat: number): Promise<string> {
    const word = this.dataset["beside"];
    if (!word) return "";
    try {
      const near = await getJson<{ items: { code: string; name: string; metres: number; owner: boolean }[] }>(`/api/v1/grids/near?lon=${lon}&lat=${lat}`);
      return near.items.filter((leaf) => !leaf.owner)
        .map((leaf) => ` · ${word.replace("{n}", String(Math.ceil(leaf.metres))).replace("{grid}", `${leaf.name} ${leaf.code}`)}`).join("");
    } catch {
      return "";
    }
  }

  private async name(lon: number, lat: number): Promise<void> {
    this.latest += 1;
    const mine = this.latest;
    let text = this.dataset["nowhere"] ?? "";
    let foreign = false;
    try {
      const owner = await getJson<{ code: string; name: string; path: string[] }>(`${this.dataset["at"]}?lon=${lon}&lat=${lat}`);
      text = `${owner.name} ${owner.code}`;
      const own = this.dataset["own"];
      foreign = own !== undefined && !owner.path.some((code) => (JSON.parse(own) as string[]).includes(code));
      if (foreign) text += ` · ${this.dataset["foreign"] ?? ""}`;
    } catch {
      // 404 is the answer for a place outside the city
    }
    const beside = await this.beside(lon, lat);
    const accuracy = this.metres ? ` · ${(this.dataset["accuracy"] ?? "").replace("{n}", this.metres)}` : "";
    if (mine !== this.latest) return;
    this.say(text + beside + accuracy);
    this.querySelector("[data-grid]")?.classList.toggle("error", foreign);
  }
}
