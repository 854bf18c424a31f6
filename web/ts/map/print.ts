// A printed map: the view drawn again at double density, with title, legend, scale bar, north arrow, version, date.
import type Map from "ol/Map";
import { getPointResolution } from "ol/proj";
import { html, render } from "lit";
import type { TemplateResult } from "lit";

const WIDTH = 1040;
const HEIGHT = 660;
const DENSITY = 2;
const NICE = [1, 2, 5];

export interface PrintFacts {
  title: string;
  organisation: string;
  version: string;
  date: string;
  crs: string;
  legend: TemplateResult;
  attribution: string;
  texts: Record<string, string>;
}

/** The longest round length in metres that fits `most` pixels. */
export function scaleBar(metresPerPixel: number, most: number): { metres: number; pixels: number } {
  const room = metresPerPixel * most;
  const power = 10 ** Math.floor(Math.log10(room));
  const metres = power * (NICE.filter((step) => step * power <= room).pop() ?? 1);
  return { metres, pixels: metres / metresPerPixel };
}

function compose(viewport: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * DENSITY;
  canvas.height = HEIGHT * DENSITY;
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#eef1f5";
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const part of viewport.querySelectorAll<HTMLCanvasElement>(".ol-layer canvas, canvas.ol-layer")) {
    if (part.width === 0) continue;
    context.globalAlpha = Number(part.parentElement?.style.opacity || part.style.opacity || 1);
    const matrix = /^matrix\(([^(]*)\)$/.exec(part.style.transform)?.[1]?.split(",").map(Number);
    const scale = matrix ?? [part.clientWidth / part.width, 0, 0, part.clientHeight / part.height, 0, 0];
    context.setTransform(...(scale.map((value) => value * DENSITY) as [number, number, number, number, number, number]));
    context.drawImage(part, 0, 0);
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  return canvas;
}

/** Tiles drawn at another density are drawn again. */
function redraw(map: Map): void {
  for (const layer of map.getAllLayers()) layer.changed();
}

function rendered(map: Map): Promise<void> {
  return new Promise((resolve) => {
    map.once("rendercomplete", () => resolve());
    map.renderSync();
  });
}

function sheet(image: string, facts: PrintFacts, bar: { metres: number; pixels: number }): TemplateResult {
  const length = bar.metres < 1000 ? `${bar.metres} m` : `${bar.metres / 1000} km`;
  return html`
    <h1>${facts.title}</h1>
    <figure>
      <img src=${image} alt=${facts.title} width=${WIDTH} height=${HEIGHT}>
      <svg class="north" viewBox="0 0 24 36" aria-label=${facts.texts["north"] ?? "N"}><path d="M12 8 5 34l7-6 7 6z"/><text x="12" y="7" text-anchor="middle">N</text></svg>
      <div class="map-legend">${facts.legend}</div>
      <svg class="bar" width=${bar.pixels + 20} height="26"><path d="M4 14v6h${bar.pixels.toFixed(1)}v-6"/><text x="4" y="10">0</text><text x=${bar.pixels + 4} y="10" text-anchor="end">${length}</text></svg>
    </figure>
    <p class="facts"><span>${facts.organisation}</span><span>${facts.version}</span><span>${facts.crs}</span><span>${facts.date}</span><span>${facts.attribution}</span></p>`;
}

export async function printMap(map: Map, facts: PrintFacts): Promise<void> {
  const target = map.getTargetElement();
  const viewport = map.getViewport();
  if (!target || !viewport) return;
  const before = map.getPixelRatio();
  target.classList.add("print-size");
  map.setPixelRatio(DENSITY);
  redraw(map);
  map.setSize([WIDTH, HEIGHT]);
  await rendered(map);
  await rendered(map); // the names are placed when all else is drawn
  const image = compose(viewport).toDataURL("image/png");
  const view = map.getView();
  const metres = getPointResolution(view.getProjection(), view.getResolution() ?? 1, view.getCenter() ?? [0, 0]);
  map.setPixelRatio(before);
  redraw(map);
  target.classList.remove("print-size");
  map.updateSize();

  const page = document.createElement("div");
  page.className = "map-sheet";
  render(sheet(image, facts, scaleBar(metres, 160)), page);
  document.body.append(page);
  document.body.classList.add("printing-map");
  await page.querySelector("img")?.decode();
  const done = (): void => {
    page.remove();
    document.body.classList.remove("printing-map");
  };
  window.addEventListener("afterprint", done, { once: true });
  window.print();
}
