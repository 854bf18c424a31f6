// Steps on their way to the server: one at a time; what cannot go is kept, and goes again in order.
import type { Draft, Operation, PlanState } from "./draft";
import { Outbox, arrived, reasonOf } from "./outbox";
import type { Going, Waiting, Why } from "./outbox";

const AGAIN_MS = 15_000;

/** What follows from sending, where the draft is shown. */
export interface Follows {
  /** Read the draft anew; whether that went, or nothing more of it is wanted. */
  read(): Promise<boolean>;
  /** A step that waited is in, or left out. */
  taken(): void;
  /** The server looked at a step, or at what is no step, and refused. */
  refused(error: unknown): void;
  /** A step that did not go in waits. */
  kept(error: unknown): void;
  /** Nothing is on its way any more; `changed`: the draft is another. */
  settled(changed: boolean): void;
  /** How things stand was changed. */
  moved(): void;
}

/** What a step draws, or that it takes back the last one, or draws again what was taken back. */
export type Deed = Operation[] | "undo" | "redo";

interface Step {
  send(): Promise<void>;
  deed: Deed;
}

export class Sender {
  busy = false;
  /** Whether it is being asked whether the waiting step shall be left out. */
  leaving = false;
  waiting: Waiting[] = [];
  private readonly outbox: Outbox;
  private current: Step | null = null;
  private readonly next: Step[] = [];
  private timer = 0;

  constructor(private readonly draft: Draft, key: string, private readonly follows: Follows) {
    this.outbox = new Outbox(key);
  }

  connect(): void {
    window.addEventListener("online", this.reconnected);
    window.addEventListener("storage", this.shared);
    window.addEventListener("beforeunload", this.closing);
    this.outbox.takeUp();
  }

  disconnect(): void {
    window.removeEventListener("online", this.reconnected);
    window.removeEventListener("storage", this.shared);
    window.removeEventListener("beforeunload", this.closing);
    window.clearTimeout(this.timer);
  }

  /** See what waits. */
  look(): void {
    this.waiting = this.outbox.steps;
    this.leaving = false;
    window.clearTimeout(this.timer);
    if (this.waiting[0]?.why === "lost") this.timer = window.setTimeout(() => void this.resend(false), AGAIN_MS);
    this.follows.moved();
  }

  /** One step, after those on their way. While one waits no other is taken: the map does not show yet what it would be drawn on. */
  async act(send: () => Promise<void>, deed: Deed): Promise<void> {
    if (this.waiting.length) return;
    this.next.push({ send, deed });
    this.note();
    if (this.busy) return;
    await this.working(() => this.drain());
  }

  /** Send what is to follow, and what comes meanwhile; whether the draft is another. */
  private async drain(): Promise<boolean> {
    let changed = false;
    do {
      for (let step = this.next.shift(); step; step = this.next.shift()) changed = (await this.acted(step)) || changed;
      await this.follows.read();
    } while (this.next.length);
    return changed;
  }

  /** Send what waits, in order; `asked`: the person wants it, though the draft or the city may have changed. */
  async resend(asked: boolean): Promise<void> {
    if (this.busy) return;
    await this.working(() => this.sendWaiting(asked));
  }

  private async sendWaiting(asked: boolean): Promise<boolean> {
    const sure = asked && this.waiting[0]?.why !== "lost";
    let changed = false;
    while (await this.follows.read()) {
      const step = this.outbox.steps[0];
      if (!step || !(sure || step.why === "lost")) break;
      if (arrived(step, this.draft.plan)) this.outbox.remove(step.id);
      else if (!sure && step.version !== this.draft.plan.version) this.outbox.because(step.id, "newer");
      else if (!(await this.sent(step))) break;
      else changed = true;
    }
    this.look();
    if (this.next.length) changed = (await this.drain()) || changed;
    return changed;
  }

  /** Ask whether the first waiting step shall be left out (`null`), then do so or not. */
  leaveOut(sure: boolean | null): void {
    this.leaving = sure === null;
    const step = this.waiting[0];
    if (!sure || !step) {
      this.follows.moved();
      return;
    }
    const { about } = replay(this.waiting.map((each) => each.back ?? each.operations));
    this.waiting.filter((each, index) => each === step || (about[0] && about[index] === about[0])).forEach((each) => this.outbox.remove(each.id));
    this.look();
    this.follows.taken();
    void this.follows.read();
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

  /** Write down what is on its way: the page may be closed before the server answers. */
  private note(): void {
    this.outbox.going(written([...(this.current ? [this.current] : []), ...this.next].map((step) => step.deed), this.draft.plan));
  }

  private async acted(step: Step): Promise<boolean> {
    const { send, deed } = step;
    this.current = step;
    this.note();
    try {
      await send();
      return true;
    } catch (error) {
      const { why, text } = reasonOf(error);
      if (why === "refused") this.refused(deed, error);
      else this.keep(replay([deed, ...this.next.splice(0).map((each) => each.deed)]).drawn, why, text, error);
      return false;
    } finally {
      this.current = null;
      this.note();
    }
  }

  /** Go on with what was done after it, but not with what takes back or draws again the step that is not there. */
  private refused(deed: Deed, error: unknown): void {
    const about = replay([deed, ...this.next.map((step) => step.deed)]).about;
    this.next.splice(0, this.next.length, ...this.next.filter((_step, index) => about[index + 1] !== about[0]));
    this.follows.refused(error);
  }

  /** Keep a step that did not go in, and those that were to follow it. */
  private keep(steps: Deed[], why: Why, text: string, error: unknown): void {
    if (!steps.length) {
      this.follows.refused(error);
      return;
    }
    written(steps, this.draft.plan).forEach((step) => this.outbox.keep({ ...step, why, text }));
    this.follows.kept(error);
    this.look();
  }

  private async sent(step: Waiting): Promise<boolean> {
    try {
      await (step.back ? this.draft[step.back]() : this.draft.add(step.operations));
      this.outbox.remove(step.id);
      this.follows.taken();
      return true;
    } catch (error) {
      const { why, text } = reasonOf(error);
      this.outbox.because(step.id, why, text);
      this.follows.kept(error);
      return false;
    }
  }

  private readonly reconnected = (): void => void this.resend(false);

  private readonly closing = (event: BeforeUnloadEvent): void => {
    if (!this.current) return;
    event.preventDefault();
    event.returnValue = "";
  };

  private readonly shared = (event: StorageEvent): void => {
    if (event.key === this.outbox.key) this.look();
  };
}

/** Deeds in a row as they are written down, each for the version of the draft that the ones before it lead to. */
function written(deeds: Deed[], plan: PlanState): Going[] {
  let { undone } = plan;
  return deeds.map((deed, ahead) => {
    const step = { version: plan.version + ahead, undone };
    undone = deed === "undo" ? undone + 1 : deed === "redo" ? undone - 1 : 0;
    return typeof deed === "string" ? { ...step, operations: [], back: deed } : { ...step, operations: deed };
  });
}

/** Deeds in a row: what is left to do of them, and of each deed which step it is about: one from before is any. */
function replay(deeds: Deed[]): { drawn: Deed[]; about: (Operation[] | undefined)[] } {
  const drawn: Deed[] = [];
  let back: Operation[][] = [];
  const about = deeds.map((deed) => {
    const last = drawn[drawn.length - 1];
    const step = deed === "undo" ? (Array.isArray(last) ? last : undefined) : deed === "redo" ? back.pop() : deed;
    if (step && deed === "undo") {
      drawn.pop();
      back.push(step);
    } else drawn.push(step ?? deed);
    if (typeof deed !== "string") back = [];
    return step;
  });
  return { drawn, about };
}
