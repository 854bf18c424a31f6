// What keys do in the editor; while somebody types they belong to the field.
import { isTyping } from "../page";
import { TOOLS } from "./tools";
import type { Mode } from "./tools";

export interface KeyActs {
  undo(): void;
  redo(): void;
  /** Out of what is going on, one step; `typing`: in a form of the editor. */
  escape(typing: boolean): void;
  back(): void;
  /** Whether there was something to be done. */
  enter(from: Element): boolean;
  trace(): void;
  use(mode: Mode): void;
}

export function keyed(event: KeyboardEvent, acts: KeyActs): void {
  if (isTyping(event)) {
    if (event.key === "Escape") acts.escape(true);
    return;
  }
  if (event.altKey || document.querySelector("dialog[open]")) return;
  const key = event.key.toUpperCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "Z" && !event.shiftKey) acts.undo();
    else if (key === "Y" || key === "Z") acts.redo();
    else return;
  } else if (key === "ESCAPE") acts.escape(false);
  else if (key === "BACKSPACE") acts.back();
  else if (key === "T") acts.trace();
  else if (key !== "ENTER" || !acts.enter(event.target as Element)) {
    const tool = TOOLS.find(([, letter]) => letter === key);
    if (!tool) return;
    acts.use(tool[0]);
  }
  event.preventDefault();
}
