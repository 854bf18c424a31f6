// What stands around the editor's map: the strip with the plan, the tools, the bar that says what stands in the way.
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { LonLat } from "../map/base";
import type { BasemapConfig } from "../map/config";
import { icon } from "../map/icon";
import type { EditorConfig, Told } from "./config";
import type { Deed, Operation, PlanState, Sheet } from "./draft";
import type { Step } from "./journal";
import { TOOLS, draws } from "./tools";
import type { Mode } from "./tools";
import type { Trouble } from "./verdict";

/** What the bar over the map goes by. */
export interface Standing {
  waiting: Step[];
  trouble: Trouble | null;
  /** Whether what was drawn last is no step yet. */
  tried: boolean;
  /** Whether a click draws; until then it chooses the grid to draw in. */
  aimed: boolean;
  /** Whether it is being asked whether the waiting step shall be left out. */
  leaving: boolean;
  hint: string;
  mode: Mode;
  tracing: boolean;
  sheet: Sheet | undefined;
  busy: boolean;
}

export interface FrameActs {
  undo(): void;
  redo(): void;
  use(mode: Mode): void;
  trace(): void;
  ground(about: BasemapConfig | undefined): void;
  go(place: LonLat): void;
  again(): void;
  close(): void;
  leaveOut(sure: boolean | null): void;
}

export function strip(title: string, config: EditorConfig, plan: PlanState, now: Standing, told: Told, acts: FrameActs): TemplateResult {
  const held = now.busy || now.waiting.length > 0;
  const facts = [config.place.name, told("based_on", { version: config.version }), told("steps", { n: plan.operations.length })];
  return html`<div class="strip edit-strip">${icon("pencil")}<strong>${title}</strong><span>${facts.join(" · ")}</span>
    <button type="button" class="btn btn-sm btn-secondary" ?disabled=${held || !plan.operations.length} @click=${acts.undo} title="Ctrl+Z">${icon("arrow-back-up")}${told("undo")}</button>
    <button type="button" class="btn btn-sm btn-secondary" ?disabled=${held || !plan.undone} @click=${acts.redo} title="Ctrl+Y">${icon("arrow-forward-up")}${told("redo")}</button>
    <span class=${now.waiting.length ? "saved unsent" : "saved"} role="status">${saved(now, told)}</span>
    <a href="/grids/plans/${config.plan}">${told("leave")}</a></div>`;
}

function saved(now: Standing, told: Told): string {
  if (now.busy) return told("saving");
  if (now.waiting.length) return told("unsent", { n: now.waiting.length });
  const why = now.trouble?.why;
  return told(why === "signed_out" ? "not_signed_in" : why === "lost" ? "no_connection" : "saved");
}

export function toolbar(current: Mode, tracing: boolean, basemaps: BasemapConfig[], told: Told, acts: FrameActs): TemplateResult {
  const laid = (event: Event): void => acts.ground(basemaps.find((each) => each.name === (event.target as HTMLSelectElement).value));
  return html`<div class="edit-tools" role="toolbar" aria-orientation="vertical" aria-label=${told("tools")}>
    ${TOOLS.map(([mode, letter, picture]) => html`<button type="button" aria-pressed=${String(current === mode)} aria-keyshortcuts=${letter} @click=${() => acts.use(mode)}>${icon(picture)}<span>${told(mode)}</span><kbd>${letter}</kbd></button>`)}
    <button type="button" aria-pressed=${String(tracing)} aria-keyshortcuts="T" title=${told("hint_trace")} @click=${acts.trace}>${icon("route")}<span>${told("trace")}</span><kbd>T</kbd></button>
    ${basemaps.length ? html`<label class="edit-ground"><span>${told("basemap")}</span><select class="control" @change=${laid}>
      <option value="">${told("paper")}</option>${basemaps.map((each) => html`<option value=${each.name}>${each.title}</option>`)}</select></label>` : nothing}
  </div>`;
}

/** What stands in the way, or else what the tool wants. */
export function bar(now: Standing, plan: PlanState, told: Told, acts: FrameActs): TemplateResult {
  if (now.waiting.length) return waitingBar(now, now.waiting[0]!, plan, told, acts);
  if (!now.trouble) return html`<div class="edit-bar" role="status">${advice(now, told)}</div>`;
  const { why, text, place } = now.trouble;
  const mendable = why === "refused" && now.tried;
  return html`<div class="edit-bar notice bad" role="alert">${icon("alert-circle")}<div><p>${why === "lost" ? told("lost") : text}</p>${mendable ? html`<p>${told("drawn_stays")}</p>` : nothing}</div>
    ${place ? html`<button type="button" class="btn btn-sm btn-secondary" @click=${() => acts.go(place)}>${told("go_there")}</button>` : nothing}
    ${why === "signed_out" ? signIn(told) : why === "lost" ? html`<button type="button" class="btn btn-sm btn-primary" @click=${acts.again}>${told("retry")}</button>` : nothing}
    ${why === "lost" ? nothing : html`<button type="button" class="btn btn-sm btn-secondary" @click=${acts.close}>${told("close")}</button>`}</div>`;
}

function waitingBar(now: Standing, step: Step, plan: PlanState, told: Told, acts: FrameActs): TemplateResult {
  const what = told("step_kept", { step: inWords(step.deed, told) });
  if (now.leaving) {
    return html`<div class="edit-bar notice bad" role="alert">${icon("alert-circle")}<div><p>${what} ${told("discard_sure")}</p></div>
      <button type="button" class="btn btn-sm btn-danger" @click=${() => acts.leaveOut(true)}>${told("discard")}</button>
      <button type="button" class="btn btn-sm btn-secondary" @click=${() => acts.leaveOut(false)}>${told("keep_it")}</button></div>`;
  }
  const newer = step.state === "newer";
  const follows = Array.isArray(step.deed);
  return html`<div class="edit-bar notice bad" role="alert">${icon("alert-circle")}<div>
      <p>${step.state === "refused" || step.state === "barred" ? step.text : told(`kept_${step.state}`)} ${newer ? theirs(step, plan, told) : nothing}</p><p>${what} ${told(newer && !follows ? "overtaken" : "send_first")}</p></div>
    ${step.state === "signed_out" ? signIn(told) : nothing}
    ${step.state === "barred" ? html`<a class="btn btn-sm btn-secondary" href=${window.location.pathname}>${told("reopen")}</a>` : nothing}
    <button type="button" class="btn btn-sm ${step.state === "signed_out" ? "btn-secondary" : "btn-primary"}" ?disabled=${now.busy} @click=${acts.again}>${told(newer ? (follows ? "reload" : "show_newest") : "retry")}</button>
    <button type="button" class="btn btn-sm btn-secondary" ?disabled=${now.busy} @click=${() => acts.leaveOut(null)}>${told("discard")}…</button></div>`;
}

/** What was drawn into the draft since the step was drawn; several changes may leave less than they were. */
function theirs(step: Step, plan: PlanState, told: Told): string {
  const since = plan.version - step.version;
  const drawn = plan.operations.slice(step.seen);
  if (since <= 0 || !Array.isArray(step.deed)) return "";
  return drawn.length < since ? told("theirs_other", { n: plan.operations.length }) : told("theirs_drawn", { steps: listed(drawn, told) });
}

/** What a step does, in words. */
export function inWords(deed: Deed, told: Told): string {
  return Array.isArray(deed) ? listed(deed, told) : told(deed);
}

/** Operations in words: what each does, to which grid, and the name that it gives. */
function listed(operations: Operation[], told: Told): string {
  return operations.map(({ op, grid, grids, name }) => [told(`op_${op}`), grid ?? grids, name].filter(Boolean).join(" ")).join(" + ");
}

function signIn(told: Told): TemplateResult {
  return html`<a class="btn btn-sm btn-primary" href="/login?next=${encodeURIComponent(window.location.pathname)}">${told("sign_in")}</a>`;
}

function advice(now: Standing, told: Told): string {
  if (now.hint) return now.hint;
  if (now.sheet?.hidden) return told("too_many", { n: now.sheet.hidden });
  if (!now.aimed) return told("hint_aim");
  return told(now.tracing && draws(now.mode) ? "hint_trace" : `hint_${now.mode}`);
}

/** What lies over the map: how to get about, and what the colours mean. */
export function mapTools(told: Told, acts: { zoom(step: number): void; whole(): void }): TemplateResult {
  const tools: [string, string, () => void][] = [["zoom-in", "zoom_in", () => acts.zoom(1)], ["zoom-out", "zoom_out", () => acts.zoom(-1)], ["home", "whole", acts.whole]];
  return html`<div class="map-tools" role="toolbar" aria-label=${told("map")}>
      ${tools.map(([picture, name, act]) => html`<button type="button" class="map-tool" title=${told(name)} aria-label=${told(name)} @click=${act}>${icon(picture)}</button>`)}</div>
    <ul class="import-legend edit-legend">${(["kept", "changed", "born", "foreign"] as const).map((name) => html`<li><svg viewBox="0 0 16 12" aria-hidden="true"><rect class=${name} x="1" y="1" width="14" height="10"/></svg>${told(`legend_${name}`)}</li>`)}
      <li><svg viewBox="0 0 16 12" aria-hidden="true"><path class="upper" d="M1 6h14"/></svg>${told("legend_upper")}</li></ul>`;
}
