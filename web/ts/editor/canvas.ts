// The draft on the map: its leaves, what is selected, what is being drawn.
import Collection from "ol/Collection";
import Feature from "ol/Feature";
import GeoJSON from "ol/format/GeoJSON";
import LineString from "ol/geom/LineString";
import MultiPoint from "ol/geom/MultiPoint";
import MultiPolygon from "ol/geom/MultiPolygon";
import Point from "ol/geom/Point";
import Polygon from "ol/geom/Polygon";
import type BaseLayer from "ol/layer/Base";
import VectorLayer from "ol/layer/Vector";
import VectorImageLayer from "ol/layer/VectorImage";
import type OlMap from "ol/Map";
import { boundingExtent, containsExtent, createEmpty } from "ol/extent";
import type { Extent } from "ol/extent";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import type { StyleLike } from "ol/style/Style";
import { WHOLE, createMap, mercator, mercatorExtent } from "../map/base";
import { PRIMARY } from "../map/colours";
import type { LonLat } from "../map/base";
import type { BasemapConfig } from "../map/config";
import { upperBorders } from "./borders";
import type { UpperBorder } from "./borders";
import type { Sheet } from "./draft";
import { aside, crossed, middle, overlap, partsOf, passages, placeInside } from "./shapes";
import type { Part } from "./shapes";
import { drawnStyle, leafStyle, markStyle, partStyle, pickedStyles, shortName, triedStyles, upperStyle, vertexStyle } from "./styles";

export type Leaf = Feature<Polygon | MultiPolygon>;

const FORMAT = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: "EPSG:3857" });
const ROOM = 0.25;
const ASIDE_PX = 28;
/** The two parts of a split, as map and form name them. */
export const PARTS = [["A", PRIMARY], ["B", "#8a5300"]] as const;

export class Canvas {
  readonly map: OlMap;
  /** Leaves that the plan may change; `foreign` are the ring around them. */
  readonly own = new VectorSource<Leaf>();
  readonly foreign = new VectorSource<Leaf>();
  readonly drawn = new VectorSource();
  /** The line or area drawn last, until it is a step: its corners can be dragged. */
  readonly tried = new Collection<Feature>();
  private readonly picked = new VectorSource<Leaf>();
  private readonly corners = new VectorSource();
  private readonly marks = new VectorSource();
  private readonly resting = new VectorSource<Leaf>();
  private readonly moving = new VectorSource<Leaf>();
  private readonly upper = new VectorSource<UpperBorder>();
  private borders: UpperBorder[] = [];
  private readonly redrawn: BaseLayer[];
  private readonly tiles: Promise<BaseLayer[]>;
  private loaded: Extent = createEmpty();
  private readonly kept = new Map<string, Leaf>();
  private basemap: BaseLayer | undefined;
  private vertices = false;

  constructor(target: HTMLElement, private readonly whole: Extent, addGrids: (map: OlMap) => Promise<void>) {
    this.map = createMap(target, { scale: true, fills: true });
    const layer = (source: unknown, style: StyleLike, zIndex: number): VectorLayer =>
      new VectorLayer({ source: source as VectorSource, style, zIndex, updateWhileInteracting: true });
    this.redrawn = [layer(this.foreign, leafStyle, 20), layer(this.own, leafStyle, 22), layer(this.corners, vertexStyle, 32)];
    for (const each of [
      ...this.redrawn, new VectorImageLayer({ source: this.resting, style: leafStyle, zIndex: 23, imageRatio: 1 }),
      layer(this.moving, leafStyle, 24), new VectorImageLayer({ source: this.upper, style: upperStyle, zIndex: 26, imageRatio: 1 }), layer(this.picked, pickedStyles, 30),
      layer(this.drawn, drawnStyle, 40), layer(new VectorSource({ features: this.tried }), triedStyles, 45), layer(this.marks, markStyle, 50),
    ]) this.map.addLayer(each);
    const before = new Set(this.map.getLayers().getArray());
    this.tiles = addGrids(this.map).then(() => this.map.getLayers().getArray().filter((each) => !before.has(each)));
    void import("../map/references").then(({ layReferences }) => layReferences(this.map));
    this.fitWhole();
  }

  fitWhole(): void {
    this.map.getView().fit(mercatorExtent(this.whole), WHOLE);
  }

  go(place: LonLat): void {
    this.map.getView().setCenter(mercator(place));
    this.map.getView().setZoom(Math.max(17, this.map.getView().getZoom() ?? 17));
    this.mark(place);
  }

  goTo(code: string): boolean {
    const leaf = this.leaf(code);
    if (!leaf) return false;
    this.map.getView().fit(leaf.getGeometry()!.getExtent(), { padding: [80, 80, 80, 80], maxZoom: 18 });
    return true;
  }

  /** Where the server found the fault. */
  mark(place: LonLat | null): void {
    this.marks.clear();
    if (place) this.marks.addFeature(new Feature(new Point(mercator(place))));
  }

  /** A leaf that is there, or one that was selected before the view went elsewhere. */
  leaf(code: string): Leaf | null {
    return this.loadedLeaf(code) ?? this.kept.get(code) ?? null;
  }

  private loadedLeaf(code: string): Leaf | null {
    return this.own.getFeatureById(code) ?? this.foreign.getFeatureById(code);
  }

  /** Which of the codes are there still, after the draft was changed. */
  living(codes: string[]): string[] {
    this.kept.clear();
    return codes.filter((code) => this.loadedLeaf(code));
  }

  at(coordinate: number[]): Leaf | null {
    return this.own.getFeaturesAtCoordinate(coordinate)[0] ?? this.foreign.getFeaturesAtCoordinate(coordinate)[0] ?? null;
  }

  /** Codes of the plan's leaves that an area lies in, the one in its middle first. */
  under(ring: number[][]): string[] {
    const within = this.at(placeInside(ring));
    const near = this.own.getFeaturesInExtent(boundingExtent(ring));
    const hit = near.filter((leaf) => polygonsOf(leaf).some((rings) => overlap(ring, rings)));
    return hit.sort((a, b) => Number(b === within) - Number(a === within)).map((leaf) => String(leaf.get("code")));
  }

  /** Whether a border of a grid outside the plan runs within so many pixels. */
  foreignBorderAt(coordinate: number[], pixels: number): boolean {
    const reach = pixels * this.resolution;
    const box: Extent = [coordinate[0]! - reach, coordinate[1]! - reach, coordinate[0]! + reach, coordinate[1]! + reach];
    return this.foreign.getFeaturesInExtent(box).some((leaf) => {
      const rings = ringsOf(leaf).map((ring) => new LineString(ring));
      return rings.some((ring) => {
        const near = ring.getClosestPoint(coordinate);
        return Math.hypot(near[0]! - coordinate[0]!, near[1]! - coordinate[1]!) <= reach;
      });
    });
  }

  get resolution(): number {
    return this.map.getView().getResolution() ?? 1;
  }

  /** The area to ask for, in degrees; nothing while what is there covers the view. */
  wanted(again: boolean): number[] | null {
    const size = this.map.getSize();
    if (!size) return null;
    const view = this.map.getView().calculateExtent(size);
    if (!again && containsExtent(this.loaded, view)) return null;
    const [width, height] = [view[2]! - view[0]!, view[3]! - view[1]!];
    const box: Extent = [view[0]! - ROOM * width, view[1]! - ROOM * height, view[2]! + ROOM * width, view[3]! + ROOM * height];
    const degrees = transformExtent(box, "EPSG:3857", "EPSG:4326");
    return [Math.max(-180, degrees[0]!), Math.max(-85, degrees[1]!), Math.min(180, degrees[2]!), Math.min(85, degrees[3]!)];
  }

  show(sheet: Sheet, box: number[], selected: string[]): void {
    this.loaded = sheet.hidden ? createEmpty() : mercatorExtent(box);
    const leaves = FORMAT.readFeatures({ type: "FeatureCollection", features: sheet.features }) as Leaf[];
    for (const leaf of leaves) leaf.set("short", shortName(String(leaf.get("name")), sheet.names[String(leaf.get("parent"))] ?? ""), true);
    for (const [source, inside] of [[this.own, true], [this.foreign, false]] as const) {
      source.clear(true);
      source.addFeatures(leaves.filter((leaf) => leaf.get("inside") === inside));
    }
    this.borders = upperBorders(leaves.map((leaf) => ({ code: String(leaf.get("code")), path: leaf.get("path") as string[], rings: ringsOf(leaf) })));
    this.layBorders([]);
    void this.tiles.then((layers) => layers.forEach((layer) => layer.setVisible(sheet.hidden > 0)));
    this.pick(selected);
  }

  pick(codes: string[]): void {
    const leaves = codes.map((code) => this.leaf(code)).filter((leaf): leaf is Leaf => leaf !== null);
    this.kept.clear();
    for (const leaf of leaves) this.kept.set(String(leaf.get("code")), leaf);
    this.picked.clear(true);
    this.picked.addFeatures(leaves);
    this.showCorners();
  }

  /** Vertices of the selected leaves as handles. */
  handles(on: boolean): void {
    this.vertices = on;
    this.showCorners();
  }

  showCorners(): void {
    this.corners.clear(true);
    if (!this.vertices) return;
    const leaves = this.picked.getFeatures().length ? this.picked.getFeatures() : this.own.getFeatures().length <= 40 ? this.own.getFeatures() : [];
    this.corners.addFeatures(leaves.map((leaf) => new Feature(new MultiPoint(ringsOf(leaf).flat()))));
  }

  /** While a corner is dragged only its leaves are drawn again and again; all others are a picture until `release`. */
  hold(leaves: Leaf[]): void {
    this.moving.addFeatures(leaves);
    this.resting.addFeatures([...this.foreign.getFeatures(), ...this.own.getFeatures()].filter((leaf) => !leaves.includes(leaf)));
    for (const each of this.redrawn) each.setVisible(false);
    this.layBorders(leaves.map((leaf) => String(leaf.get("code"))));
  }

  release(): void {
    if (this.moving.getFeatures().length) this.layBorders([]);
    this.moving.clear(true);
    this.resting.clear(true);
    for (const each of this.redrawn) each.setVisible(true);
  }

  /** Borders of the grids above, but those of leaves that are being dragged. */
  private layBorders(moved: string[]): void {
    this.upper.clear(true);
    this.upper.addFeatures(this.borders.filter((border) => !(border.get("sides") as string[]).some((code) => moved.includes(code))));
  }

  /** Whether a line goes into a grid and out of it. */
  cuts(leaf: Leaf, line: number[][]): boolean {
    return crossed(polygonsOf(leaf), line) > 1;
  }

  /** Leaves of the plan whose border a line meets twice. */
  met(line: number[][]): Leaf[] {
    return this.own.getFeaturesInExtent(boundingExtent(line)).filter((leaf) => this.cuts(leaf, line));
  }

  /** The middle of each way of a line through a grid. */
  passages(leaf: Leaf, line: number[][]): number[][] {
    return passages(polygonsOf(leaf), line);
  }

  /** Whether a line has anything to do with a grid. */
  touches(leaf: Leaf, line: number[][]): boolean {
    return crossed(polygonsOf(leaf), line) > 0 || this.at(middle(line)) === leaf;
  }

  /** Mark on which side of a line each part of a grid lies; gives the parts where they can be told. */
  markParts(leaf: Leaf, line: number[][]): [Part, Part] | null {
    const parts = partsOf(polygonsOf(leaf), line);
    PARTS.forEach(([letter, colour], index) => {
      const mark = new Feature(new Point(parts?.[index]!.at ?? aside(line, (index ? 1 : -1) * ASIDE_PX * this.resolution)));
      mark.setStyle(partStyle(letter, colour));
      this.drawn.addFeature(mark);
    });
    return parts;
  }

  async layBasemap(about: BasemapConfig | undefined): Promise<void> {
    const make = about ? (await import("../map/basemap")).basemapLayer : undefined;
    if (this.basemap) this.map.removeLayer(this.basemap);
    this.basemap = about && make ? make(about, () => undefined) : undefined;
    if (this.basemap) this.map.addLayer(this.basemap);
  }
}

export function ringsOf(leaf: Leaf): number[][][] {
  return polygonsOf(leaf).flat();
}

function polygonsOf(leaf: Leaf): number[][][][] {
  const shape = leaf.getGeometry()!;
  return shape instanceof MultiPolygon ? shape.getCoordinates() : [shape.getCoordinates()];
}

/** The neighbours of a leaf that the plan may change. */
export function touching(leaf: Leaf, others: Leaf[]): Leaf[] {
  const corners = new Set(ringsOf(leaf).flat().map((place) => place.join()));
  return others.filter((other) => other !== leaf && ringsOf(other).flat().filter((place) => corners.has(place.join())).length > 1);
}
