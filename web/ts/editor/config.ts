// What the server tells the editor: the plan, the place, and the words.
import type { BasemapConfig } from "../map/config";

/** In the attribute `data-config`. */
export interface EditorConfig {
  plan: string;
  /** Who draws. */
  person: string;
  place: { code: string; name: string; level: string };
  extent: [number, number, number, number];
  version: number;
  basemaps: BasemapConfig[];
  level_names: Record<string, string>;
  /** The level that has none below it. */
  finest: string;
  tables: Record<string, string>;
  /** What rows of a table are called that are counted in a grid. */
  counted: Record<string, string>;
  texts: Record<string, string>;
}

/** A text of the editor, filled in. */
export type Told = (name: string, values?: Record<string, string | number>) => string;
