// "No data" on the map and in the legend: a hatch, so that it is never taken for a low figure.
import { svg } from "lit";
import type { TemplateResult } from "lit";

const GROUND = "#f7f9fb";
const LINES = "#9aa6b5";
const STEP = 8;

/** Slanting lines as a fill of the canvas. */
export function hatch(): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = STEP;
  tile.height = STEP;
  const context = tile.getContext("2d")!;
  context.fillStyle = GROUND;
  context.fillRect(0, 0, STEP, STEP);
  context.strokeStyle = LINES;
  context.lineWidth = 1.25;
  context.beginPath();
  for (const shift of [-STEP, 0, STEP]) {
    context.moveTo(shift - 1, STEP + 1);
    context.lineTo(shift + STEP + 1, -1);
  }
  context.stroke();
  return context.createPattern(tile, "repeat") ?? GROUND;
}

/** The same in a mark of the legend, 14 by 12 from (1, 2). */
export function hatchMark(): TemplateResult {
  return svg`<rect x="1" y="2" width="14" height="12" fill=${GROUND} stroke="#6b7a8c"></rect>
    <path d="M1.500 9 8 2.500M1.500 13.500 12.500 2.500M6 13.500 14.500 5M11.500 13.500 14.500 10.500" stroke=${LINES} stroke-width="1.250" fill="none"></path>`;
}
