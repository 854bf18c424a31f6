// A field that takes the code of a grid: a hit that is chosen fills it, arrows walk the hits, Escape closes them.

export function startPicks(): void {
  const inputOf = (hits: Element): HTMLInputElement | null => hits.parentElement?.querySelector("input") ?? null;

  document.addEventListener("click", (event) => {
    const chosen = (event.target as Element).closest<HTMLElement>("[data-pick]");
    for (const hits of document.querySelectorAll<HTMLElement>(".pick-hits:not(:empty)")) {
      const input = inputOf(hits);
      if (chosen && hits.contains(chosen) && input) {
        input.value = chosen.dataset["pick"] ?? "";
        hits.replaceChildren(told(chosen.querySelector("strong")?.textContent ?? ""));
        input.focus();
      } else if (!hits.parentElement?.contains(event.target as Node)) hits.querySelector("ul")?.remove();
    }
  });
  document.addEventListener("keydown", (event) => {
    const field = (event.target as Element).closest(".field.pick");
    const hits = field?.querySelector(".pick-hits");
    if (!hits) return;
    const all = [...hits.querySelectorAll<HTMLButtonElement>("[data-pick]")];
    if (event.key === "Escape" && all.length) {
      event.preventDefault();
      hits.replaceChildren();
      inputOf(hits)?.focus();
    }
    if (event.key === "Enter" && all[0] && event.target === inputOf(hits)) {
      event.preventDefault();
      all[0].click();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const next = all[all.indexOf(document.activeElement as HTMLButtonElement) + (event.key === "ArrowDown" ? 1 : -1)];
    event.preventDefault();
    (next ?? inputOf(hits))?.focus();
  });
}

function told(text: string): HTMLElement {
  const line = document.createElement("p");
  line.className = "meta";
  line.textContent = text;
  return line;
}
