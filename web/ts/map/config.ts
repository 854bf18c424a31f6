// What the server tells the map, in the attribute `data-config`.

export interface LayerConfig {
  name: string;
  title: string;
  plugin: string;
  url: string;
  colour: string;
  shape: string;
  attribution?: string;
}

export interface BasemapConfig {
  name: string;
  title: string;
  kind: "vector" | "raster";
  url: string;
  minzoom: number;
  maxzoom: number;
  attribution: string;
  date: string;
}

export interface ShownCrs {
  name: string;
  code: string;
}

export interface MapConfig {
  version: string | null;
  extent: [number, number, number, number];
  levels: [number, string][];
  level_names: Record<string, string>;
  grid: { code: string; id?: number } | null;
  home: [number, number, number, number] | null;
  layers: LayerConfig[];
  basemaps: BasemapConfig[];
  matters: boolean;
  shown_crs: ShownCrs;
  organisation: string;
  today: string;
  texts: Record<string, string>;
  urls: { card: string; at: string; shape: string; report: string; tile: string; matters_tile: string; matter: string; theme: string };
}

export function fill(template: string, values: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? encodeURIComponent(values[name]!) : whole));
}

export function fillText(template: string, values: Record<string, string | number>): string {
  return template.replace(/%\((\w+)\)s/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

export function levelAt(config: MapConfig, zoom: number): string {
  return (config.levels.find(([most]) => zoom <= most) ?? config.levels[config.levels.length - 1])?.[1] ?? "grid";
}
