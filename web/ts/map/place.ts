// The address holds what is looked at, so that it can be shared.

export interface Place {
  grid: string | null;
  lon: number | null;
  lat: number | null;
  z: number | null;
}

/** How the switches beside the map stand; `null`: as they stand by themselves. */
export interface Shown {
  theme: string | null;
  basemap: string | null;
  layers: string[] | null;
}

function number(value: string | null): number | null {
  const parsed = value === null || value === "" ? NaN : Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

export function readPlace(url: URL): Place {
  const get = (name: string): string | null => url.searchParams.get(name);
  return { grid: get("grid"), lon: number(get("lon")), lat: number(get("lat")), z: number(get("z")) };
}

export function readShown(url: URL): Shown {
  const get = (name: string): string | null => url.searchParams.get(name);
  return { theme: get("theme"), basemap: get("base"), layers: get("layers")?.split(",").filter(Boolean) ?? null };
}

export function writeAddress(place: Place, shown: Shown): void {
  const url = new URL(window.location.href);
  const values: Record<string, string | null | undefined> = {
    grid: place.grid,
    lon: place.lon?.toFixed(6),
    lat: place.lat?.toFixed(6),
    z: place.z === null ? null : String(Math.round(place.z)),
    theme: shown.theme,
    base: shown.basemap,
    layers: shown.layers?.join(","),
  };
  for (const [name, value] of Object.entries(values)) {
    if (value || (name === "layers" && value === "")) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  window.history.replaceState(window.history.state, "", url);
}

/** The address of what is looked at now, with the grids of another day; `null`: of today. `hash`: what has the focus there. */
export function sameViewOf(day: string | null, hash = ""): string {
  const url = new URL(window.location.href);
  url.hash = hash;
  if (day) url.searchParams.set("as_of", day);
  else url.searchParams.delete("as_of");
  return url.href;
}
