// Steps that are not in the draft yet: written down in this browser, one table for each tab, until the server has them.
import { Lost, Problem } from "./draft";
import type { Sent } from "./draft";

/** A tab that is loaded anew takes its steps itself. */
const RELOAD_MS = 3000;

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

/** Steps in order. What a tab wrote is its own as long as it lives; what one left behind another takes over. */
export class Journal {
  private readonly own: string;
  private readonly awaited = new Set<string>();
  /** What is written, where the browser keeps nothing. */
  private memory: Step[] | null = null;
  private close = (): void => undefined;

  /** @param key of the draft and who draws it; `taken`: steps of a tab that is closed are here now. */
  constructor(private readonly key: string, private readonly taken: () => void) {
    this.own = `${key}-${newId()}`;
  }

  get steps(): Step[] {
    return this.memory ?? stepsOf(localStorage.getItem(this.own));
  }

  set steps(steps: Step[]) {
    try {
      if (steps.length) localStorage.setItem(this.own, JSON.stringify(steps));
      else localStorage.removeItem(this.own);
      this.memory = null;
    } catch {
      this.memory = steps;
    }
  }

  /** Take over what closed tabs left. A browser that does not tell which are counts them all as closed: a step that both send is one. */
  connect(): void {
    if (!navigator.locks) {
      this.others().forEach((name) => this.takeOver(name));
      return;
    }
    void navigator.locks.request(this.own, () => new Promise<void>((resolve) => { this.close = resolve; }));
    window.addEventListener("storage", this.await);
    this.await();
  }

  disconnect(): void {
    window.removeEventListener("storage", this.await);
    this.close();
  }

  /** Each other tab that has steps keeps them until it is closed. */
  private readonly await = (): void => {
    for (const name of this.others().filter((each) => !this.awaited.has(each))) {
      this.awaited.add(name);
      void navigator.locks.request(name, { ifAvailable: true }, (free) => (free ? this.takeOver(name) : void this.whenClosed(name)));
    }
  };

  private async whenClosed(name: string): Promise<void> {
    await navigator.locks.request(name, () => undefined);
    await new Promise((resolve) => window.setTimeout(resolve, RELOAD_MS));
    await navigator.locks.request(name, () => this.takeOver(name));
  }

  private others(): string[] {
    return Object.keys(localStorage).filter((name) => name.startsWith(`${this.key}-`) && name !== this.own);
  }

  private takeOver(name: string): void {
    const left = stepsOf(localStorage.getItem(name)).map((step) => (step.state === "going" ? { ...step, state: "lost" as const } : step));
    if (left.length) this.steps = [...this.steps, ...left];
    localStorage.removeItem(name);
    this.awaited.delete(name);
    if (left.length) this.taken();
  }
}
