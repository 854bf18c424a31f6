// Repeated parts of a form: the blank one becomes the pattern of "add one more".

function renumber(part: Element, name: string, number: number): void {
  const start = `${name}.`;
  const id = `f-${name.replace(/\./g, "-")}-`;
  for (const element of part.querySelectorAll("[name], [id], [for], [aria-describedby], [aria-labelledby]")) {
    for (const attribute of ["name", "id", "for", "aria-describedby", "aria-labelledby"]) {
      const value = element.getAttribute(attribute);
      const prefix = attribute === "name" ? start : id;
      if (!value?.startsWith(prefix)) continue;
      element.setAttribute(attribute, prefix + value.slice(prefix.length).replace(/^\d+/, String(number)));
    }
  }
}

export function startRepeats(root: ParentNode): void {
  for (const group of root.querySelectorAll<HTMLElement>("[data-repeat]")) {
    const button = group.querySelector<HTMLButtonElement>(":scope > [data-repeat-add]");
    const blank = group.querySelector<HTMLElement>(":scope > [data-blank]");
    if (!button || !blank || !button.hidden) continue;
    let count = group.querySelectorAll(":scope > .repeat-item").length;
    const pattern = blank.cloneNode(true) as HTMLElement;
    blank.removeAttribute("data-blank");
    button.hidden = false;
    button.addEventListener("click", () => {
      const fresh = pattern.cloneNode(true) as HTMLElement;
      fresh.removeAttribute("data-blank");
      renumber(fresh, group.dataset["repeat"] ?? "", count);
      count += 1;
      button.before(fresh);
      fresh.querySelector<HTMLElement>("input, select, textarea")?.focus();
    });
  }
}
