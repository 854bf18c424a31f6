// What the server says of the draft: how it stands, what its check and preview found, and what stands in the way.
import type { LonLat } from "../map/base";
import type { Canvas } from "./canvas";
import { Problem, standsOnFormer } from "./draft";
import type { Checked, Draft, Preview, Sheet } from "./draft";
import { reasonOf } from "./journal";
import type { Why } from "./journal";

const AWAY: readonly Why[] = ["lost", "signed_out"];

/** What stands in the way: why, the words, the place on the map. */
export interface Trouble {
  why: Why;
  text: string;
  place: LonLat | null;
}

export class Verdict {
  sheet: Sheet | undefined;
  checked: Checked | undefined;
  previewed: Preview | undefined;
  /** Whether the preview is being computed. */
  working = false;
  trouble: Trouble | null = null;

  constructor(private readonly draft: Draft, private readonly canvas: () => Canvas, private readonly moved: () => void) {}

  /** Check the draft, unless it stands on former grids: whether it does not. */
  async recheck(): Promise<boolean> {
    this.checked = this.previewed = undefined;
    this.moved();
    if (this.sheet && standsOnFormer(this.sheet)) return false;
    try {
      this.checked = await this.draft.check();
    } catch (error) {
      this.fail(error);
    }
    this.moved();
    return true;
  }

  async preview(): Promise<void> {
    this.working = true;
    this.moved();
    try {
      this.previewed = await this.draft.preview();
    } catch (error) {
      this.fail(error);
    }
    this.working = false;
    this.moved();
  }

  /** Say what stands in the way. */
  fail(error: unknown): void {
    this.trouble = { ...reasonOf(error), place: this.mark(error) };
    this.moved();
  }

  refuse(text: string, place: LonLat | null): void {
    this.trouble = { why: "refused", text, place };
    this.canvas().mark(place);
    this.moved();
  }

  /** Show where on the map the server says the error is. */
  mark(error: unknown): LonLat | null {
    const place = error instanceof Problem ? error.place : null;
    this.canvas().mark(place);
    return place;
  }

  quiet(): void {
    this.trouble = null;
    this.canvas().mark(null);
    this.moved();
  }

  /** Another act begins: what stood in the way of the last one is gone, but not that the server is out of reach. */
  begun(): void {
    if (this.trouble && !AWAY.includes(this.trouble.why)) this.quiet();
  }

  /** The server answers again. */
  reached(): void {
    if (this.trouble && AWAY.includes(this.trouble.why)) this.trouble = null;
    this.moved();
  }
}
