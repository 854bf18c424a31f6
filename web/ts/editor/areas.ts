// Areas as people read them; web/areas.py tells them the same on pages.
const KM2 = 1e6;
const SEEN_M2 = 0.5;

/** How areas that stand together are told: all in the unit of the largest. */
export function areaTexts(all: number[]): (area: number) => string {
  if (Math.max(0, ...all) < 100_000) return (area) => `${decimal(area, 0)} m²`;
  return (area) => `${decimal(area / KM2, area < 100_000 ? 4 : usualDigits(area))} km²`;
}

export function areaText(area: number): string {
  return areaTexts([area])(area);
}

/** Two areas and how far the second is above the first, in one unit and with as many digits as that takes; no difference where one is not there. */
export function comparedAreas(before: number | null, after: number | null): [string, string, string] {
  if (before === null || after === null) return [before === null ? "—" : areaText(before), after === null ? "—" : areaText(after), ""];
  const largest = Math.max(before, after);
  const gain = after - before;
  const seen = Math.abs(gain) >= SEEN_M2;
  const [unit, name] = largest < KM2 ? [1, "m²"] : [KM2, "km²"];
  const needed = seen ? Math.min(6, 1 - Math.floor(Math.log10(Math.abs(gain) / unit))) : 0;
  const digits = unit === 1 ? 0 : Math.max(usualDigits(largest), needed);
  const [was, becomes] = [before, after].map((area) => Number((area / unit).toFixed(digits))) as [number, number];
  const difference = seen ? `${gain > 0 ? "+" : "−"}${decimal(Math.abs(becomes - was), digits)} ${name}` : "";
  return [`${decimal(was, digits)} ${name}`, `${decimal(becomes, digits)} ${name}`, difference];
}

function usualDigits(area: number): number {
  return area < 1e8 ? 2 : 1;
}

function decimal(value: number, digits: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
