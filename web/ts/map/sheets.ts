// On phones the panes lie below the map as one sheet: a strip of the chosen grid's card, the whole card, or the left pane.

const CHOSEN = "#grid-card, #map-feature, #map-reference, #map-matter";

type Sheet = "" | "strip" | "card" | "layers";

class Sheets {
  private readonly watch = new MutationObserver(() => this.came());
  private readonly bench = document.querySelector<HTMLElement>(".workbench");

  connect(): void {
    document.addEventListener("click", this.pressed);
    for (const part of document.querySelectorAll(CHOSEN)) this.watch.observe(part, { childList: true });
    this.show(this.hasCard() ? "strip" : "");
  }

  private show(sheet: Sheet): void {
    if (!this.bench) return;
    this.bench.dataset["sheet"] = sheet;
    for (const button of this.bench.querySelectorAll<HTMLElement>("[data-sheet-for]")) {
      button.setAttribute("aria-expanded", String(button.dataset["sheetFor"] === sheet));
    }
  }

  private hasCard(): boolean {
    return document.querySelector("#grid-card > [data-grid], #grid-card > form, #map-feature > *, #map-reference > *, #map-matter > *, .pane.right > .notice") !== null;
  }

  private readonly pressed = (event: MouseEvent): void => {
    const wanted = (event.target as Element).closest<HTMLElement>("[data-sheet-for]")?.dataset["sheetFor"] as Sheet | undefined;
    if (!wanted) return;
    this.show(this.bench?.dataset["sheet"] !== wanted ? wanted : this.hasCard() ? "strip" : "");
  };

  /** What was chosen on the map comes into sight. */
  private came(): void {
    if (this.bench?.dataset["sheet"] !== "card" && this.hasCard()) this.show("strip");
  }
}

export function layOutForPhones(): void {
  new Sheets().connect();
}
