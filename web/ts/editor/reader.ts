// Reads the part of the draft that is looked at; of several readings under way the newest counts.
import type { Sheet } from "./draft";

export interface ReaderActs {
  /** The box to read, or nothing when all of it is there; `again`: whatever is there. */
  wanted(again: boolean): number[] | null;
  sheet(box: number[]): Promise<Sheet>;
  /** The server answered. */
  reached(): void;
  show(sheet: Sheet, box: number[]): void;
  fail(error: unknown): void;
}

export class Reader {
  private reading = Promise.resolve(true);

  constructor(private readonly acts: ReaderActs) {}

  /** Whether the draft was read, or nothing more of it is wanted. */
  read(again: boolean): Promise<boolean> {
    const box = this.acts.wanted(again);
    if (box) {
      const reading: Promise<boolean> = this.fetch(box, () => this.reading === reading).then((read) => (this.reading === reading ? read : this.reading));
      this.reading = reading;
    }
    return this.reading;
  }

  private async fetch(box: number[], newest: () => boolean): Promise<boolean> {
    try {
      const sheet = await this.acts.sheet(box);
      this.acts.reached();
      if (newest()) this.acts.show(sheet, box);
      return true;
    } catch (error) {
      this.acts.fail(error);
      return false;
    }
  }
}
