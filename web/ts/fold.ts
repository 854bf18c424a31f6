// Long tables show their first rows and a button for the rest; without scripts all stand open.

export function startFolds(root: ParentNode): void {
  for (const wrap of root.querySelectorAll<HTMLElement>("[data-fold]")) {
    const rest = [...wrap.querySelectorAll<HTMLTableRowElement>("tbody tr")].slice(Number(wrap.dataset["fold"]));
    wrap.removeAttribute("data-fold");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-sm", textContent: wrap.dataset["foldAll"] ?? "" });
    for (const row of rest) row.hidden = true;
    button.addEventListener("click", () => {
      for (const row of rest) row.hidden = false;
      button.remove();
      rest[0]?.querySelector<HTMLElement>("a, button")?.focus();
    });
    wrap.append(button);
  }
}
