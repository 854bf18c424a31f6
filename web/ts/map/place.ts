// The address holds what is looked at, so that it can be shared.

export interface Place {
  grid: string | null;
  lon: number | null;
  lat: number | null;
  z: number | null;
}

function number(value: string | null): number | null {
  const parsed = value === null || value === "" ? NaN : Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

export function readPlace(url: URL): Place {
  const get = (name: string): string | null => url.searchParams.get(name);
  return { grid: get("grid"), lon: number(get("lon")), lat: number(get("lat")), z: number(get("z")) };
}

export function writePlace(place: Place): void {
  const url = new URL(window.location.href);
  const values: Record<string, string | null> = {
    grid: place.grid,
    lon: place.lon === null ? null : place.lon.toFixed(6),
    lat: place.lat === null ? null : place.lat.toFixed(6),
    z: place.z === null ? null : String(Math.round(place.z)),
  };
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  window.history.replaceState(window.history.state, "", url);
}
