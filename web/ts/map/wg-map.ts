// <wg-map>: the workbench's map.
import { LitElement, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import { copy, toast } from "../page";
import { WHOLE, createMap, getJson, lonLat, mercator, mercatorExtent, toSignIn } from "./base";
import type { LonLat } from "./base";
import { fill, fillText, levelAt } from "./config";
import type { MapConfig } from "./config";
import { Layers } from "./layers";
import { legend } from "./legend";
import type { MeasureTool } from "./measure";
import { Panes } from "./panes";
import { gridAt, layersInView, thingAt, visibleCodes } from "./picking";
import { readPlace, readShown, writeAddress } from "./place";
import type { ShownAs } from "./projection";
import { tell } from "./feature-card";
import { Selection } from "./selection";
import type { Choice } from "./selection";
import { Theme } from "./theme";
import { measures, modeStrip, toolbar } from "./tools";
import type { Mode } from "./tools";

export class WgMap extends LitElement {
  static override properties = {
    mode: { state: true }, measured: { state: true }, coordinate: { state: true }, level: { state: true }, zoom: { state: true },
    drawn: { state: true }, hint: { state: true }, ground: { state: true },
  };

  declare mode: Mode;
  declare measured: string;
  declare coordinate: string;
  declare level: string;
  declare zoom: number;
  declare drawn: number;
  declare hint: string;
  declare ground: string;
  private config!: MapConfig;
  private map!: OlMap;
  private layers!: Layers;
  private measure: MeasureTool | undefined;
  private shownAs: ShownAs | undefined;
  private readonly theme = new Theme();
  private themeTitle = "";
  private selection!: Selection;
  private readonly panes = new Panes({
    go: (code, place, found) => {
      const there = place?.lon != null && place.lat != null;
      if (there) this.flyTo([place.lon!, place.lat!], place.z ?? this.zoom);
      if (code) void this.select(code, { move: !there, focus: found });
    },
    basemap: (name) => void this.layBasemap(name),
    layer: (name, on) => this.switchLayer(name, on),
    theme: (name, title) => void this.colour(name, title),
    changed: () => this.remember(),
  });

  constructor() {
    super();
    this.mode = this.measured = this.coordinate = this.level = this.hint = this.ground = "";
    this.zoom = this.drawn = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    this.config = JSON.parse(this.dataset["config"] ?? "{}") as MapConfig;
    super.connectedCallback();
  }

  private text(name: string): string {
    return this.config.texts[name] ?? name;
  }

  protected override firstUpdated(): void {
    this.map = createMap(this.querySelector<HTMLElement>(".map-view")!, { scale: true, fills: true });
    this.layers = new Layers(this.map, this.config, this.theme, {
      basemap: () => { this.hint = this.text("basemap_failed"); },
      plugin: (title) => { this.hint = fillText(this.text("layer_failed"), { title }); },
    });
    this.selection = new Selection(this.map, this.layers, this.config, (code) => { this.hint = fillText(this.text("no_such_grid"), { code }); });
    this.map.on("singleclick", (event) => this.clicked(event));
    this.map.on("pointermove", (event) => this.moved(event));
    this.map.on("moveend", () => this.settled());
    this.map.on("rendercomplete", () => this.complete());
    this.querySelector(".map-view")?.addEventListener("keydown", (event) => this.keyed(event as KeyboardEvent));
    this.panes.connect();
    void import("./projection").then(({ showCoordinate }) => { this.shownAs = showCoordinate; });
    const boxes = document.querySelectorAll<HTMLInputElement>("[data-reference]");
    if (boxes.length) void import("./references").then(({ layReferences }) => layReferences(this.map, boxes));
    void import("./sheets").then(({ layOutForPhones }) => layOutForPhones());
    this.start();
  }

  override disconnectedCallback(): void {
    this.panes.disconnect();
    super.disconnectedCallback();
  }

  private start(): void {
    const address = new URL(window.location.href);
    const place = readPlace(address);
    this.panes.begin(readShown(address), this.config.basemaps[0]?.name ?? "paper");
    this.fit(this.config.home ?? this.config.extent);
    if (place.lon !== null && place.lat !== null) this.flyTo([place.lon, place.lat], place.z ?? 16);
    const code = place.grid ?? this.config.grid?.code ?? null;
    if (code) void this.select(code, { move: place.grid !== null && place.lon === null, load: !document.querySelector("#grid-card > [data-grid]") });
  }

  fit(extent: number[]): void {
    this.map.getView().fit(mercatorExtent(extent), WHOLE);
  }

  flyTo(place: LonLat, z: number): void {
    this.map.getView().setCenter(mercator(place));
    this.map.getView().setZoom(z);
  }

  /** Marks a grid, shows its outline and loads its card. */
  async select(code: string, choice: Choice = {}): Promise<void> {
    this.dataset["selected"] = code;
    this.panes.mark(code);
    const chosen = this.selection.choose(code, choice);
    this.remember();
    await chosen;
  }

  private remember(): void {
    const [lon, lat] = lonLat(this.map.getView().getCenter() ?? [0, 0]);
    writeAddress({ grid: this.selection.code, lon, lat, z: this.map.getView().getZoom() ?? null }, this.panes.shown());
  }

  private settled(): void {
    const view = this.map.getView();
    this.zoom = Math.round(view.getZoom() ?? 0);
    this.level = levelAt(this.config, this.zoom);
    this.remember();
  }

  private complete(): void {
    if (this.layers.names.place()) return; // they are drawn now, and then the map is complete
    this.dataset["names"] = this.layers.names.shown().join(" ");
    this.dataset["visible"] = visibleCodes(this.map, this.layers).join(" ");
    this.dataset["things"] = layersInView(this.map, this.layers).join(" ");
    this.dataset["theme"] = this.theme.name;
    this.dataset["level"] = this.level;
    this.dataset["zoom"] = String(this.zoom);
    this.dataset["ready"] = "true";
  }

  private clicked(event: MapBrowserEvent): void {
    if (measures(this.mode)) return;
    const place = lonLat(event.coordinate);
    if (this.mode === "report") {
      window.location.assign(fill(this.config.urls.report, { lon: place[0].toFixed(7), lat: place[1].toFixed(7) }));
      return;
    }
    const thing = thingAt(this.map, this.layers, event.pixel);
    if (thing && this.config.matters && thing.matter && Number(thing.feature.get("n") ?? 1) > 1) {
      this.flyTo(place, Math.min(this.zoom + 2, 18));
      return;
    }
    tell(thing, this.config);
    if (thing) return;
    const grid = gridAt(this.map, this.layers, event.pixel);
    if (grid) void this.select(String(grid.get("code")));
    else void this.selectAt(place);
  }

  private async selectAt([lon, lat]: LonLat): Promise<void> {
    try {
      const owner = await getJson<{ code: string }>(fill(this.config.urls.at, { lon, lat }), toSignIn);
      await this.select(owner.code);
    } catch {
      this.hint = this.text("outside");
    }
  }

  private moved(event: MapBrowserEvent): void {
    if (event.dragging) return;
    const [lon, lat] = lonLat(event.coordinate);
    this.coordinate = this.shownAs?.(lon, lat, this.config.shown_crs) ?? "";
    const thing = thingAt(this.map, this.layers, event.pixel);
    const grid = gridAt(this.map, this.layers, event.pixel);
    this.layers.setHovered(grid && !measures(this.mode) ? String(grid.get("code")) : "");
    this.hint = thing ? String(thing.feature.get("title") ?? "") : grid ? String(grid.get("name") ?? grid.get("code")) : "";
    this.map.getTargetElement()?.classList.toggle("pointing", Boolean(thing ?? grid) && !measures(this.mode) && this.mode !== "report");
  }

  private keyed(event: KeyboardEvent): void {
    if (event.key === "Escape") this.setMode("");
    if (event.key !== "Enter") return;
    const place = lonLat(this.map.getView().getCenter() ?? [0, 0]);
    if (this.mode === "report") window.location.assign(fill(this.config.urls.report, { lon: place[0].toFixed(7), lat: place[1].toFixed(7) }));
    else void this.selectAt(place);
  }

  private async layBasemap(name: string): Promise<void> {
    this.hint = "";
    const about = this.config.basemaps.find((candidate) => candidate.name === name);
    this.ground = about ? fillText(this.text("basemap_date"), { date: about.date }) : "";
    this.dataset["basemap"] = name;
    await this.layers.showBasemap(name);
  }

  private switchLayer(name: string, on: boolean): void {
    if (name === "grids" || name === "labels" || name === "matters") this.layers.toggle(name, on);
    else if (on || this.layers.plugin(name)) this.layers.togglePlugin(name, on);
    this.drawn += 1;
  }

  /** Colours the grids by the chosen figure, read anew each time. */
  private async colour(name: string, title: string): Promise<void> {
    this.hint = "";
    try {
      await this.theme.choose(name, fill(this.config.urls.theme, { name }));
      this.themeTitle = title;
    } catch {
      this.hint = this.text("theme_failed");
    }
    this.layers.grids.changed();
    this.map.renderSync(); // the next complete drawing is one with these colours
    this.drawn += 1;
  }

  private setMode(mode: Mode): void {
    this.measure?.stop();
    this.mode = this.mode === mode ? "" : mode;
    if (measures(this.mode)) void this.startMeasuring();
    else this.dataset["mode"] = this.mode;
    this.map.getTargetElement()?.classList.toggle("aiming", this.mode !== "");
  }

  private async startMeasuring(): Promise<void> {
    const { MeasureTool } = await import("./measure");
    this.measure ??= new MeasureTool(this.map, (measured) => { this.measured = measured; });
    if (!measures(this.mode)) return;
    this.measure.start(this.mode);
    this.dataset["mode"] = this.mode;
  }

  private async share(): Promise<void> {
    this.remember();
    await copy(window.location.href);
    toast(this.text("shared"));
  }

  private async print(): Promise<void> {
    const { printMap } = await import("./print");
    const name = document.querySelector("#grid-card > article h2")?.textContent?.trim();
    await printMap(this.map, {
      title: name ? `${this.config.organisation} · ${name}` : this.config.organisation,
      organisation: this.config.organisation,
      version: fillText(this.text("version"), { version: this.config.version ?? "–" }),
      date: this.config.today,
      crs: this.config.shown_crs.name,
      attribution: this.querySelector(".ol-attribution ul")?.textContent?.trim() ?? "",
      legend: this.legend(),
      texts: this.config.texts,
    });
  }

  private legend(): TemplateResult {
    return legend(this.config, {
      level: this.level,
      matters: this.config.matters && this.config.version !== null && this.layers.matters.getVisible(),
      layers: this.layers.shown(),
      theme: { title: this.themeTitle, classes: this.theme.legend(this.level), unknown: this.theme.unknown(this.level) },
    });
  }

  private zoomBy(step: number): void {
    const view = this.map.getView();
    view.animate({ zoom: (view.getZoom() ?? 0) + step, duration: 150 });
  }

  protected override render(): TemplateResult {
    return html`
      <div class="map-view" tabindex="0" role="application" aria-label=${this.text("map")} aria-describedby="map-keys"></div>
      <p id="map-keys" class="visually-hidden">${this.text("keys")}</p>
      ${modeStrip(this.mode, this.measured, this.config.texts, () => this.setMode(""))}
      ${toolbar(this.config, this.mode, {
        mode: (mode) => this.setMode(mode), zoom: (step) => this.zoomBy(step), whole: () => this.fit(this.config.extent),
        share: () => void this.share(), print: () => void this.print(),
      })}
      <div class="map-legend ${this.config.version === null ? "none" : ""}" role="group" aria-label=${this.text("legend")}>${this.layers ? this.legend() : nothing}</div>
      <div class="map-foot">
        <span>${this.config.shown_crs.name}</span><span class="coordinate">${this.coordinate}</span>
        <span class="hint" role="status">${this.hint}</span>
        <span>${this.text("zoom")} ${this.zoom}</span>
        ${this.ground ? html`<span class="facts">${this.ground}</span>` : nothing}
        <span class="facts">${this.text("facts")}</span>
      </div>`;
  }

  protected override willUpdate(): void {
    if (!this.level) this.level = levelAt(this.config, 9);
  }
}
