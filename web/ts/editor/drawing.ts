// What is selected and drawn before it becomes a step: grids, lines, and the question that a line or area asks.
import type Feature from "ol/Feature";
import type { LonLat } from "../map/base";
import type { Canvas, Leaf } from "./canvas";
import type { Operation } from "./draft";
import { degreesOf } from "./lattice";
import { askedOf, meaningOf } from "./meaning";
import type { Question } from "./panels";
import { lineFeature, ringFeature } from "./shapes";
import type { Mode } from "./tools";

/** Where it is drawn, and what follows. */
export interface Ground {
  canvas(): Canvas;
  mode(): Mode;
  /** The level that has none below it. */
  finest(): string;
  perform(operations: Operation[]): void;
  refuse(name: string, place: LonLat | null): void;
  /** Another attempt: what stood in the way of the last one is gone. */
  quiet(): void;
  /** A grid outside of the plan was clicked for a merge. */
  foreign(): void;
  /** Something is selected, or asked: that is what the pane shows. */
  shown(asks: boolean): void;
  moved(): void;
}

export class Drawing {
  codes: string[] = [];
  lines: LonLat[][] = [];
  asked: Question | null = null;

  constructor(private readonly ground: Ground) {}

  /** What is outlined: the grid that is being cut, else what is selected. */
  get outlined(): string[] {
    return this.asked?.kind === "split" ? [this.asked.grid] : this.codes;
  }

  /** What was drawn last, until it is a step. */
  get tried(): Feature | null {
    return this.ground.canvas().tried.item(0) ?? null;
  }

  /** Whether something is drawn that is no step yet. */
  get underway(): boolean {
    return this.asked !== null || this.lines.length > 0 || this.tried !== null;
  }

  /** Whether it is known what is drawn in: a division is of the grid that is chosen. */
  get aimed(): boolean {
    return this.ground.mode() !== "new" || (this.codes.length === 1 && this.ground.canvas().leaf(this.codes[0]!)?.get("inside") === true);
  }

  forget(): void {
    this.asked = null;
    this.lines = [];
    this.ground.canvas().drawn.clear();
    this.ground.canvas().tried.clear();
    this.outline();
  }

  /** Something else is being drawn: what was refused goes, but nothing of which is still asked. */
  begun(): void {
    if (!this.asked) this.ground.canvas().tried.clear();
    this.ground.quiet();
  }

  /** Ask no more; what is drawn stays on the map. */
  unask(): void {
    this.asked = null;
    this.ground.moved();
  }

  select(codes: string[]): void {
    this.codes = codes;
    this.outline();
  }

  picked(leaf: Leaf | null, more: boolean): void {
    const code = leaf ? String(leaf.get("code")) : "";
    if (leaf && !leaf.get("inside") && this.ground.mode() === "merge") this.ground.foreign();
    else if (!leaf) this.choose(more ? this.codes : []);
    else if (!more) this.choose([code]);
    else this.choose(this.codes.includes(code) ? this.codes.filter((each) => each !== code) : [...this.codes, code]);
  }

  line(line: number[][], again: boolean): void {
    const canvas = this.ground.canvas();
    this.lay(lineFeature(line), again);
    const means = meaningOf(line, this.ground.mode(), this.codes, this.ground.finest(), canvas);
    if (means.as === "refused") this.refuse(means.why, means.place ?? null);
    else if (means.as === "done") this.ground.perform(means.operations);
    else if (means.as === "cut") this.ask(askedOf(means, canvas));
    else if (this.lines.length && means.grid !== this.codes[0]) this.refuse("line_outside", null);
    else {
      canvas.tried.clear();
      canvas.drawn.addFeature(lineFeature(line));
      this.choose([means.grid]);
      this.lines = [...this.lines, means.line];
      this.ground.moved();
    }
  }

  area(ring: number[][], again: boolean): void {
    const from = this.ground.canvas().under(ring);
    this.lay(ringFeature(ring), again);
    if (from.length) this.ask({ kind: "carve", from, ring: degreesOf(ring) });
    else this.refuse("not_split_here", null);
  }

  /** Show what was drawn instead of the last; `again`: it is the last one, corrected, of which the same is asked. */
  private lay(drawn: Feature, again: boolean): void {
    const canvas = this.ground.canvas();
    if (this.asked && !again) this.forget();
    else if (this.asked) canvas.drawn.clear();
    canvas.tried.clear();
    canvas.tried.push(drawn);
    this.ground.quiet();
  }

  /** What was drawn stays, to be corrected. */
  private refuse(name: string, place: LonLat | null): void {
    this.asked = null;
    this.outline();
    this.ground.refuse(name, place);
  }

  /** Divide the selected grid by the lines that were drawn in it. */
  subdivide(): void {
    if (this.lines.length && this.codes.length === 1) this.ground.perform([{ op: "subdivide", grid: this.codes[0]!, lines: this.lines }]);
  }

  choose(codes: string[]): void {
    this.select(codes);
    this.ground.shown(false);
  }

  private ask(question: Question): void {
    const again = this.asked !== null;
    this.asked = question;
    this.outline();
    this.ground.shown(!again);
  }

  private outline(): void {
    this.ground.canvas().pick(this.outlined);
    this.ground.moved();
  }
}
