// How grids, labels, matters and layers are drawn.
import type { FeatureLike } from "ol/Feature";
import type Feature from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import MultiPolygon from "ol/geom/MultiPolygon";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style";
import type { StyleFunction } from "ol/style/Style";
import { hatch } from "./hatch";
import { NO_DATA } from "./theme";
import { BORDER, FONT, GROUND, HALO, HOVER, LABEL, MOVED, PRIMARY, PROBLEM, SELECTED } from "./colours";

export const MICRO_ZOOM = 16;

const THEME_ALPHA = "d9";
const LINE_WIDTH: Record<string, number> = { city: 2.5, county: 2, street: 1.75, community: 1.25, grid: 1 };
const grids = new Map(Object.entries(LINE_WIDTH).map(([level, width]) => [
  level,
  new Style({ fill: new Fill({ color: GROUND }), stroke: new Stroke({ color: BORDER, width }) }),
]));
const micro = new Style({
  fill: new Fill({ color: "rgba(255,255,255,0.01)" }),
  stroke: new Stroke({ color: "#93a1b2", width: 1, lineDash: [4, 3] }),
});

export function gridStyle(zoom: () => number, colour: (level: string, code: string) => string | undefined = () => undefined): StyleFunction {
  const themed = new Map<string, Style>();
  return (feature) => {
    if (feature.get("layer") !== "grid") return undefined;
    const level = String(feature.get("level"));
    if (level === "micro") return zoom() >= MICRO_ZOOM ? micro : undefined;
    const fill = colour(level, String(feature.get("code")));
    if (!fill) return grids.get(level) ?? grids.get("grid");
    const key = `${level} ${fill}`;
    let style = themed.get(key);
    if (!style) {
      style = new Style({ fill: new Fill({ color: fill === NO_DATA ? hatch() : `${fill}${THEME_ALPHA}` }), stroke: new Stroke({ color: BORDER, width: LINE_WIDTH[level] ?? 1 }) });
      themed.set(key, style);
    }
    return style;
  };
}

export const hoverStyle = new Style({ fill: new Fill({ color: HOVER }), stroke: new Stroke({ color: PRIMARY, width: 2 }), zIndex: 2 });

export const selectedStyles = [
  new Style({ stroke: new Stroke({ color: HALO, width: 7 }) }),
  new Style({ stroke: new Stroke({ color: SELECTED, width: 3 }) }),
];

function disc(radius: number, colour: string, [right, down]: [number, number] = [0, 0]): Circle {
  const edge = new Stroke({ color: HALO, width: 1.5 });
  return new Circle({ radius, declutterMode: "none", fill: new Fill({ color: colour }), stroke: edge, displacement: [right, -down] });
}

/** Of the disc that stands for so many matters, without its edge. */
export function discRadius(n: number): number {
  return n <= 1 ? 6 : 7 + 2.5 * numeral(n).length;
}

function numeral(n: number): string {
  return n > 999 ? "999+" : String(n);
}

const oneMatter = new Style({ image: disc(discRadius(1), "#d9480f") });

/** `aside`: by how many pixels a disc of several matters is drawn to the right and down. */
export function matterStyle(aside: (feature: FeatureLike) => [number, number]): StyleFunction {
  const clusters = new Map<string, Style>();
  return (feature) => {
    const n = Number(feature.get("n") ?? 1);
    if (n <= 1) return oneMatter;
    const text = numeral(n);
    const way = aside(feature);
    const key = `${text} ${way.join(" ")}`;
    let style = clusters.get(key);
    if (!style) {
      style = new Style({
        image: disc(discRadius(n), "rgba(180, 67, 15, 0.92)", way),
        text: new Text({ text, declutterMode: "none", font: `600 11px ${FONT}`, fill: new Fill({ color: HALO }), offsetX: way[0], offsetY: way[1] }),
      });
      clusters.set(key, style);
    }
    return style;
  };
}

export function layerStyle(colour: string, shape: string): StyleFunction {
  const stroke = new Stroke({ color: colour, width: 2 });
  const edge = new Stroke({ color: HALO, width: 1.5 });
  const fill = new Fill({ color: colour });
  const images: Record<string, Circle | RegularShape> = {
    square: new RegularShape({ points: 4, radius: 8, angle: Math.PI / 4, fill, stroke: edge }),
    triangle: new RegularShape({ points: 3, radius: 8, fill, stroke: edge }),
    diamond: new RegularShape({ points: 4, radius: 8, fill, stroke: edge }),
    star: new RegularShape({ points: 5, radius: 9, radius2: 4, fill, stroke: edge }),
  };
  const image = images[shape] ?? new Circle({ radius: 6, fill, stroke: edge });
  const area = new Style({ image, stroke, fill: new Fill({ color: `${colour}33` }) });
  const named = (title: string): Style => new Style({
    text: new Text({ text: title, font: `12px ${FONT}`, offsetY: 15, fill: new Fill({ color: LABEL }), stroke: new Stroke({ color: HALO, width: 3 }) }),
  });
  return (feature: FeatureLike, resolution: number) => {
    const title = feature.get("title");
    return title && resolution < 5 ? [area, named(String(title))] : area;
  };
}

// A casing sets the line off from the blues of the choropleth
export const measureStyle = [
  new Style({ stroke: new Stroke({ color: HALO, width: 7 }) }),
  new Style({
    fill: new Fill({ color: "rgba(27, 95, 174, 0.12)" }),
    stroke: new Stroke({ color: PRIMARY, width: 3, lineDash: [10, 6] }),
    image: new Circle({ radius: 6, fill: new Fill({ color: HALO }), stroke: new Stroke({ color: PRIMARY, width: 3 }) }),
  }),
];

const TINY_PX = 8;

// A defect too small to be seen, let alone clicked, is drawn as a disc
export const problemStyle: StyleFunction = (feature, resolution) => {
  const [west = 0, south = 0, east = 0, north = 0] = feature.getGeometry()?.getExtent() ?? [];
  const tiny = Math.max(east - west, north - south) < TINY_PX * resolution;
  const style = problem(feature);
  if (tiny) style.setGeometry(new Point([(west + east) / 2, (south + north) / 2]));
  return style;
};

const problem = (feature: FeatureLike): Style => new Style({
  fill: new Fill({ color: "rgba(194, 24, 91, 0.28)" }),
  stroke: new Stroke({ color: PROBLEM, width: feature.get("current") ? 4 : 2 }),
  image: new Circle({ radius: feature.get("current") ? 9 : 6, fill: new Fill({ color: PROBLEM }), stroke: new Stroke({ color: HALO, width: 1.5 }) }),
});

// What mending moved: strips, most of them far narrower than a pixel
export const movedStyle: StyleFunction = (feature) => new Style({
  fill: new Fill({ color: "#f5a623" }),
  stroke: new Stroke({ color: MOVED, width: feature.get("current") ? 4 : 1.5 }),
  zIndex: feature.get("current") ? 2 : 1,
});

/** The outline of a grid to be born and its name, in the middle of its largest part. */
export const birthStyle: StyleFunction = (feature, resolution) => {
  const outline = feature.get("current") ? birthChosen : birth;
  const shape = (feature as Feature).getGeometry();
  if (!shape) return outline;
  const [west = 0, south = 0, east = 0, north = 0] = shape.getExtent();
  const fits = Math.min(east - west, north - south) > NAME_PX * resolution;
  return fits ? [outline, nameStyle(String(feature.get("title") ?? ""), shape)] : outline;
};

const NAME_PX = 14;
const birth = new Style({ fill: new Fill({ color: GROUND }), stroke: new Stroke({ color: BORDER, width: 1 }) });
const birthChosen = new Style({ fill: new Fill({ color: HOVER }), stroke: new Stroke({ color: PRIMARY, width: 3 }), zIndex: 1 });

export function nameStyle(text: string, shape: Geometry): Style {
  const largest = shape instanceof MultiPolygon ? shape.getPolygons().sort((a, b) => b.getArea() - a.getArea())[0] : shape;
  return new Style({
    geometry: largest instanceof Polygon ? largest.getInteriorPoint() : shape,
    text: new Text({ text, font: `12px ${FONT}`, fill: new Fill({ color: LABEL }), stroke: new Stroke({ color: HALO, width: 3 }) }),
  });
}

export const pinStyle = [
  new Style({ image: new Circle({ radius: 9, fill: new Fill({ color: HALO }), stroke: new Stroke({ color: SELECTED, width: 3 }) }) }),
  new Style({ image: new Circle({ radius: 3.5, fill: new Fill({ color: SELECTED }) }) }),
];
