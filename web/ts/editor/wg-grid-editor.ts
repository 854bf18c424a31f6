// <wg-grid-editor>: a draft drawn on the map. The server holds it, checks every step, and has the last word.
import { LitElement, html } from "lit";
import type { TemplateResult } from "lit";
import type { LonLat } from "../map/base";
import { fillText } from "../map/config";
import { addGrids } from "../map/wg-point-picker";
import { Canvas, touching } from "./canvas";
import type { Leaf } from "./canvas";
import type { EditorConfig, Told } from "./config";
import { Draft } from "./draft";
import type { Deed, Operation, Sheet } from "./draft";
import { Drawing } from "./drawing";
import { keyed } from "./keys";
import { bar, inWords, mapTools, strip, toolbar } from "./frame";
import type { FrameActs, Standing } from "./frame";
import { isRed, pane } from "./pane";
import type { Inside, PaneActs, Tab } from "./pane";
import { Reader } from "./reader";
import { Sender } from "./sender";
import { Tools } from "./tools";
import type { Mode } from "./tools";
import { Verdict } from "./verdict";

export class WgGridEditor extends LitElement {
  static override properties = Object.fromEntries(["mode", "tracing", "tab", "hint"].map((name) => [name, { state: true }]));

  declare mode: Mode;
  declare tracing: boolean;
  declare tab: Tab;
  declare hint: string;
  private config!: EditorConfig;
  private draft!: Draft;
  private canvas!: Canvas;
  private tools!: Tools;
  private sender!: Sender;
  private verdict!: Verdict;
  private readonly reader = new Reader({
    wanted: (again) => this.canvas.wanted(again),
    sheet: (box) => this.draft.sheet(box),
    reached: () => this.verdict.reached(),
    show: (sheet, box) => this.show(sheet, box),
    fail: (error) => this.verdict.fail(error),
  });
  private readonly drawing = new Drawing({
    canvas: () => this.canvas,
    mode: () => this.mode,
    finest: () => this.config.finest,
    perform: (operations) => this.send(operations),
    refuse: (name, place) => this.verdict.refuse(this.told(name), place),
    quiet: () => this.verdict.begun(),
    foreign: () => { this.hint = this.told("foreign"); },
    shown: (asks) => this.shown(asks),
    moved: () => this.requestUpdate(),
  });
  private readonly acts: PaneActs = {
    go: (place, code) => this.go(place, code),
    cancel: () => this.drop(),
    preview: () => void this.verdict.preview(),
    rebase: () => this.form("rebase"),
    subdivide: () => this.drawing.subdivide(),
    open: (tab) => this.open(tab),
    submit: () => this.form("submit"),
  };
  private readonly frame: FrameActs = {
    undo: () => this.send("undo"),
    redo: () => this.send("redo"),
    use: (mode) => this.use(mode),
    trace: () => this.trace(),
    ground: (about) => void this.canvas.layBasemap(about),
    go: (place) => this.canvas.go(place),
    again: () => void this.sender.resend(true),
    close: () => this.verdict.quiet(),
    leaveOut: (sure) => this.sender.leaveOut(sure),
  };

  constructor() {
    super();
    this.addEventListener("wg-operations", (event) => this.send((event as CustomEvent<Operation[]>).detail));
    this.mode = "select";
    this.tab = "selected";
    this.tracing = false;
    this.hint = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    if (!this.hasUpdated) this.begin();
    super.connectedCallback();
    document.addEventListener("keydown", this.keyed);
    if (this.hasUpdated) this.sender.connect();
  }

  private begin(): void {
    this.config = JSON.parse(this.dataset["config"] ?? "{}") as EditorConfig;
    this.draft = new Draft(this.config.plan);
    this.verdict = new Verdict(this.draft, () => this.canvas, () => this.requestUpdate());
    this.sender = new Sender(this.draft, `wg-plan-${this.config.plan}-${this.config.person}`, {
      read: () => this.reader.read(true),
      taken: () => this.drop(),
      refused: (error) => this.verdict.fail(error),
      missed: (deed) => this.verdict.refuse(this.told("missed", { step: inWords(deed, this.told) }), null),
      kept: (error) => this.kept(error),
      settled: (changed) => this.settle(changed),
      moved: () => this.moved(),
    });
  }

  override disconnectedCallback(): void {
    document.removeEventListener("keydown", this.keyed);
    this.sender.disconnect();
    super.disconnectedCallback();
  }

  protected override firstUpdated(): void {
    this.canvas = new Canvas(this.querySelector<HTMLElement>(".map-view")!, this.config.extent, (map) => addGrids(map, false));
    this.tools = new Tools(this.canvas, {
      pick: (leaf, more) => this.drawing.picked(leaf, more),
      aimed: () => this.drawing.aimed,
      begun: () => this.drawing.begun(),
      line: (line, again) => this.drawing.line(line, again),
      area: (ring, again) => this.drawing.area(ring, again),
      operations: (operations) => this.send(operations),
      hint: (name) => { this.hint = this.told(name); },
    });
    this.canvas.map.on("moveend", () => void this.reader.read(false));
    this.canvas.map.on("rendercomplete", () => this.tell());
    if (this.isConnected) this.sender.connect();
    void this.reader.read(true).then(() => (this.sender.busy ? undefined : this.recheck()));
  }

  private readonly told: Told = (name, values = {}) => fillText(this.config.texts[name] ?? name, values);

  /** How it stands, for whoever looks at the page from outside. */
  private tell(): void {
    this.dataset["leaves"] = this.canvas.own.getFeatures().map((leaf) => String(leaf.get("code"))).sort().join(" ");
    this.dataset["version"] = String(this.draft.plan.version);
    this.dataset["selected"] = this.drawing.codes.join(" ");
    this.dataset["ready"] = String(!this.sender.busy && this.verdict.sheet !== undefined);
  }

  // The server's state

  private show(sheet: Sheet, box: number[]): void {
    this.verdict.sheet = sheet;
    this.canvas.show(sheet, box, this.drawing.outlined);
    this.canvas.map.renderSync();
    this.tell();
    this.requestUpdate();
  }

  private async recheck(): Promise<void> {
    if (!(await this.verdict.recheck())) this.tab = "check";
  }

  private send(deed: Deed): void {
    const { asked, lines, tried } = this.drawing;
    if (!this.sender.busy && !this.sender.waiting.length) this.verdict.quiet();
    void this.sender.act(deed, () => {
      if (asked === this.drawing.asked && lines === this.drawing.lines && tried === this.drawing.tried) this.drawing.forget();
    });
  }

  private settle(changed: boolean): void {
    if (changed) {
      this.drawing.select(this.canvas.living(this.drawing.codes));
      this.tell();
      if (!this.drawing.asked) this.querySelector<HTMLElement>(".map-view")?.focus({ preventScroll: true });
    }
    void this.recheck();
  }

  private moved(): void {
    this.tools.rest(this.sender.waiting.length > 0);
    this.tell();
    this.requestUpdate();
  }

  private kept(error: unknown): void {
    this.verdict.mark(error);
    this.drawing.unask();
  }

  // Modes and keys

  private shown(asks: boolean): void {
    this.tab = "selected";
    this.tell();
    if (!asks) return;
    void this.updateComplete.then(() => {
      this.querySelector<HTMLFormElement>(".edit-panel form")?.reset();
      this.querySelector<HTMLInputElement>("#edit-new-name")?.focus();
    });
  }

  private go(place: LonLat | null, code: string): void {
    if (place) this.canvas.go(place);
    else if (this.canvas.goTo(code)) this.drawing.choose([code]);
  }

  private use(mode: Mode): void {
    this.mode = mode;
    this.drop();
    this.hint = "";
    this.tools.use(mode);
  }

  private drop(): void {
    this.verdict.begun();
    this.drawing.forget();
  }

  private trace(): void {
    this.tracing = !this.tracing;
    this.tools.tracing = this.tracing;
  }

  private readonly keyed = (event: KeyboardEvent): void => keyed(event, {
    ...this.frame,
    escape: (typing) => this.escape(typing),
    back: () => this.tools.back(),
    enter: (from) => this.enter(from),
  });

  private enter(from: Element): boolean {
    if (this.tools.drawing) this.tools.finish();
    else if (this.mode === "new") this.drawing.subdivide();
    else if (this.drawing.codes.length > 1 && !from.closest("button, a")) this.querySelector<HTMLFormElement>(".edit-pane form")?.requestSubmit();
    else return false;
    return true;
  }

  private escape(typing: boolean): void {
    if (typing) {
      if (this.drawing.asked) this.drop();
    } else if (this.tools.drawing) this.tools.abort();
    else if (this.drawing.underway) this.drop();
    else if (this.drawing.codes.length) this.drawing.choose([]);
    else this.use("select");
  }

  private form(name: "submit" | "rebase"): void {
    const form = this.querySelector<HTMLFormElement>(`form[data-${name}]`)!;
    form.querySelector<HTMLInputElement>("input[name=version]")!.value = String(this.draft.plan.version);
    form.submit();
  }

  /** Why the draft cannot be handed in yet; nothing when it can. */
  private get obstacle(): string {
    const { operations } = this.draft.plan;
    const { sheet, checked } = this.verdict;
    if (this.sender.waiting.length) return this.told("submit_unsent");
    if (!operations.length) return this.told("submit_empty");
    return isRed(sheet, checked) ? this.told("submit_red") : this.sender.busy || !checked ? this.told("checking") : "";
  }

  // What is seen

  private zoomBy(step: number): void {
    const view = this.canvas.map.getView();
    view.animate({ zoom: (view.getZoom() ?? 0) + step, duration: 150 });
  }

  private get leaves(): Leaf[] {
    return this.drawing.codes.map((code) => this.canvas?.leaf(code)).filter((leaf): leaf is Leaf => Boolean(leaf));
  }

  private touched([only, ...more]: Leaf[]): Leaf[] {
    return only && !more.length ? touching(only, this.canvas.own.getFeatures()) : [];
  }

  private open(tab: Tab): void {
    this.tab = tab;
    if (tab === "changes" && !this.verdict.previewed && this.draft.plan.operations.length) void this.verdict.preview();
  }

  /** What strip, bar and pane go by. */
  private get now(): Standing & Inside {
    const { mode, tracing, tab, hint, leaves, obstacle } = this;
    const { busy, leaving, waiting } = this.sender;
    const { sheet, checked, previewed, working, trouble } = this.verdict;
    const { asked, lines } = this.drawing;
    return {
      mode, tracing, tab, hint, leaves, obstacle, touched: this.touched(leaves), busy, leaving, waiting,
      sheet, checked, previewed, working, trouble, asked, lines, tried: Boolean(this.canvas && this.drawing.tried), aimed: !this.canvas || this.drawing.aimed,
    };
  }

  protected override render(): TemplateResult {
    const { now } = this;
    return html`${strip(this.dataset["title"] ?? "", this.config, this.draft.plan, now, this.told, this.frame)}
      <div class="edit-columns">${toolbar(this.mode, this.tracing, this.config.basemaps, this.told, this.frame)}
      <div class="edit-map"><div class="map-view" tabindex="0" role="application" aria-label=${this.told("map")} aria-describedby="map-keys"></div>
        <p id="map-keys" class="visually-hidden">${this.told("keys")}</p>${bar(now, this.draft.plan, this.told, this.frame)}
        ${mapTools(this.told, { zoom: (step) => this.zoomBy(step), whole: () => this.canvas.fitWhole() })}
      </div>${pane(now, this.told, this.config, this.acts)}</div>`;
  }
}
