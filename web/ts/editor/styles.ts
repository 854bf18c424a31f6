// How the draft is drawn: what changed is dashed, what lies outside the plan is grey.
import type { FeatureLike } from "ol/Feature";
import type Feature from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import LineString from "ol/geom/LineString";
import MultiPoint from "ol/geom/MultiPoint";
import Polygon from "ol/geom/Polygon";
import { Circle, Fill, RegularShape, Stroke, Style, Text } from "ol/style";
import type { StyleFunction } from "ol/style/Style";
import { BORDER, FONT, GROUND, HALO, PRIMARY, PROBLEM, SELECTED } from "../map/colours";
import { nameStyle } from "../map/styles";

// Names grow with the text of the page
export const LETTER_PX = Math.round((12 * parseFloat(getComputedStyle(document.documentElement).fontSize)) / 16);
const UPPER = "#34414f";
const drawn = (fill: string, color: string): Style => new Style({ fill: new Fill({ color: fill }), stroke: new Stroke({ color, width: 1.75, lineDash: [6, 4] }) });
const LOOKS: Record<string, Style> = {
  kept: new Style({ fill: new Fill({ color: GROUND }), stroke: new Stroke({ color: BORDER, width: 1.25 }) }),
  changed: drawn("rgba(245, 166, 35, 0.28)", "#8a5300"),
  born: drawn("rgba(26, 127, 75, 0.2)", "#17663d"),
  retired: drawn("rgba(179, 38, 30, 0.16)", SELECTED),
  divided: drawn("rgba(179, 38, 30, 0.16)", SELECTED),
};
const foreign = new Style({ fill: new Fill({ color: "rgba(91, 102, 117, 0.14)" }), stroke: new Stroke({ color: "#9aa6b5", width: 1 }) });

/** A grid without its name; `fate` says what the plan does to it. */
export function fillOf(feature: FeatureLike): Style {
  return feature.get("inside") === false ? foreign : LOOKS[String(feature.get("fate"))] ?? LOOKS["kept"]!;
}

/** A leaf with its name, where that has room. */
export const leafStyle: StyleFunction = (feature: FeatureLike, resolution) => {
  const look = fillOf(feature);
  const shape = (feature as Feature).getGeometry();
  const [west = 0, south = 0, east = 0, north = 0] = shape?.getExtent() ?? [];
  const name = String(feature.get("short") ?? feature.get("name") ?? "");
  const fits = east - west > LETTER_PX * name.length * resolution && north - south > 2 * LETTER_PX * resolution;
  return shape && fits ? [look, named(name, shape)] : look;
};

function named(name: string, shape: Geometry): Style {
  const style = nameStyle(name, shape);
  style.getText()?.setFont(`${LETTER_PX}px ${FONT}`);
  return style;
}

/** A name without that of the grid above, which most names begin with. */
export function shortName(name: string, above: string): string {
  return above && name.length > above.length && name.startsWith(above) ? name.slice(above.length) : name;
}

const upper = [2.5, 3.75, 5].map((width) => new Style({ stroke: new Stroke({ color: UPPER, width }) }));

/** Borders of the grids above, the higher the wider. */
export const upperStyle: StyleFunction = (feature: FeatureLike) => upper[Math.min(upper.length, Number(feature.get("rank"))) - 1];

/** The letter of a part that a line makes. */
export function partStyle(letter: string, colour: string): Style {
  return new Style({
    image: new Circle({ radius: 14, fill: new Fill({ color: colour }), stroke: new Stroke({ color: HALO, width: 2 }) }),
    text: new Text({ text: letter, font: `700 16px ${FONT}`, fill: new Fill({ color: HALO }) }),
    zIndex: 1,
  });
}

export const pickedStyles = [
  new Style({ stroke: new Stroke({ color: HALO, width: 6 }) }),
  new Style({ stroke: new Stroke({ color: SELECTED, width: 3 }) }),
];

export const vertexStyle = new Style({
  image: new RegularShape({ points: 4, radius: 5, angle: Math.PI / 4, fill: new Fill({ color: HALO }), stroke: new Stroke({ color: PRIMARY, width: 1.5 }) }),
});

export const drawnStyle = [
  new Style({ stroke: new Stroke({ color: HALO, width: 6 }) }),
  new Style({
    fill: new Fill({ color: "rgba(27, 95, 174, 0.12)" }),
    stroke: new Stroke({ color: PRIMARY, width: 2.5 }),
    image: new Circle({ radius: 5, fill: new Fill({ color: HALO }), stroke: new Stroke({ color: PRIMARY, width: 2.5 }) }),
  }),
];

/** What is drawn and no step yet, with its corners. */
export const triedStyles = [
  ...drawnStyle,
  new Style({ image: vertexStyle.getImage()!, geometry: (feature) => cornersOf((feature as Feature).getGeometry()) }),
];

function cornersOf(shape: Geometry | undefined): MultiPoint | undefined {
  return shape instanceof Polygon ? new MultiPoint(shape.getCoordinates()[0]!) : shape instanceof LineString ? new MultiPoint(shape.getCoordinates()) : undefined;
}

export const markStyle = new Style({
  image: new Circle({ radius: 12, fill: new Fill({ color: "rgba(194, 24, 91, 0.2)" }), stroke: new Stroke({ color: PROBLEM, width: 3 }) }),
});
