// The right pane of the editor: what is selected, what the check says, what will change.
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { fillText } from "../map/config";
import { icon } from "../map/icon";
import type { LonLat } from "../map/base";
import { areaText, areaTexts, comparedAreas } from "./areas";
import { PARTS } from "./canvas";
import type { Leaf } from "./canvas";
import type { EditorConfig, Told } from "./config";
import { standsOnFormer } from "./draft";
import type { Checked, Effect, Operation, Preview, Sheet } from "./draft";

/** What is asked before a drawn line or area becomes an operation. */
export type Question =
  | { kind: "split"; grid: string; name: string; line: LonLat[]; areas: [number, number] | null }
  | { kind: "carve"; from: string[]; ring: LonLat[] };

export interface PanelActs {
  go(place: LonLat | null, code: string): void;
  cancel(): void;
  preview(): void;
  rebase(): void;
  subdivide(): void;
}

function value(form: HTMLFormElement, name: string): string {
  return String(new FormData(form).get(name) ?? "").trim();
}

function perform(event: Event, operations: Operation[]): void {
  event.target!.dispatchEvent(new CustomEvent("wg-operations", { bubbles: true, detail: operations }));
}

/** A form whose answer becomes operations; without an answer nothing happens. */
function ask(content: TemplateResult, answer: (form: HTMLFormElement) => Operation[]): TemplateResult {
  const sent = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const operations = answer(form);
    if (operations.length) perform(event, operations);
  };
  return html`<form class="stacked" @submit=${sent}>${content}</form>`;
}

function line(label: string, name: string, button: string, told: Told, more: Partial<{ value: string; type: string; min: string; choices: [string, string][] }> = {}): TemplateResult {
  return html`<label class="label" for="edit-${name}">${label}</label>
    <div class="edit-line"><input class="control" id="edit-${name}" name=${name} type=${more.type ?? "text"} min=${more.min ?? nothing} .value=${more.value ?? ""} autocomplete="off" maxlength="200" list=${more.choices ? `edit-${name}-choices` : nothing} required>
    ${more.choices ? html`<datalist id="edit-${name}-choices">${more.choices.map(([code, title]) => html`<option value=${code}>${title}</option>`)}</datalist>` : nothing}
    <button class="btn btn-secondary">${told(button)}</button></div>`;
}

export function question(asked: Question, told: Told, acts: PanelActs): TemplateResult {
  const buttons = html`<div class="actions"><button class="btn btn-primary">${told("save")}</button><button type="button" class="btn btn-secondary" @click=${acts.cancel}>${told("cancel")}</button></div>`;
  const name = html`<label class="label" for="edit-new-name">${told("split_name")}</label><input class="control" id="edit-new-name" name="name" ?required=${asked.kind === "carve"} placeholder=${asked.kind === "split" ? told("name_proposed") : ""} maxlength="200" autocomplete="off">`;
  const code = html`<label class="label" for="edit-new-code">${told("split_code")}</label><input class="control" id="edit-new-code" name="code" maxlength="64" autocomplete="off">`;
  if (asked.kind === "split") return splitting(asked, told, name, code, buttons);
  return html`<h2>${told("carve_title")}</h2>${ask(html`${name}${code}
    <label class="choice"><input type="checkbox" name="dedicated" checked> ${told("carve_kind")}</label>${buttons}`, (form) => {
    const code = value(form, "code");
    return [{
      op: "carve", from: asked.from, polygon: { type: "Polygon", coordinates: [asked.ring] }, name: value(form, "name"),
      kind: value(form, "dedicated") ? "dedicated" : "base", ...(code ? { code } : {}),
    }];
  })}`;
}

/** The larger part keeps code and name, unless the person says otherwise. */
function splitting(asked: Question & { kind: "split" }, told: Told, name: TemplateResult, code: TemplateResult, buttons: TemplateResult): TemplateResult {
  const sizes = asked.areas ? asked.areas.map(areaTexts(asked.areas)) : [];
  const larger = asked.areas && asked.areas[1] > asked.areas[0] ? 1 : 0;
  return html`<h2>${told("split_title")}</h2>${ask(html`
    <fieldset><legend class="label">${told("split_keeps", { name: asked.name })}</legend>
      ${PARTS.map(([letter], index) => html`<label class="choice"><input type="radio" name="keeps" value=${letter} ?checked=${index === larger}> ${told("part", { letter })} <span class="meta">${sizes[index] ?? ""}</span></label>`)}</fieldset>
    ${name}${code}${buttons}`, (form) => {
    const [name, code] = [value(form, "name"), value(form, "code")];
    // The first name is that of the part on the left of the line
    const drawn = value(form, "keeps") === PARTS[0][0] ? asked.line : [...asked.line].reverse();
    return [{ op: "split", grid: asked.grid, line: drawn, ...(name ? { names: [null, name] } : {}), ...(code ? { codes: [asked.grid, code] } : {}) }];
  })}`;
}

/** The facts of what is selected, and what can be done with it besides drawing. */
export function selected(leaves: Leaf[], sheet: Sheet | undefined, lines: number, told: Told, { level_names: levels, finest }: Pick<EditorConfig, "level_names" | "finest">, near: Leaf[], acts: PanelActs): TemplateResult {
  if (!leaves.length) return html`<p class="meta">${told("nothing_selected")}</p>`;
  if (leaves.length > 1) return several(leaves, told);
  const leaf = leaves[0]!;
  const code = String(leaf.get("code"));
  const above = (leaf.get("path") as string[]).map((each) => [each, sheet?.names[each] ?? each] as const);
  const facts = html`<h2>${leaf.get("name")}</h2><dl class="kv">
      <dt>${told("code")}</dt><dd>${code}</dd><dt>${told("level")}</dt><dd>${levels[String(leaf.get("level"))] ?? ""}</dd>
      <dt>${told("area")}</dt><dd>${areaText(Number(leaf.get("area_m2")))}</dd>
      ${above.length ? html`<dt>${told("above")}</dt><dd>${above.map(([, name]) => name).join(" › ")}</dd>` : nothing}</dl>`;
  if (!leaf.get("inside")) return html`${facts}<p class="meta">${told("foreign")}</p>`;
  const parents = others(leaf, sheet);
  return html`${facts}
    ${lines ? html`<p>${told("new_lines", { n: lines })} <button class="btn btn-primary btn-sm" type="button" @click=${acts.subdivide}>${told("new_do")}</button></p>` : nothing}
    ${ask(line(told("name"), "name", "rename", told, { value: String(leaf.get("name")) }), (form) => [{ op: "rename", grid: code, name: value(form, "name") }])}
    ${leaf.get("level") === finest ? nothing : ask(line(told("net"), "net", "new_do", told, { type: "number", min: "1" }), (form) => [{ op: "subdivide", grid: code, net_m: Number(value(form, "net")) }])}
    <details class="more-options"><summary>${told("more")}</summary>
    ${ask(line(told("recode"), "code", "do", told), (form) => [{ op: "recode", grid: code, code: value(form, "code") }])}
    ${ask(line(told("move_under"), "parent", "do", told, { choices: parents }), (form) => [{ op: "move", grid: code, parent: value(form, "parent") }])}
    ${ask(line(told("retire_into"), "into", "do", told, { choices: near.map((each) => [String(each.get("code")), String(each.get("name"))]) }), (form) => [{ op: "retire", grid: code, into: value(form, "into") }])}
    ${above.map(([each, name]) => ask(line(told("rename_above", { name }), `above-${each}`, "rename", told, { value: name }), (form) => [{ op: "rename", grid: each, name: value(form, `above-${each}`) }]))}
    </details>`;
}

/** What the leaves of the sheet say of themselves. */
function drawn(sheet: Sheet | undefined): { code: string; name: string; parent: string; inside: boolean; level: string }[] {
  return ((sheet?.features ?? []) as { properties: ReturnType<typeof drawn>[number] }[]).map(({ properties }) => properties);
}

/** Grids above those that are seen, under which the leaf could go as well. */
function others(leaf: Leaf, sheet: Sheet | undefined): [string, string][] {
  const alike = drawn(sheet).filter(({ inside, level, parent }) => inside && level === leaf.get("level") && parent !== leaf.get("parent"));
  return [...new Set(alike.map(({ parent }) => parent))].map((code) => [code, sheet?.names[code] ?? ""]);
}

function several(leaves: Leaf[], told: Told): TemplateResult {
  const area = leaves.reduce((sum, leaf) => sum + Number(leaf.get("area_m2")), 0);
  const codes = leaves.map((leaf) => String(leaf.get("code")));
  return html`<h2>${told("several_selected", { n: leaves.length })}</h2><p class="meta">${areaText(area)}</p>
    ${ask(html`<fieldset><legend class="label">${told("merge_keep")}</legend>
      ${leaves.map((leaf, index) => html`<label class="choice"><input type="radio" name="code" value=${String(leaf.get("code"))} ?checked=${index === 0}> ${leaf.get("name")} <span class="meta">${leaf.get("code")}</span></label>`)}</fieldset>
      <label class="label" for="edit-merged">${told("merge_name")}</label><input class="control" id="edit-merged" name="name" maxlength="200" autocomplete="off" placeholder=${String(leaves[0]!.get("name"))}>
      <label class="choice"><input type="checkbox" name="multipart"> ${told("merge_parts")}</label>
      <div class="actions"><button class="btn btn-primary">${told("merge_do", { n: leaves.length })}</button></div>`, (form) => {
      const name = value(form, "name");
      return [{ op: "merge", grids: codes, code: value(form, "code"), ...(name ? { name } : {}), ...(value(form, "multipart") ? { multipart: true } : {}) }];
    })}`;
}

export function check(checked: Checked | undefined, sheet: Sheet | undefined, told: Told, acts: PanelActs): TemplateResult {
  const unfit = sheet?.unfit ?? [];
  if (sheet && standsOnFormer(sheet)) {
    return html`${sheet.stale.length ? html`<p class="finding bad">${icon("alert-circle")}<span>${told("stale", { codes: sheet.stale.slice(0, 20).join(", ") })}</span></p>` : nothing}
      <ul class="plain-list findings">${unfit.map((each) => html`<li class="bad">${icon("alert-circle")}<span>${told("unfit", { n: each.operation, why: each.reason })}</span></li>`)}</ul>
      <p><button type="button" class="btn btn-secondary" @click=${acts.rebase}>${told("rebase")}</button></p>`;
  }
  if (!checked) return html`<p class="meta">${told("checking")}</p>`;
  return html`<p class="finding ok">${icon("circle-check")}<span>${told("exact")}</span></p>
    ${checked.findings.length ? nothing : html`<p class="meta">${told("no_findings")}</p>`}
    <ul class="plain-list findings">${checked.findings.map((each) => html`<li class=${each.blocking ? "bad" : "warn"}>${icon(each.blocking ? "alert-circle" : "alert-triangle")}
      <span>${each.text}${each.blocking ? html` <strong>${told("blocking")}</strong>` : nothing}
      <button type="button" class="btn btn-quiet btn-sm" @click=${() => acts.go(each.lon !== null && each.lat !== null ? [each.lon, each.lat] : null, each.grid)}>${told("go_there")}</button>
      ${each.mend ? html`<button type="button" class="btn btn-secondary btn-sm" @click=${(event: Event) => perform(event, [each.mend!.operation])}>${each.mend.text}</button>` : nothing}</span></li>`)}</ul>
    ${([["born", checked.born], ["retired", checked.retired], ["touched", checked.touched]] as const).filter(([, codes]) => codes.length).map(([name, codes]) => html`<h3>${told(name)} <span class="meta">${codes.length}</span></h3>
      <p class="codes">${codes.slice(0, 200).map((code) => html`<button type="button" class="btn btn-quiet btn-sm" @click=${() => acts.go(null, code)}>${checked.names[code] ?? ""} <span class="meta">${code}</span></button>`)}</p>`)}`;
}

export function changes(preview: Preview | undefined, working: boolean, told: Told, words: Pick<EditorConfig, "tables" | "counted">, acts: PanelActs): TemplateResult {
  const table = (name: string): string => words.tables[name] ?? name;
  const button = html`<p><button type="button" class="btn btn-secondary" ?disabled=${working} @click=${acts.preview}>${working ? told("checking") : told("preview")}</button></p>`;
  if (!preview) return button;
  const sides = (before: string, after: string): TemplateResult => html`<span class="number">${before}${before === after ? nothing : html` → <strong>${after}</strong>`}</span>`;
  const areas = (effect: Effect): TemplateResult => {
    const [before, after, difference] = comparedAreas(effect.before_m2, effect.after_m2);
    return html`${sides(before, after)} ${difference ? html`<span class="meta number">${difference}</span>` : nothing}`;
  };
  const now = new Map(preview.grids.map((effect) => [effect.old_code, effect.old_name]));
  const then = new Map(preview.grids.map((effect) => [effect.code, effect.name]));
  const called = (code: string | null, names: Map<string, string>): string => (code === null ? told("outside_city") : `${names.get(code) ?? ""} ${code}`.trim());
  return html`${button}
    ${preview.objections.map((objection) => html`<p class="finding bad">${icon("alert-circle")}<span>${objection.plugin}: ${objection.text} ${objection.mend}</span></p>`)}
    ${preview.grids.map((effect) => html`<section class="edit-effect"><h3>${effect.name} <span class="meta">${effect.code}</span></h3><dl class="kv">
      <dt>${told("area")}</dt><dd>${areas(effect)}</dd>
      ${Object.keys(effect.before).filter((name) => effect.before[name] || effect.after[name]).map((name) => html`<dt>${words.counted[name] ?? name}</dt><dd>${sides(String(effect.before[name] ?? 0), String(effect.after[name] ?? 0))}</dd>`)}</dl></section>`)}
    <h3>${told("moves")}</h3>
    ${preview.moves.length ? html`<ul class="plain-list">${preview.moves.map((move) => html`<li>${fillText(told("moves_line"), { rows: move.rows, table: table(move.table), from: called(move.from, now), to: called(move.to, then) })}</li>`)}</ul>` : html`<p class="meta">${told("no_moves")}</p>`}
    ${Object.entries(preview.ended).filter(([, rows]) => rows).map(([name, rows]) => html`<p class="finding warn">${icon("alert-triangle")}<span>${told("ended", { rows, table: table(name) })}</span></p>`)}
    ${Object.entries(preview.copied).filter(([, rows]) => rows).map(([name, rows]) => html`<p class="finding">${icon("info-circle")}<span>${told("copied", { rows, table: table(name) })}</span></p>`)}`;
}
