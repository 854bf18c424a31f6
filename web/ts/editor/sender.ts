// Steps on their way to the server: one at a time; what cannot go is kept, and goes again in order.
import type { Draft, Operation } from "./draft";
import { Outbox, arrived, reasonOf } from "./outbox";
import type { Waiting, Why } from "./outbox";

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
  private readonly next: Step[] = [];
  private timer = 0;

  constructor(private readonly draft: Draft, key: string, private readonly follows: Follows) {
    this.outbox = new Outbox(key);
  }

  connect(): void {
    window.addEventListener("online", this.reconnected);
    window.addEventListener("storage", this.shared);
  }

  disconnect(): void {
    window.removeEventListener("online", this.reconnected);
    window.removeEventListener("storage", this.shared);
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
    this.outbox.remove(step.id);
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

  private async acted({ send, deed }: Step): Promise<boolean> {
    try {
      await send();
      return true;
    } catch (error) {
      const { why, text } = reasonOf(error);
      if (why === "refused" || typeof deed === "string") this.refused(deed, error);
      else this.keep(replay([deed, ...this.next.splice(0).map((step) => step.deed)]).drawn, why, text, error);
      return false;
    }
  }

  /** Go on with what was done after it, but not with what takes back or draws again the step that is not there. */
  private refused(deed: Deed, error: unknown): void {
    const about = replay([deed, ...this.next.map((step) => step.deed)]).about;
    this.next.splice(0, this.next.length, ...this.next.filter((_step, index) => about[index + 1] !== about[0]));
    this.follows.refused(error);
  }

  /** Keep a step that did not go in, and those that were to follow it. */
  private keep(steps: Operation[][], why: Why, text: string, error: unknown): void {
    if (!steps.length) {
      this.follows.refused(error);
      return;
    }
    const { version } = this.draft.plan;
    steps.forEach((operations, ahead) => this.outbox.keep({ operations, version: version + ahead, why, text }));
    this.follows.kept(error);
    this.look();
  }

  private async sent(step: Waiting): Promise<boolean> {
    try {
      await this.draft.add(step.operations);
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

  private readonly shared = (event: StorageEvent): void => {
    if (event.key === this.outbox.key) this.look();
  };
}

/** Deeds in a row: the steps that stand after them, and of each deed which step it is about: one from before is any. */
function replay(deeds: Deed[]): { drawn: Operation[][]; about: (Operation[] | undefined)[] } {
  const drawn: Operation[][] = [];
  let back: Operation[][] = [];
  const about = deeds.map((deed) => {
    const step = deed === "undo" ? drawn.pop() : deed === "redo" ? back.pop() : deed;
    if (step && deed === "undo") back.push(step);
    else if (step) drawn.push(step);
    if (typeof deed !== "string") back = [];
    return step;
  });
  return { drawn, about };
}
