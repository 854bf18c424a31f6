// The screen as a coarse raster: which area each cell belongs to, and which cells are taken by something else.

/** Rings one after another, each as x, y, x, y … in cells; a cell inside an odd number of them is inside. */
export type Rings = ArrayLike<number>[];

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Raster {
  /** Per cell the number of its area, 0 for none. */
  readonly owner: Int32Array;
  private readonly taken: Int32Array;

  constructor(readonly width: number, readonly height: number) {
    this.owner = new Int32Array(width * height);
    this.taken = new Int32Array((width + 1) * (height + 1));
  }

  /** Gives the cells whose middle lies inside to an area. */
  paint(area: number, rings: Rings): void {
    const crossings = new Map<number, number[]>();
    for (const ring of rings) this.cross(ring, crossings);
    for (const [row, found] of crossings) {
      found.sort((a, b) => a - b);
      for (let at = 0; at + 1 < found.length; at += 2) {
        const from = Math.max(0, Math.ceil(found[at]! - 0.5));
        const to = Math.min(this.width - 1, Math.ceil(found[at + 1]! - 0.5) - 1);
        if (from <= to) this.owner.fill(area, row * this.width + from, row * this.width + to + 1);
      }
    }
  }

  /** Where a ring crosses the middle of each row. */
  private cross(ring: ArrayLike<number>, crossings: Map<number, number[]>): void {
    for (let at = 0; at + 3 < ring.length; at += 2) {
      const [x1, y1, x2, y2] = [ring[at]!, ring[at + 1]!, ring[at + 2]!, ring[at + 3]!];
      const first = Math.max(0, Math.ceil(Math.min(y1, y2) - 0.5));
      const last = Math.min(this.height - 1, Math.ceil(Math.max(y1, y2) - 0.5) - 1);
      for (let row = first; row <= last; row += 1) {
        const x = x1 + ((row + 0.5 - y1) * (x2 - x1)) / (y2 - y1);
        const found = crossings.get(row);
        if (found) found.push(x);
        else crossings.set(row, [x]);
      }
    }
  }

  /** Takes the cells of a box from their areas. */
  free(x: number, y: number, width: number, height: number): void {
    const [from, to] = [Math.max(0, Math.floor(x)), Math.min(this.width, Math.ceil(x + width))];
    for (let row = Math.max(0, Math.floor(y)); row < Math.min(this.height, Math.ceil(y + height)); row += 1) {
      this.owner.fill(0, row * this.width + from, row * this.width + to);
    }
  }

  /** For each cell, how many cells to its right, itself included, belong to the same area. */
  runs(): Int32Array {
    const runs = new Int32Array(this.owner.length);
    for (let at = this.owner.length - 1; at >= 0; at -= 1) {
      const goesOn = (at + 1) % this.width !== 0 && this.owner[at] === this.owner[at + 1];
      runs[at] = goesOn ? runs[at + 1]! + 1 : 1;
    }
    return runs;
  }

  /** Notes what a name had better not lie on; call once, before `covered`. */
  take(boxes: Box[]): void {
    const line = this.width + 1;
    for (const { x, y, width, height } of boxes) {
      for (let row = Math.max(0, Math.floor(y)); row < Math.min(this.height, Math.ceil(y + height)); row += 1) {
        for (let column = Math.max(0, Math.floor(x)); column < Math.min(this.width, Math.ceil(x + width)); column += 1) {
          this.taken[(row + 1) * line + column + 1] = 1;
        }
      }
    }
    for (let row = 1; row <= this.height; row += 1) {
      for (let column = 1; column <= this.width; column += 1) {
        const at = row * line + column;
        this.taken[at]! += this.taken[at - 1]! + this.taken[at - line]! - this.taken[at - line - 1]!;
      }
    }
  }

  /** How many noted cells a box covers. */
  covered(x: number, y: number, width: number, height: number): number {
    const line = this.width + 1;
    const [top, bottom] = [y * line, (y + height) * line];
    return this.taken[bottom + x + width]! - this.taken[top + x + width]! - this.taken[bottom + x]! + this.taken[top + x]!;
  }
}
