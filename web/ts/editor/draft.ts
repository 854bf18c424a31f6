// The draft as the server holds it: every act is sent at once, so that closing the page loses nothing.
import type { LonLat } from "../map/base";
import { csrfToken } from "../page";

export interface Operation {
  op: string;
  [field: string]: unknown;
}

/** What a step draws, or that it takes back the last operation, or draws again what was taken back. */
export type Deed = Operation[] | "undo" | "redo";

/** A step as it is sent. */
export interface Sent {
  /** The server takes a step of one id once. */
  id: string;
  deed: Deed;
  /** Version of the draft that it is meant for. */
  version: number;
}

export interface PlanState {
  version: number;
  state: string;
  operations: Operation[];
  undone: number;
}

export interface Finding {
  kind: string;
  grid: string;
  text: string;
  lon: number | null;
  lat: number | null;
  blocking: boolean;
  /** One more operation that would settle it. */
  mend: { text: string; operation: Operation } | null;
}

export interface Checked {
  born: string[];
  retired: string[];
  touched: string[];
  /** Of all these by code. */
  names: Record<string, string>;
  findings: Finding[];
}

export interface Effect {
  code: string;
  name: string;
  /** What it bears now; of a grid that is born, what it is to bear. */
  old_code: string;
  old_name: string;
  before_m2: number | null;
  after_m2: number | null;
  before: Record<string, number>;
  after: Record<string, number>;
}

export interface Preview {
  grids: Effect[];
  moves: { table: string; from: string | null; to: string | null; rows: number }[];
  ended: Record<string, number>;
  copied: Record<string, number>;
  objections: { text: string; mend: string; plugin: string }[];
}

export interface Sheet {
  type: "FeatureCollection";
  features: object[];
  plan: PlanState;
  names: Record<string, string>;
  hidden: number;
  /** Grids that were changed since the plan was drawn on them. */
  stale: string[];
  unfit: { operation: number; reason: string }[];
}

/** Whether the city changed under the draft, so that it must be drawn anew on what stands now. */
export function standsOnFormer(sheet: Sheet): boolean {
  return sheet.stale.length > 0 || sheet.unfit.length > 0;
}

/** The server refused, and says why and perhaps where. */
export class Problem extends Error {
  /** `conflict`: the draft was changed elsewhere, or the grids that it stands on were. */
  constructor(readonly status: number, text: string, readonly place: LonLat | null, readonly conflict: "newer" | "stale" | "") {
    super(text);
  }
}

/** No answer came. */
export class Lost extends Error {}

interface ProblemDocument {
  title?: string;
  detail?: string;
  errors?: { detail: string }[];
  lon?: number;
  lat?: number;
  theirs?: { version?: number; grids?: object[] };
}

export class Draft {
  plan: PlanState = { version: 0, state: "draft", operations: [], undone: 0 };
  private readonly base: string;

  constructor(id: string) {
    this.base = `/api/v1/plans/${id}`;
  }

  async sheet(box: number[]): Promise<Sheet> {
    const sheet = await this.ask<Sheet>(`sheet?bbox=${box.map((degrees) => degrees.toFixed(7)).join(",")}`);
    this.reached(sheet.plan);
    return sheet;
  }

  check(): Promise<Checked> {
    return this.ask<Checked>("check");
  }

  preview(): Promise<Preview> {
    return this.ask<Preview>("preview");
  }

  /** A step that the server may have taken already under its id is not taken once more. */
  async take({ id, version, deed }: Sent): Promise<void> {
    this.reached(await this.ask<PlanState>(Array.isArray(deed) ? "operations" : deed, { id, version, ...(Array.isArray(deed) ? { operations: deed } : {}) }));
  }

  /** An answer that was long on its way does not take the draft back. */
  private reached(plan: PlanState): void {
    if (plan.version >= this.plan.version) this.plan = plan;
  }

  private async ask<T>(path: string, body?: object): Promise<T> {
    let answer: Response;
    try {
      answer = await fetch(`${this.base}/${path}`, {
        method: body ? "POST" : "GET",
        credentials: "same-origin",
        headers: { Accept: "application/json", ...(body ? { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    } catch {
      throw new Lost();
    }
    if (answer.ok) return (await answer.json()) as T;
    if (answer.status >= 502) throw new Lost();
    const told = (await answer.json().catch(() => ({}))) as ProblemDocument;
    const text = told.detail ?? told.title ?? String(answer.status);
    const place: LonLat | null = told.lon !== undefined && told.lat !== undefined ? [told.lon, told.lat] : null;
    throw new Problem(answer.status, text, place, told.theirs?.grids ? "stale" : told.theirs?.version !== undefined ? "newer" : "");
  }
}
