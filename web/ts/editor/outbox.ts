// Steps that the server has not taken: kept in this browser until they are sent, or left out by the person.
import { Lost, Problem } from "./draft";
import type { Operation, PlanState } from "./draft";

/** Why a step did not go in. What only got lost is sent again by itself; what was refused was looked at, and is not kept. */
export type Why = "lost" | "newer" | "stale" | "signed_out" | "barred" | "refused";

export interface Waiting {
  id: string;
  /** Nothing where it takes back or draws again. */
  operations: Operation[];
  back?: "undo" | "redo";
  /** Version of the draft that it was meant for, and how many steps were taken back in it. */
  version: number;
  undone?: number;
  why: Why;
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

/** Whether a step came in although its answer did not: the draft is one version on and ends with it. */
export function arrived(step: Waiting, plan: PlanState): boolean {
  if (plan.version !== step.version + 1) return false;
  if (step.back) return plan.undone === (step.undone ?? NaN) + (step.back === "undo" ? 1 : -1);
  const last = plan.operations.slice(-step.operations.length);
  return last.length === step.operations.length && step.operations.every((sent, index) => {
    const there = last[index]!;
    return Object.keys(sent).every((field) => JSON.stringify(there[field]) === JSON.stringify(sent[field]));
  });
}

/** What was written, if it was written here. */
function stepsOf(written: string | null): Waiting[] {
  try {
    const found: unknown = JSON.parse(written ?? "[]");
    return (Array.isArray(found) ? (found as (Partial<Waiting> | null)[]) : []).filter((step): step is Waiting => Array.isArray(step?.operations));
  } catch {
    return [];
  }
}

/** A step as it is written down before its fate is known. */
export type Going = Omit<Waiting, "id" | "why" | "text">;

/** In order; other tabs in which the same person has the same draft share it, so that it is read anew each time. */
export class Outbox {
  private readonly own: string;

  constructor(readonly key: string) {
    this.own = `${key}-going-${Date.now()}-${Math.random()}`;
  }

  /** Write down all that is on its way from this page; a browser that keeps nothing sends it all the same. */
  going(steps: Going[]): void {
    try {
      if (steps.length) localStorage.setItem(this.own, JSON.stringify(steps));
      else localStorage.removeItem(this.own);
    } catch {
      return;
    }
  }

  /** What was on its way when a page was closed waits from now on. */
  takeUp(): void {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(`${this.key}-going-`) && each !== this.own)) {
      for (const step of stepsOf(localStorage.getItem(name))) this.keep({ ...step, why: "lost", text: "" });
      localStorage.removeItem(name);
    }
  }

  get steps(): Waiting[] {
    return stepsOf(localStorage.getItem(this.key));
  }

  keep(step: Omit<Waiting, "id">): void {
    this.write([...this.steps, { ...step, id: `${Date.now()}-${Math.random()}` }]);
  }

  because(id: string, why: Why, text = ""): void {
    this.write(this.steps.map((step) => (step.id === id ? { ...step, why, text } : step)));
  }

  remove(id: string): void {
    this.write(this.steps.filter((step) => step.id !== id));
  }

  private write(steps: Waiting[]): void {
    if (steps.length) localStorage.setItem(this.key, JSON.stringify(steps));
    else localStorage.removeItem(this.key);
  }
}
