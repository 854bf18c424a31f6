// <wg-grid-editor>: a draft drawn on the map. The server holds it, checks every step, and has the last word.
import { LitElement, html } from "lit";
import type { TemplateResult } from "lit";
import type { LonLat } from "../map/base";
import { fillText } from "../map/config";
import { addGrids } from "../map/wg-point-picker";
import { Canvas, touching } from "./canvas";
import type { Leaf } from "./canvas";
import { Draft, Problem } from "./draft";
import type { Checked, Operation, Preview, Sheet } from "./draft";
import { Drawing } from "./drawing";
import { keyed } from "./keys";
import { bar, mapTools, strip, toolbar } from "./frame";
import type { EditorConfig, FrameActs, Trouble } from "./frame";
import { reasonOf } from "./outbox";
import type { Waiting } from "./outbox";
import { isRed, pane } from "./pane";
import type { PaneActs, Tab } from "./pane";
import { standsOnFormer } from "./panels";
import type { Question } from "./panels";
import { Reader } from "./reader";
import { Sender } from "./sender";
import type { Deed } from "./sender";
import { Tools } from "./tools";
import type { Mode } from "./tools";

export class WgGridEditor extends LitElement {
  static override properties = Object.fromEntries(
    ["mode", "tracing", "tab", "trouble", "sheet", "checked", "previewed", "working", "hint"].map((name) => [name, { state: true }]),
  );

  declare mode: Mode;
  declare tracing: boolean;
  declare tab: Tab;
  declare trouble: Trouble | null;
  declare sheet: Sheet | undefined;
  declare checked: Checked | undefined;
  declare previewed: Preview | undefined;
  declare working: boolean;
  declare hint: string;
  private config!: EditorConfig;
  private draft!: Draft;
  private canvas!: Canvas;
  private tools!: Tools;
  private sender!: Sender;
  private readonly reader = new Reader({
    wanted: (again) => this.canvas.wanted(again),
    sheet: (box) => this.draft.sheet(box),
    reached: () => this.reached(),
    show: (sheet, box) => this.show(sheet, box),
    fail: (error) => this.fail(error),
  });
  private readonly drawing = new Drawing({
    canvas: () => this.canvas,
    mode: () => this.mode,
    finest: () => this.config.finest,
    perform: (operations) => void this.perform(operations),
    refuse: (name) => { this.trouble = { why: "refused", text: this.told(name), place: null }; },
    quiet: () => this.quiet(),
    foreign: () => { this.hint = this.told("foreign"); },
    shown: (asks) => this.shown(asks),
    moved: () => this.requestUpdate(),
  });
  private readonly acts: PaneActs = {
    go: (place, code) => this.go(place, code),
    cancel: () => this.drawing.forget(),
    preview: () => void this.preview(),
    rebase: () => this.form("rebase"),
    subdivide: () => this.drawing.subdivide(),
    open: (tab) => this.open(tab),
    submit: () => this.form("submit"),
  };
  private readonly frame: FrameActs = {
    undo: () => void this.send(() => this.draft.undo(), "undo"),
    redo: () => void this.send(() => this.draft.redo(), "redo"),
    use: (mode) => this.use(mode),
    trace: () => this.trace(),
    ground: (about) => void this.canvas.layBasemap(about),
    go: (place) => this.canvas.go(place),
    again: () => void this.sender.resend(true),
    close: () => this.close(),
    leaveOut: (sure) => this.sender.leaveOut(sure),
  };

  constructor() {
    super();
    this.mode = "select";
    this.tab = "selected";
    this.tracing = this.working = false;
    this.trouble = null;
    this.hint = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    this.config = JSON.parse(this.dataset["config"] ?? "{}") as EditorConfig;
    this.draft = new Draft(this.config.plan);
    this.sender = new Sender(this.draft, `wg-plan-${this.config.plan}-${this.config.person}`, {
      read: () => this.reader.read(true),
      taken: () => this.close(),
      refused: (error) => this.fail(error),
      kept: (error) => this.kept(error),
      settled: (changed) => this.settle(changed),
      moved: () => this.moved(),
    });
    super.connectedCallback();
    document.addEventListener("keydown", this.keyed);
    this.sender.connect();
    this.addEventListener("wg-operations", (event) => void this.perform((event as CustomEvent<Operation[]>).detail));
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
      line: (line) => this.drawing.line(line),
      area: (ring) => this.drawing.area(ring),
      operations: (operations) => void this.perform(operations),
      hint: (name) => { this.hint = this.told(name); },
    });
    this.canvas.map.on("moveend", () => void this.reader.read(false));
    this.canvas.map.on("rendercomplete", () => this.tell());
    this.sender.look();
    void this.reader.read(true).then(() => (this.sender.waiting[0]?.why === "lost" ? this.sender.resend(false) : this.recheck()));
  }

  get busy(): boolean {
    return this.sender.busy;
  }

  get codes(): string[] {
    return this.drawing.codes;
  }

  get lines(): LonLat[][] {
    return this.drawing.lines;
  }

  get asked(): Question | null {
    return this.drawing.asked;
  }

  get waiting(): Waiting[] {
    return this.sender.waiting;
  }

  get leaving(): boolean {
    return this.sender.leaving;
  }

  private readonly told = (name: string, values: Record<string, string | number> = {}): string => fillText(this.config.texts[name] ?? name, values);

  /** How it stands, for whoever looks at the page from outside. */
  private tell(): void {
    this.dataset["leaves"] = this.canvas.own.getFeatures().map((leaf) => String(leaf.get("code"))).sort().join(" ");
    this.dataset["version"] = String(this.draft.plan.version);
    this.dataset["selected"] = this.codes.join(" ");
    this.dataset["ready"] = String(!this.busy && this.sheet !== undefined);
  }

  // The server's state

  private reached(): void {
    if (this.trouble && ["lost", "signed_out"].includes(this.trouble.why)) this.trouble = null;
  }

  private show(sheet: Sheet, box: number[]): void {
    this.sheet = sheet;
    this.canvas.show(sheet, box, this.drawing.outlined);
    this.canvas.map.renderSync();
    this.tell();
  }

  private async recheck(): Promise<void> {
    this.checked = this.previewed = undefined;
    if (this.sheet && standsOnFormer(this.sheet)) {
      this.tab = "check";
      return;
    }
    try {
      this.checked = await this.draft.check();
    } catch (error) {
      this.fail(error);
    }
  }

  private async perform(operations: Operation[]): Promise<void> {
    await this.send(() => this.draft.add(operations), operations);
  }

  private send(step: () => Promise<void>, deed: Deed): Promise<void> {
    const { asked, lines } = this;
    if (!this.busy && !this.waiting.length) this.quiet();
    return this.sender.act(async () => {
      await step();
      if (asked === this.asked && lines === this.lines) this.drawing.forget();
    }, deed);
  }

  private settle(changed: boolean): void {
    if (changed) {
      this.drawing.select(this.canvas.living(this.codes));
      this.tell();
      if (!this.asked) this.querySelector<HTMLElement>(".map-view")?.focus({ preventScroll: true });
    }
    void this.recheck();
  }

  private moved(): void {
    this.tools.rest(this.sender.waiting.length > 0);
    this.tell();
    this.requestUpdate();
  }

  /** Say what stands in the way. */
  private fail(error: unknown): void {
    this.trouble = { ...reasonOf(error), place: this.marked(error) };
  }

  private kept(error: unknown): void {
    this.marked(error);
    this.drawing.unask();
  }

  private marked(error: unknown): LonLat | null {
    const place = error instanceof Problem ? error.place : null;
    this.canvas.mark(place);
    return place;
  }

  private close(): void {
    this.quiet();
    this.drawing.forget();
  }

  private quiet(): void {
    this.trouble = null;
    this.canvas.mark(null);
  }

  private async preview(): Promise<void> {
    this.working = true;
    try {
      this.previewed = await this.draft.preview();
    } catch (error) {
      this.fail(error);
    }
    this.working = false;
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
    this.drawing.forget();
    this.hint = "";
    this.tools.use(mode);
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
    else if (this.codes.length > 1 && !from.closest("button, a")) this.querySelector<HTMLFormElement>(".edit-pane form")?.requestSubmit();
    else return false;
    return true;
  }

  private escape(typing: boolean): void {
    if (typing) {
      if (this.asked) this.drawing.forget();
    } else if (this.tools.drawing) this.tools.abort();
    else if (this.asked ?? this.lines.length) this.drawing.forget();
    else if (this.codes.length) this.drawing.choose([]);
    else this.use("select");
  }

  private form(name: "submit" | "rebase"): void {
    const form = this.querySelector<HTMLFormElement>(`form[data-${name}]`)!;
    form.querySelector<HTMLInputElement>("input[name=version]")!.value = String(this.draft.plan.version);
    form.submit();
  }

  /** Why the draft cannot be handed in yet; nothing when it can. */
  get obstacle(): string {
    const { operations } = this.draft.plan;
    if (this.waiting.length) return this.told("submit_unsent");
    if (!operations.length) return this.told("submit_empty");
    return isRed(this.sheet, this.checked) ? this.told("submit_red") : this.busy || !this.checked ? this.told("checking") : "";
  }

  // What is seen

  private zoomBy(step: number): void {
    const view = this.canvas.map.getView();
    view.animate({ zoom: (view.getZoom() ?? 0) + step, duration: 150 });
  }

  get leaves(): Leaf[] {
    return this.codes.map((code) => this.canvas?.leaf(code)).filter((leaf): leaf is Leaf => Boolean(leaf));
  }

  get touched(): Leaf[] {
    const [only, ...more] = this.leaves;
    return only && !more.length ? touching(only, this.canvas.own.getFeatures()) : [];
  }

  private open(tab: Tab): void {
    this.tab = tab;
    if (tab === "changes" && !this.previewed && this.draft.plan.operations.length) void this.preview();
  }

  protected override render(): TemplateResult {
    return html`${strip(this.dataset["title"] ?? "", this.config, this.draft.plan, this, this.told, this.frame)}
      <div class="edit-columns">${toolbar(this.mode, this.tracing, this.config.basemaps, this.told, this.frame)}
      <div class="edit-map"><div class="map-view" tabindex="0" role="application" aria-label=${this.told("map")} aria-describedby="map-keys"></div>
        <p id="map-keys" class="visually-hidden">${this.told("keys")}</p>${bar(this, this.told, this.frame)}
        ${mapTools(this.told, { zoom: (step) => this.zoomBy(step), whole: () => this.canvas.fitWhole() })}
      </div>${pane(this, this.told, this.config, this.acts)}</div>`;
  }
}
