// The right pane of the editor: its tabs, what is open in it, and the foot that hands the draft in.
import { html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { LonLat } from "../map/base";
import { icon } from "../map/icon";
import type { Leaf } from "./canvas";
import type { EditorConfig, Told } from "./config";
import { standsOnFormer } from "./draft";
import type { Checked, Preview, Sheet } from "./draft";
import { changes, check, question, selected } from "./panels";
import type { PanelActs, Question } from "./panels";

const TABS = ["selected", "check", "changes"] as const;
export type Tab = (typeof TABS)[number];

/** What the pane goes by. */
export interface Inside {
  tab: Tab;
  asked: Question | null;
  sheet: Sheet | undefined;
  checked: Checked | undefined;
  previewed: Preview | undefined;
  /** Whether the preview is being computed. */
  working: boolean;
  /** Lines drawn that are to divide the selected grid. */
  lines: LonLat[][];
  /** What is selected, and what it touches when it is one alone. */
  leaves: Leaf[];
  touched: Leaf[];
  /** Why the draft cannot be handed in yet; empty when it can. */
  obstacle: string;
}

export interface PaneActs extends PanelActs {
  open(tab: Tab): void;
  submit(): void;
}

/** Whether something stands against the draft as it is. */
export function isRed(sheet: Sheet | undefined, checked: Checked | undefined): boolean {
  return (sheet !== undefined && standsOnFormer(sheet)) || (checked?.findings ?? []).some((finding) => finding.blocking);
}

export function pane(inside: Inside, told: Told, config: EditorConfig, acts: PaneActs): TemplateResult {
  const { tab, sheet, checked, obstacle } = inside;
  const found = (sheet?.stale.length ?? 0) + (sheet?.unfit.length ?? 0) + (checked?.findings.length ?? 0);
  return html`<aside class="pane right edit-pane" aria-label=${told("tab_selected")}>
    <nav class="tabs" role="tablist">${TABS.map((each) => html`<button type="button" role="tab" id="tab-${each}" aria-controls="edit-panel" aria-selected=${String(tab === each)} @click=${() => acts.open(each)}>${told(`tab_${each}`)}${each === "check" && found ? html` <span class="count">${found}</span>` : nothing}</button>`)}</nav>
    <div class="edit-panel" id="edit-panel" role="tabpanel" aria-labelledby="tab-${tab}">${panel(inside, told, config, acts)}</div>
    <div class="edit-foot"><button type="button" class="btn btn-primary" ?disabled=${obstacle !== ""} @click=${() => acts.submit()}>${icon("send")}${told("submit")}</button>
    ${obstacle ? html`<span class="meta">${obstacle}</span>` : nothing}</div>
  </aside>`;
}

function panel(inside: Inside, told: Told, config: EditorConfig, acts: PaneActs): TemplateResult {
  const { tab, asked, sheet, checked, previewed, working, lines, leaves, touched } = inside;
  if (tab === "check") return check(checked, sheet, told, acts);
  if (tab === "changes") return changes(previewed, working, told, config, acts);
  return asked ? question(asked, told, acts) : selected(leaves, sheet, lines.length, told, config, touched, acts);
}
