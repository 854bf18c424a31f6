// The panes beside the map: the tree, the switches of layers, base map and theme, links that move the map.
import { readPlace } from "./place";
import type { Place } from "./place";

export interface Wishes {
  /** A grid named by a link, and the place to look at when the link says one; `found`: the link is a hit of the search. */
  go(code: string | undefined, place: Place | null, found: boolean): void;
  basemap(name: string): void;
  layer(name: string, on: boolean): void;
  theme(name: string, title: string): void;
}

export class Panes {
  private chosen: string | null = null;

  constructor(private readonly wishes: Wishes) {}

  connect(): void {
    document.addEventListener("click", this.linked);
    document.addEventListener("change", this.switched);
    document.addEventListener("htmx:after:swap", this.grew);
    this.treeStands(); // it may have come before the map's code did
  }

  disconnect(): void {
    document.removeEventListener("click", this.linked);
    document.removeEventListener("change", this.switched);
    document.removeEventListener("htmx:after:swap", this.grew);
  }

  /** Puts the switches as they were last time and says how every one stands. */
  begin(firstBasemap: string): void {
    const remembered = localStorage.getItem("wg-basemap") ?? firstBasemap;
    const radio = (name: string): HTMLInputElement | null => document.querySelector(`input[name="basemap"][value="${CSS.escape(name)}"]`);
    const choice = radio(remembered) ?? radio(firstBasemap);
    if (choice) {
      choice.checked = true;
      this.wishes.basemap(choice.value);
    }
    for (const box of document.querySelectorAll<HTMLInputElement>("input[data-layer]")) this.wishes.layer(box.dataset["layer"] ?? "", box.checked);
  }

  /** Marks the row of the chosen grid. */
  mark(code: string): void {
    this.chosen = code;
    for (const row of document.querySelectorAll(".tree-row.current")) row.classList.remove("current");
    const row = document.querySelector(`#grid-tree a[data-grid="${CSS.escape(code)}"]`)?.closest(".tree-row");
    row?.classList.add("current");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** Links to grids and places inside the workbench move the map instead of leaving the page. */
  private readonly linked = (event: MouseEvent): void => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const place = link.pathname === "/map" ? readPlace(new URL(link.href)) : null;
    const code = place?.grid ?? (link.closest("#grid-tree") ? link.dataset["grid"] : undefined);
    if (!code && place?.lon == null) return;
    event.preventDefault();
    this.wishes.go(code, place, link.closest(".search-hits") !== null);
    document.querySelector(".global-search")?.classList.add("closed");
  };

  private readonly switched = (event: Event): void => {
    const control = event.target as HTMLElement;
    if (control instanceof HTMLSelectElement && control.matches("[data-theme]")) {
      this.wishes.theme(control.value, control.value ? (control.selectedOptions[0]?.textContent?.trim() ?? "") : "");
    } else if (control instanceof HTMLInputElement && control.name === "basemap") {
      localStorage.setItem("wg-basemap", control.value);
      this.wishes.basemap(control.value);
    } else if (control instanceof HTMLInputElement && control.matches("[data-layer]")) {
      this.wishes.layer(control.dataset["layer"] ?? "", control.checked);
    }
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
