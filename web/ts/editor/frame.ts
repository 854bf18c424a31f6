// What stands around the editor's map: the strip with the plan, the tools, the bar that says what stands in the way.
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { LonLat } from "../map/base";
import type { BasemapConfig } from "../map/config";
import { icon } from "../map/icon";
import type { Operation, PlanState } from "./draft";
import type { Told } from "./panels";
import { TOOLS } from "./tools";
import type { Mode } from "./tools";

/** What the server tells the editor, in the attribute `data-config`. */
export interface EditorConfig {
  plan: string;
  place: { code: string; name: string; level: string };
  extent: [number, number, number, number];
  version: number;
  basemaps: BasemapConfig[];
  level_names: Record<string, string>;
  tables: Record<string, string>;
  texts: Record<string, string>;
}

/** What stands in the way: the words, the place on the map, and operations that can be tried again. */
export interface Trouble {
  text: string;
  place: LonLat | null;
  again?: { operations: Operation[]; button: string };
}

export interface FrameActs {
  undo(): void;
  redo(): void;
  use(mode: Mode): void;
  trace(): void;
  ground(about: BasemapConfig | undefined): void;
  go(place: LonLat): void;
  again(): void;
  discard(): void;
}

export function strip(title: string, config: EditorConfig, plan: PlanState, busy: boolean, told: Told, acts: FrameActs): TemplateResult {
  const facts = [config.place.name, told("based_on", { version: config.version }), told("steps", { n: plan.operations.length })];
  return html`<div class="strip edit-strip">${icon("pencil")}<strong>${title}</strong><span>${facts.join(" · ")}</span>
    <button type="button" class="btn btn-sm btn-secondary" ?disabled=${busy || !plan.operations.length} @click=${acts.undo} title="Ctrl+Z">${icon("arrow-back-up")}${told("undo")}</button>
    <button type="button" class="btn btn-sm btn-secondary" ?disabled=${busy || !plan.undone} @click=${acts.redo} title="Ctrl+Y">${icon("arrow-forward-up")}${told("redo")}</button>
    <span class="saved" role="status">${busy ? told("saving") : told("saved")}</span>
    <a href="/grids/plans/${config.plan}">${told("leave")}</a></div>`;
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

export function troubleBar(trouble: Trouble, told: Told, acts: FrameActs): TemplateResult {
  return html`<div class="edit-bar notice bad" role="alert">${icon("alert-circle")}<div><p>${trouble.text}</p></div>
    ${trouble.place ? html`<button type="button" class="btn btn-sm btn-secondary" @click=${() => acts.go(trouble.place!)}>${told("go_there")}</button>` : nothing}
    ${trouble.again ? html`<button type="button" class="btn btn-sm btn-primary" @click=${acts.again}>${told(trouble.again.button)}</button>` : nothing}
    <button type="button" class="btn btn-sm btn-secondary" @click=${acts.discard}>${told(trouble.again ? "discard" : "close")}</button></div>`;
}
