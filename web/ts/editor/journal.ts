// Steps that are not in the draft yet: written down in this browser, one table for each tab, until the server has them.
import { Lost, Problem } from "./draft";
import type { Sent } from "./draft";
import { join } from "./tabs";
import type { Tabs } from "./tabs";

/** Why a step did not go in. What only got lost is sent again by itself; what was refused was looked at. */
export type Why = "lost" | "newer" | "stale" | "signed_out" | "barred" | "refused";

export interface Step extends Sent {
  /** How many operations the draft had when it was drawn. */
  seen: number;
  /** On its way, or behind one that is; else why it waits. */
  state: "going" | Why;
  /** What the server said, where that is the reason. */
  text: string;
}

/** What stands in the way of an answer; anything but a refusal or silence is a fault of this page and goes on. */
export function reasonOf(error: unknown): { why: Why; text: string } {
  if (error instanceof Lost) return { why: "lost", text: "" };
  if (!(error instanceof Problem)) throw error;
  const why = error.status === 401 ? "signed_out" : error.status === 403 ? "barred" : error.conflict || "refused";
  return { why, text: error.message };
}

/** A random UUID, also where the page does not come over TLS. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** What was written, if it was written here. */
function stepsOf(written: string | null): Step[] {
  try {
    const found: unknown = JSON.parse(written ?? "[]");
    return (Array.isArray(found) ? (found as (Partial<Step> | null)[]) : []).filter((step): step is Step => typeof step?.id === "string");
  } catch {
    return [];
  }
}

/** What the browser's store does or says; it may be forbidden, or full. */
function stored<T>(act: (store: Storage) => T, otherwise: T): T {
  try {
    return act(localStorage);
  } catch {
    return otherwise;
  }
}

/** Steps in order. What a tab wrote is its own as long as it lives; what one left behind another takes over. */
export class Journal {
  private readonly own: string;
  private readonly awaited = new Set<string>();
  /** What is to be written, where the browser does not keep it. */
  private memory: Step[] | null = null;
  private tabs: Tabs | null = null;

  /** @param key of the draft and who draws it; `taken`: steps of a tab that is closed are here now. */
  constructor(private readonly key: string, private readonly taken: () => void) {
    this.own = `${key}-${newId()}`;
  }

  get steps(): Step[] {
    return this.memory ?? stepsOf(stored((store) => store.getItem(this.own), null));
  }

  set steps(steps: Step[]) {
    const written = stored((store) => {
      if (steps.length) store.setItem(this.own, JSON.stringify(steps));
      else store.removeItem(this.own);
      return true;
    }, false);
    this.memory = written ? null : steps;
  }

  /** Whether there are steps that are gone when the page is. */
  get unwritten(): boolean {
    return Boolean(this.memory?.length);
  }

  /** Take over what closed tabs left, from now on. */
  connect(): void {
    if (!stored((store) => store.length >= 0, false)) return;
    this.tabs = join(this.own);
    window.addEventListener("storage", this.watch);
    this.watch();
  }

  disconnect(): void {
    window.removeEventListener("storage", this.watch);
    this.tabs?.leave();
    this.tabs = null;
    this.awaited.clear();
  }

  /** Each other tab that has steps keeps them until it is closed. */
  private readonly watch = (): void => {
    for (const name of this.others().filter((each) => !this.awaited.has(each))) {
      this.awaited.add(name);
      void this.tabs?.whenClosed(name, () => this.takeOver(name));
    }
  };

  private others(): string[] {
    const names = stored((store) => Object.keys(store), []);
    return names.filter((name) => name.startsWith(`${this.key}-`) && name !== this.own);
  }

  private takeOver(name: string): void {
    const found = stepsOf(stored((store) => store.getItem(name), null));
    const left = found.map((step) => (step.state === "going" ? { ...step, state: "lost" as const } : step));
    if (left.length) this.steps = [...this.steps, ...left];
    // Where there is no room they stay where they were as well: a step that is sent twice is one
    if (!this.unwritten) {
      stored((store) => store.removeItem(name), undefined);
      this.awaited.delete(name);
    }
    if (left.length) this.taken();
  }
}
