// What a click or a drag does in each mode; every act ends as operations or as a selection.
import type { MapBrowserEvent } from "ol";
import { altKeyOnly, noModifierKeys, primaryAction, singleClick } from "ol/events/condition";
import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import type Polygon from "ol/geom/Polygon";
import DoubleClickZoom from "ol/interaction/DoubleClickZoom";
import Draw from "ol/interaction/Draw";
import type Interaction from "ol/interaction/Interaction";
import Modify from "ol/interaction/Modify";
import Snap from "ol/interaction/Snap";
import { ringsOf } from "./canvas";
import type { Canvas, Leaf } from "./canvas";
import type { Operation } from "./draft";
import { bendOf, onEdge } from "./lattice";
import { drawnStyle } from "./styles";

export type Mode = "select" | "vertex" | "split" | "merge" | "reshape" | "carve" | "new";

/** Tools in the order of their buttons, with key and icon. */
export const TOOLS: readonly [Mode, string, string][] = [
  ["select", "V", "pointer"],
  ["vertex", "E", "vector-spline"],
  ["split", "X", "scissors"],
  ["merge", "M", "arrows-join"],
  ["reshape", "R", "wave-sine"],
  ["new", "N", "layout-grid-add"],
  ["carve", "C", "lasso-polygon"],
];
const SNAP_PX = 10;
const TOUCH_PX = 10;

/** Whether a tool draws a line or an area, so that it can trace. */
export function draws(mode: Mode): boolean {
  return ["split", "reshape", "new", "carve"].includes(mode);
}

export interface Acts {
  /** A leaf was clicked; `more`: it comes to those selected. */
  pick(leaf: Leaf | null, more: boolean): void;
  /** Whether a click draws; until then it chooses the grid to draw in. */
  aimed(): boolean;
  /** Something is being drawn. */
  begun(): void;
  /** `again`: what was drawn last, corrected. */
  line(line: number[][], again: boolean): void;
  area(ring: number[][], again: boolean): void;
  operations(operations: Operation[]): void;
  hint(name: string): void;
}

export class Tools {
  mode: Mode = "select";
  tracing = false;
  private inUse: Interaction[] = [];
  private resting = false;
  private draw: Draw | undefined;

  constructor(private readonly canvas: Canvas, private readonly acts: Acts) {
    // Clicks follow each other fast here: two are two
    const zooming = canvas.map.getInteractions().getArray().find((each) => each instanceof DoubleClickZoom);
    if (zooming) canvas.map.removeInteraction(zooming);
    canvas.map.on("click", (event) => this.clicked(event));
    // The map tells of no double click while something is drawn
    canvas.map.getViewport()!.addEventListener("dblclick", () => this.ended());
  }

  use(mode: Mode): void {
    this.mode = mode;
    for (const interaction of this.inUse) this.canvas.map.removeInteraction(interaction);
    this.inUse = [];
    this.draw = undefined;
    this.canvas.release();
    this.canvas.handles(mode === "vertex");
    if (mode === "vertex") this.add(this.modify());
    if (draws(mode)) this.begin(mode === "carve" ? "Polygon" : "LineString");
    this.canvas.map.getTargetElement()?.classList.toggle("aiming", this.draw !== undefined);
  }

  get drawing(): boolean {
    return this.draw !== undefined && this.begun;
  }

  private begun = false;
  private draws: "LineString" | "Polygon" = "LineString";

  abort(): void {
    this.draw?.abortDrawing();
  }

  /** End a line or an area with its last corner. */
  finish(): void {
    this.draw?.finishDrawing();
  }

  back(): void {
    this.draw?.removeLastPoint();
  }

  /** Let nothing be drawn for a while, or again. */
  rest(on: boolean): void {
    this.resting = on;
    for (const interaction of this.inUse) interaction.setActive(!on);
  }

  private add(interaction: Interaction): void {
    interaction.setActive(!this.resting);
    this.inUse.push(interaction);
    this.canvas.map.addInteraction(interaction);
  }

  /** A double click on a border ends the line as anywhere else, though its first click began to trace there. */
  private ended(): void {
    if (this.drawing && this.draws === "LineString") this.finish();
  }

  private clicked(event: MapBrowserEvent): void {
    if (this.draw && this.acts.aimed()) return;
    const original = event.originalEvent as MouseEvent;
    if (this.mode === "vertex" && original.altKey) return;
    this.acts.pick(this.canvas.at(event.coordinate), this.mode === "merge" || original.shiftKey || original.ctrlKey);
  }

  private begin(type: "LineString" | "Polygon"): void {
    this.draws = type;
    const draw = new Draw({
      type, style: drawnStyle, stopClick: true, snapTolerance: 8, trace: () => this.tracing, traceSource: this.canvas.own as never,
      condition: (event) => noModifierKeys(event) && this.acts.aimed(),
    });
    draw.on("drawstart", () => {
      this.begun = true;
      this.acts.begun();
    });
    draw.on("drawabort", () => { this.begun = false; });
    draw.on("drawend", (event) => {
      this.begun = false;
      this.made(event.feature, false);
    });
    this.draw = draw;
    this.add(draw);
    this.add(this.correct());
    for (const source of [this.canvas.foreign, this.canvas.own]) this.add(new Snap({ source: source as never, pixelTolerance: SNAP_PX }));
  }

  private made(feature: Feature, again: boolean): void {
    const shape = feature.getGeometry() as LineString | Polygon;
    const drawn = corners(shape instanceof LineString ? shape.getCoordinates() : shape.getCoordinates()[0]!);
    if (drawn.length <= (this.draws === "Polygon" ? 3 : 1)) return;
    if (this.draws === "Polygon") this.acts.area(drawn, again);
    else this.acts.line(drawn, again);
  }

  /** What was drawn last can be corrected by its corners. */
  private correct(): Modify {
    const modify = new Modify({
      features: this.canvas.tried,
      pixelTolerance: TOUCH_PX,
      style: drawnStyle,
      condition: (event) => primaryAction(event) && !this.begun,
      deleteCondition: (event) => altKeyOnly(event) && singleClick(event),
    });
    modify.on("modifyend", (event) => event.features.getArray().slice(0, 1).forEach((feature) => this.made(feature as Feature, true)));
    return modify;
  }

  private modify(): Modify {
    let before: [Leaf, number[][][]][] = [];
    let from: number[] = [];
    const modify = new Modify({
      source: this.canvas.own as never,
      pixelTolerance: TOUCH_PX,
      style: drawnStyle,
      condition: (event) => {
        if (!primaryAction(event)) return false;
        const foreign = this.canvas.foreignBorderAt(event.coordinate, TOUCH_PX);
        if (foreign) this.acts.hint("foreign_vertex");
        return !foreign;
      },
      deleteCondition: (event) => altKeyOnly(event) && singleClick(event),
    });
    modify.on("modifystart", (event) => {
      before = (event.features.getArray() as Feature[]).map((leaf) => [leaf as Leaf, ringsOf(leaf as Leaf)]);
      from = event.mapBrowserEvent?.coordinate ?? [];
      this.canvas.hold(before.map(([leaf]) => leaf));
    });
    modify.on("modifyend", () => {
      this.canvas.release();
      const operations = before.map(([leaf, rings]) => bent(rings, ringsOf(leaf), from)).find((found) => found.length);
      if (operations) this.acts.operations(operations);
    });
    return modify;
  }
}

/** A line without what repeats the corner before it. */
function corners(line: number[][]): number[][] {
  return line.filter((corner, index) => corner[0] !== line[index - 1]?.[0] || corner[1] !== line[index - 1]?.[1]);
}

/** The operations that one drag stands for. */
function bent(before: number[][][], after: number[][][], from: number[]): Operation[] {
  const { gone, come } = bendOf(before, after);
  const there = come[0];
  if (gone[0] && there) return [{ op: "move_vertex", from: gone[0], to: there.at }];
  if (gone[0]) return [{ op: "delete_vertex", at: gone[0] }];
  if (!there) return [];
  const at = onEdge(...there.between, from);
  return [{ op: "insert_vertex", at }, { op: "move_vertex", from: at, to: there.at }];
}
