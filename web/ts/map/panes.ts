// The panes beside the map: the tree, the switches of layers, base map and theme, links that move the map.
import { readPlace, sameViewOf } from "./place";
import { fetchInto } from "./selection";
import type { Place, Shown } from "./place";

export interface Wishes {
  /** A grid named by a link, and the place to look at when the link says one; `found`: the link is a hit of the search. */
  go(code: string | undefined, place: Place | null, found: boolean): void;
  basemap(name: string): void;
  layer(name: string, on: boolean): void;
  theme(name: string, title: string): void;
  /** A switch was set by hand. */
  changed(): void;
}

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("input[data-layer]")];
}

function themes(): HTMLSelectElement | null {
  return document.querySelector("select[data-theme]");
}

/** Where the slider of versions stands; of other controls nothing. */
function stopOf(control: HTMLElement): { day: string; text: string } | undefined {
  const stops = control.dataset["stops"];
  return stops ? (JSON.parse(stops) as { day: string; text: string }[])[Number((control as HTMLInputElement).value)] : undefined;
}

/** Scrolls the pane, and not the page, until the row is seen. */
function showIn(row: Element, pane: Element | null): void {
  if (!pane) return;
  const [seen, frame] = [row.getBoundingClientRect(), pane.getBoundingClientRect()];
  if (seen.top < frame.top + seen.height) pane.scrollTop += seen.top - frame.top - seen.height;
  else if (seen.bottom > frame.bottom) pane.scrollTop += seen.bottom - frame.bottom;
}

export class Panes {
  private chosen: string | null = null;
  /** The grid that the tree was last fetched for, asked for once. */
  private opened: string | null = null;
  private leaving = 0;

  constructor(private readonly wishes: Wishes) {}

  /** The past day whose grids the page shows. */
  private readonly day = new URL(window.location.href).searchParams.get("as_of");

  connect(): void {
    document.addEventListener("click", this.linked);
    document.addEventListener("change", this.switched);
    document.addEventListener("submit", this.dated);
    document.addEventListener("input", this.slid);
    document.addEventListener("htmx:after:swap", this.grew);
    this.treeStands(); // it may have come before the map's code did
  }

  disconnect(): void {
    document.removeEventListener("click", this.linked);
    document.removeEventListener("change", this.switched);
    document.removeEventListener("submit", this.dated);
    document.removeEventListener("input", this.slid);
    document.removeEventListener("htmx:after:swap", this.grew);
  }

  /** Puts the switches as the address says, else as they were last time, and says how every one stands. */
  begin(wanted: Shown, firstBasemap: string): void {
    const radio = (name: string | null): HTMLInputElement | null => document.querySelector(`input[name="basemap"][value="${CSS.escape(name ?? "")}"]`);
    const choice = radio(wanted.basemap) ?? radio(localStorage.getItem("wg-basemap")) ?? radio(firstBasemap);
    if (choice) {
      choice.checked = true;
      this.wishes.basemap(choice.value);
    }
    for (const box of boxes()) {
      const name = box.dataset["layer"] ?? "";
      if (wanted.layers) box.checked = wanted.layers.includes(name);
      this.wishes.layer(name, box.checked);
    }
    const select = themes();
    const theme = wanted.theme ?? localStorage.getItem("wg-theme") ?? "";
    if (!select || select.disabled || ![...select.options].some((option) => option.value === theme)) return;
    select.value = theme;
    this.themed(select);
  }

  /** How the switches stand now, for the address. */
  shown(): Shown {
    const all = boxes();
    const choices = document.querySelectorAll<HTMLInputElement>('input[name="basemap"]');
    return {
      theme: themes()?.value || null,
      basemap: choices.length > 1 ? ([...choices].find((choice) => choice.checked)?.value ?? null) : null,
      layers: all.every((box) => box.checked === box.defaultChecked) ? null : all.filter((box) => box.checked).map((box) => box.dataset["layer"] ?? ""),
    };
  }

  private themed(select: HTMLSelectElement): void {
    this.wishes.theme(select.value, select.value ? (select.selectedOptions[0]?.textContent?.trim() ?? "") : "");
  }

  /** Marks the row of the chosen grid; the tree opens along the path to it where it is still closed. */
  mark(code: string): void {
    this.chosen = code;
    for (const row of document.querySelectorAll(".tree-row.current")) row.classList.remove("current");
    const row = document.querySelector(`#grid-tree a[data-grid="${CSS.escape(code)}"]`)?.closest(".tree-row");
    row?.classList.add("current");
    if (row) showIn(row, row.closest(".tree-pane"));
    else if (this.opened !== code && document.querySelector("#grid-tree > .tree")) {
      this.opened = code;
      void fetchInto("#grid-tree", `/grids/tree?${new URLSearchParams({ at: code, as_of: this.day ?? "" }).toString()}`);
    }
  }

  /** Links to grids and places inside the workbench move the map instead of leaving the page. */
  private readonly linked = (event: MouseEvent): void => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (link.matches("[data-today]")) {
      event.preventDefault();
      window.location.assign(sameViewOf(null));
      return;
    }
    const place = link.pathname === "/map" ? readPlace(new URL(link.href)) : null;
    if (place && new URL(link.href).searchParams.get("as_of") !== this.day) return;
    const code = place?.grid ?? (link.closest("#grid-tree") ? link.dataset["grid"] : undefined);
    if (!code && place?.lon == null) return;
    event.preventDefault();
    this.wishes.go(code, place, link.closest(".search-hits") !== null);
    document.querySelector(".global-search")?.classList.add("closed");
  };

  /** Another day is looked at in the same place. */
  private readonly dated = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-as-of]")) return;
    event.preventDefault();
    window.location.assign(sameViewOf(String(new FormData(form).get("as_of"))));
  };

  /** The slider of versions says where it stands; once it rests, it leads there. */
  private readonly slid = (event: Event): void => {
    const slider = event.target as HTMLInputElement;
    const stop = stopOf(slider);
    if (!stop) return;
    slider.setAttribute("aria-valuetext", stop.text);
    const told = slider.nextElementSibling;
    if (told) told.textContent = stop.text;
  };

  private readonly switched = (event: Event): void => {
    const control = event.target as HTMLElement;
    const stop = stopOf(control);
    if (stop) {
      clearTimeout(this.leaving);
      this.leaving = window.setTimeout(() => window.location.assign(sameViewOf(stop.day || null, "versions")), 600);
      return;
    }
    if (control instanceof HTMLSelectElement && control.matches("[data-theme]")) {
      localStorage.setItem("wg-theme", control.value);
      this.themed(control);
    } else if (control instanceof HTMLInputElement && control.name === "basemap") {
      localStorage.setItem("wg-basemap", control.value);
      this.wishes.basemap(control.value);
    } else if (control instanceof HTMLInputElement && control.matches("[data-layer]")) {
      this.wishes.layer(control.dataset["layer"] ?? "", control.checked);
    } else return;
    this.wishes.changed();
  };

  /** The root stands open; rows that arrive later are marked when they are the chosen one. */
  private readonly grew = (event: Event): void => {
    if ((event.target as Element).closest("#grid-tree")) this.treeStands();
  };

  private treeStands(): void {
    const root = document.querySelector<HTMLDetailsElement>("#grid-tree > .tree > li > details");
    if (root && !root.dataset["shown"]) {
      root.dataset["shown"] = "true";
      root.open = true;
    }
    if (this.chosen) this.mark(this.chosen);
  }
}
