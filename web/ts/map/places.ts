// Where the names of areas stand: inside their area wherever they fit, off the things that lie on the map if possible.
import { Raster } from "./raster";
import type { Box, Rings } from "./raster";

/** A way to write a name; sizes in cells. */
export interface Shape {
  text: string;
  width: number;
  height: number;
  /** How much worse than the usual way, in cells of distance. */
  cost: number;
}

export interface Area {
  /** Parts that may overlap, as tiles cut them. */
  pieces: Rings[];
  /** Ways to write the name, the best first. */
  shapes: Shape[];
  /** Where its middle would best stand. */
  anchor: [number, number] | null;
  /** Cells that a name wants to others where it lies across borders. */
  room: number;
}

export interface Placed {
  /** Which of the areas. */
  area: number;
  /** The middle, in cells. */
  x: number;
  y: number;
  shape: Shape;
}

interface Spot extends Placed {
  cost: number;
}

/** What a cell of a covered thing costs, in cells of distance. */
const COVERED = 4;
/** So many names that found no place are placed before all others, in a second attempt. */
const FEW = 8;

/** Whether all of the box belongs to one area. */
function fits(raster: Raster, runs: Int32Array, x: number, y: number, { width, height }: Shape): boolean {
  const owner = raster.owner[y * raster.width + x];
  for (let row = y; row < y + height; row += 1) {
    const at = row * raster.width + x;
    if (raster.owner[at] !== owner || runs[at]! < width) return false;
  }
  return true;
}

/** The best place of every area wholly inside it; nothing for those in which their name does not fit. */
function inside(raster: Raster, areas: Area[], floor: number[]): (Spot | undefined)[] {
  const runs = raster.runs();
  const best: (Spot | undefined)[] = [];
  for (let y = 0; y < raster.height; y += 1) {
    for (let x = 0; x < raster.width; x += 1) {
      const owner = raster.owner[y * raster.width + x]!;
      if (!owner) continue;
      const area = floor[owner - 1]!;
      areas[area]!.shapes.forEach((shape) => {
        if (runs[y * raster.width + x]! < shape.width || y + shape.height > raster.height) return;
        const spot = judge(raster, areas, area, shape, x, y);
        if (spot.cost < (best[area]?.cost ?? Infinity) && fits(raster, runs, x, y, shape)) best[area] = spot;
      });
    }
  }
  return best;
}

function judge(raster: Raster, areas: Area[], area: number, shape: Shape, x: number, y: number): Spot {
  const [middleX, middleY] = [x + shape.width / 2, y + shape.height / 2];
  const anchor = areas[area]!.anchor;
  const away = anchor ? Math.hypot(middleX - anchor[0], middleY - anchor[1]) : 0;
  const cost = away + shape.cost + COVERED * raster.covered(x, y, shape.width, shape.height);
  return { area, x: middleX, y: middleY, cost, shape };
}

function apart(spot: Spot, others: Spot[], room: number): boolean {
  return others.every(({ x, y, shape }) =>
    Math.abs(spot.x - x) >= (spot.shape.width + shape.width) / 2 + room || Math.abs(spot.y - y) >= (spot.shape.height + shape.height) / 2 + room);
}

/** The best place whose middle lies in the area and that touches no other name. */
function across(raster: Raster, areas: Area[], { area, cells }: { area: number; cells: number[] }, others: Spot[], room: number): Spot | undefined {
  let best: Spot | undefined;
  areas[area]!.shapes.forEach((shape) => {
    for (const at of cells) {
      const x = (at % raster.width) - Math.floor(shape.width / 2);
      const y = Math.floor(at / raster.width) - Math.floor(shape.height / 2);
      if (x < 0 || y < 0 || x + shape.width > raster.width || y + shape.height > raster.height) continue;
      const spot = judge(raster, areas, area, shape, x, y);
      if (spot.cost < (best?.cost ?? Infinity) && apart(spot, others, room)) best = spot;
    }
  });
  return best;
}

/** Names of one floor: first `early` ones across borders, then all that fit inside, then the rest across borders. */
function placeFloor(raster: Raster, areas: Area[], floor: number[], before: Spot[], early: number[]): Spot[] {
  const cells: number[][] = floor.map(() => []);
  raster.owner.forEach((owner, at) => { if (owner) cells[owner - 1]!.push(at); });
  const placed = [...before];
  const put = (rooms: (area: number) => number[], wanted: number[]): void => {
    const left = wanted.map((area) => ({ area, cells: cells[floor.indexOf(area)]! }));
    for (const one of left.sort((a, b) => b.cells.length - a.cells.length)) {
      const spot = rooms(one.area).map((room) => across(raster, areas, one, placed, room)).find((found) => found);
      if (spot) placed.push(spot);
    }
  };
  put(() => [0], early);
  for (const { x, y, shape } of placed) raster.free(x - shape.width / 2, y - shape.height / 2, shape.width, shape.height);
  const within = inside(raster, areas, floor).filter((spot) => spot && !early.includes(spot.area));
  placed.push(...(within as Spot[]));
  const served = new Set(placed.map(({ area }) => area));
  put((area) => [areas[area]!.room, 0], floor.filter((area) => !served.has(area)));
  return placed.slice(before.length);
}

/** Places names; areas of one floor do not overlap, and floors that come first are served first. */
export function placeNames(width: number, height: number, floors: number[][], areas: Area[], things: Box[]): Placed[] {
  const placed: Spot[] = [];
  for (const floor of floors) {
    const attempt = (early: number[]): Spot[] => {
      const raster = new Raster(width, height);
      raster.take(things);
      floor.forEach((area, at) => areas[area]!.pieces.forEach((rings) => raster.paint(at + 1, rings)));
      return placeFloor(raster, areas, floor, placed, early);
    };
    const first = attempt([]);
    const missing = floor.filter((area) => first.every((spot) => spot.area !== area));
    const second = missing.length > 0 && missing.length <= FEW ? attempt(missing) : [];
    placed.push(...(second.length > first.length ? second : first));
  }
  return placed;
}

/** How far a thing must go, the short way, to lie off all names; nothing when it does. */
export function wayOff(thing: Box, names: Placed[]): [number, number] | undefined {
  const [x, y] = [thing.x + thing.width / 2, thing.y + thing.height / 2];
  for (const name of names) {
    const [reachX, reachY] = [(name.shape.width + thing.width) / 2, (name.shape.height + thing.height) / 2];
    const [fromX, fromY] = [x - name.x, y - name.y];
    if (Math.abs(fromX) >= reachX || Math.abs(fromY) >= reachY) continue;
    const [byX, byY] = [reachX - Math.abs(fromX), reachY - Math.abs(fromY)];
    return byX < byY ? [Math.sign(fromX || 1) * byX, 0] : [0, Math.sign(fromY || 1) * byY];
  }
  return undefined;
}
