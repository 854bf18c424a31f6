// Steps on their way to the server: one at a time; what cannot go is kept, and goes again in order.
import type { Deed, Draft } from "./draft";
import { Journal, newId, reasonOf } from "./journal";
import type { Step, Why } from "./journal";

const AGAIN_MS = 15_000;
/** The version that no draft has: what is meant for it the server knows by its id, or refuses. */
const NEVER = 0;

/** What follows from sending, where the draft is shown. */
export interface Follows {
  /** Read the draft anew; whether that went, or nothing more of it is wanted. */
  read(): Promise<boolean>;
  /** A step that waited is in, or left out. */
  taken(): void;
  /** The server looked at a step, or at what is no step, and refused. */
  refused(error: unknown): void;
  /** A step was left out, since it was meant for a draft that is another by now. */
  missed(deed: Deed): void;
  /** A step that did not go in waits. */
  kept(error: unknown): void;
  /** Nothing is on its way any more; `changed`: the draft is another. */
  settled(changed: boolean): void;
  /** How things stand was changed. */
  moved(): void;
}

export class Sender {
  busy = false;
  /** Whether it is being asked whether the waiting step shall be left out. */
  leaving = false;
  private readonly journal: Journal;
  /** What follows when a step is in that did not have to wait. */
  private readonly done = new Map<string, () => void>();
  private timer = 0;

  constructor(private readonly draft: Draft, key: string, private readonly follows: Follows) {
    this.journal = new Journal(key, () => {
      this.look();
      void this.resend(false);
    });
  }

  /** From now on: steps of tabs that are closed are sent as well. */
  connect(): void {
    window.addEventListener("online", this.reconnected);
    window.addEventListener("beforeunload", this.closing);
    this.journal.connect();
    this.look();
  }

  disconnect(): void {
    window.removeEventListener("online", this.reconnected);
    window.removeEventListener("beforeunload", this.closing);
    window.clearTimeout(this.timer);
    this.journal.disconnect();
  }

  /** What did not go in and is still wanted. */
  get waiting(): Step[] {
    return standing(this.journal.steps).filter((step) => step.state !== "going");
  }

  /** One step, after those on their way. While one waits no other is taken: the map does not show yet what it would be drawn on. */
  async act(deed: Deed, done: () => void): Promise<void> {
    if (this.waiting.length) return;
    const step: Step = { id: newId(), deed, version: this.draft.plan.version, seen: this.draft.plan.operations.length, state: "going", text: "" };
    const steps = [...this.journal.steps, step];
    this.journal.steps = numbered(steps, steps[0]);
    this.done.set(step.id, done);
    if (!this.busy) await this.working(() => this.drain(false));
  }

  /** Send what waits, in order; `asked`: the person wants it, though the draft or the city may have changed. */
  async resend(asked: boolean): Promise<void> {
    if (!this.busy) await this.working(() => this.sendAgain(asked));
  }

  private async sendAgain(asked: boolean): Promise<boolean> {
    const first = this.journal.steps[0]?.state;
    let missed: Step | undefined;
    if (asked && (first === "newer" || first === "stale")) {
      if (!(await this.follows.read())) return false;
      missed = this.renew();
    }
    const changed = await this.drain(asked && first !== "lost");
    if (missed) this.follows.missed(missed.deed);
    return changed;
  }

  /** Let what waits follow the draft as it is now. Where that is another, what takes back or draws again an operation from before would hit somebody else's: it is left out; the first of those. */
  private renew(): Step | undefined {
    const { version, operations } = this.draft.plan;
    const steps = this.journal.steps;
    const { about } = subjects(steps.map(({ deed }) => deed));
    const missed = steps[0]?.version === version ? [] : steps.filter((_step, index) => !Array.isArray(steps[about[index]!]!.deed));
    this.journal.steps = numbered(steps.filter((step) => !missed.includes(step)), { version, seen: operations.length });
    if (missed.length) this.look();
    return missed[0];
  }

  /** Send what is to follow, and what comes meanwhile, until one has to wait; whether the draft is another. */
  private async drain(asked: boolean): Promise<boolean> {
    let changed = false;
    let stuck = false;
    const next = (): Step | undefined => this.journal.steps.slice(0, 1).find((step) => !stuck && (asked || step.state === "going" || step.state === "lost" || this.unwanted(step)));
    do {
      for (let step = next(); step; step = next()) {
        const fate = await this.sent(step);
        changed ||= fate === "in";
        stuck = fate === "kept";
      }
      await this.follows.read();
    } while (next());
    return changed;
  }

  private async sent(step: Step): Promise<"in" | "out" | "kept"> {
    const unwanted = this.unwanted(step);
    try {
      await this.draft.take(unwanted ? { ...step, version: NEVER } : step);
    } catch (error) {
      const { why, text } = reasonOf(error);
      if (unwanted && ["newer", "stale", "refused"].includes(why)) {
        this.leave(step);
        return "out";
      }
      if (why === "refused" && step.state === "going") {
        this.leave(step);
        this.follows.refused(error);
        return "out";
      }
      this.keep(why, text, error);
      return "kept";
    }
    this.journal.steps = this.journal.steps.filter(({ id }) => id !== step.id);
    if (!unwanted) (this.done.get(step.id) ?? this.follows.taken)();
    this.done.delete(step.id);
    if (step.state !== "going") this.look();
    return "in";
  }

  /** Whether a step was taken back while nobody knew whether it had gone in: it is not drawn, but if it is in, taken back. */
  private unwanted(step: Step): boolean {
    return step.state !== "going" && !standing(this.journal.steps).some(({ id }) => id === step.id);
  }

  /** Keep the first step, which did not go in as far as is known, and those that were to follow it; but none that was taken back before it went. */
  private keep(why: Why, text: string, error: unknown): void {
    const steps = this.journal.steps;
    const left = steps[0]?.state === "going" ? standing(steps, why === "lost" ? 0 : undefined) : steps;
    this.journal.steps = numbered(left.map((step, index) => (index && why === "refused" ? step : { ...step, state: why, text })), steps[0]);
    this.done.clear();
    if (this.waiting.length) this.follows.kept(error);
    else this.follows.refused(error);
    this.look();
  }

  /** Go on without a step, and without what takes it back or draws it again. */
  private leave(left: Step, instead: Step[] = []): void {
    const steps = this.journal.steps;
    const at = steps.findIndex(({ id }) => id === left.id);
    const { about } = subjects(steps.map(({ deed }) => deed));
    this.journal.steps = numbered(steps.flatMap((step, index) => (index === at ? instead : about[index] === at ? [] : [step])), steps[0]);
  }

  /** Ask whether the first waiting step shall be left out (`null`), then do so or not. */
  leaveOut(sure: boolean | null): void {
    const [first] = this.waiting;
    this.leaving = sure === null;
    if (!sure || !first) {
      this.follows.moved();
      return;
    }
    // What only got lost may be in, and is taken back then
    const back = first.state === "lost" && Array.isArray(first.deed) ? first.deed.map(() => ({ ...first, id: newId(), deed: "undo" as const })) : [];
    this.leave(first, back.length ? [first, ...back] : []);
    this.look();
    this.follows.taken();
    void this.resend(false);
  }

  /** `work` says whether the draft is another; whatever becomes of it, the next step is taken again. */
  private async working(work: () => Promise<boolean>): Promise<void> {
    this.busy = true;
    this.follows.moved();
    let changed = false;
    try {
      changed = await work();
    } finally {
      this.busy = false;
      this.follows.settled(changed);
      this.follows.moved();
    }
  }

  /** Another step is the first that waits, or it waits for another reason. */
  private look(): void {
    this.leaving = false;
    window.clearTimeout(this.timer);
    if (this.journal.steps[0]?.state === "lost") this.timer = window.setTimeout(() => void this.resend(false), AGAIN_MS);
    this.follows.moved();
  }

  private readonly reconnected = (): void => void this.resend(false);

  private readonly closing = (event: BeforeUnloadEvent): void => {
    const going = this.busy && this.journal.steps[0]?.state === "going";
    if (!going && !this.journal.unwritten) return;
    event.preventDefault();
    event.returnValue = "";
  };
}

/** Steps in a row, each for the draft that the ones before it lead to. */
function numbered(steps: Step[], first: Pick<Step, "version" | "seen"> | undefined): Step[] {
  let { version, seen } = first ?? { version: 0, seen: 0 };
  return steps.map((step) => {
    const placed = { ...step, version, seen };
    version += 1;
    seen += Array.isArray(step.deed) ? step.deed.length : step.deed === "undo" ? -1 : 1;
    return placed;
  });
}

/** Of deeds in a row, each of which takes back or draws again one operation: whose that is (its own, where it is from before them); and of which something stands in the end. */
function subjects(deeds: Deed[]): { about: number[]; stand: Set<number> } {
  const drawn: number[] = [];
  let back: number[] = [];
  const about = deeds.map((deed, index) => {
    if (Array.isArray(deed)) {
      drawn.push(...deed.map(() => index));
      back = [];
      return index;
    }
    const [from, to] = deed === "undo" ? [drawn, back] : [back, drawn];
    const subject = from.pop() ?? index;
    to.push(subject);
    return subject;
  });
  return { about, stand: new Set(drawn) };
}

/** Steps without those of which nothing is left in the end, and without what took them back; `doubted`: but with this one. */
function standing(steps: Step[], doubted?: number): Step[] {
  const { about, stand } = subjects(steps.map(({ deed }) => deed));
  return steps.filter((_step, index) => about[index] === doubted || !Array.isArray(steps[about[index]!]!.deed) || stand.has(about[index]!));
}
