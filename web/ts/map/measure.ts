// Measuring on the ellipsoid: distance along a line, area of a polygon.
import Draw from "ol/interaction/Draw";
import type Map from "ol/Map";
import type { LineString, Polygon } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { lonLat } from "./base";
import { areaOf, lengthOf } from "./geodesy";
import { measureStyle } from "./styles";

export type Measure = "distance" | "area";

export function showLength(metres: number): string {
  return metres < 1000 ? `${metres.toFixed(metres < 100 ? 1 : 0)} m` : `${(metres / 1000).toFixed(metres < 1e5 ? 3 : 1)} km`;
}

export function showArea(squareMetres: number): string {
  return squareMetres < 1e5 ? `${Math.round(squareMetres).toLocaleString("en")} m²` : `${(squareMetres / 1e6).toFixed(3)} km²`;
}

export class MeasureTool {
  private readonly source = new VectorSource();
  private draw: Draw | undefined;

  constructor(private readonly map: Map, private readonly report: (text: string) => void) {
    // A canvas of its own: markers that give way to each other are drawn last on the canvas they share
    map.addLayer(new VectorLayer({ source: this.source, style: measureStyle, zIndex: 60, className: "ol-layer measured" }));
  }

  start(kind: Measure): void {
    this.stop();
    this.draw = new Draw({ source: this.source, type: kind === "area" ? "Polygon" : "LineString", style: measureStyle });
    this.draw.on("drawstart", (event) => {
      this.source.clear();
      event.feature.getGeometry()?.on("change", (change) => {
        const geometry = change.target as LineString | Polygon;
        const places = (corners: number[][]): number[][] => corners.map((corner) => lonLat(corner));
        const text = geometry.getType() === "Polygon"
          ? showArea(areaOf(places((geometry as Polygon).getCoordinates()[0] ?? [])))
          : showLength(lengthOf(places((geometry as LineString).getCoordinates())));
        this.report(text);
      });
    });
    this.map.addInteraction(this.draw);
  }

  stop(): void {
    if (this.draw) this.map.removeInteraction(this.draw);
    this.draw = undefined;
    this.source.clear();
    this.report("");
  }

  get active(): boolean {
    return this.draw !== undefined;
  }
}
