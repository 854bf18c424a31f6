// Photos that were chosen show below their field, each with a button that leaves it out again; choosing once more adds to
// them. Without scripts the browser's own field says how many they are.

function same(one: File, other: File): boolean {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

function show(field: HTMLInputElement, list: HTMLElement, kept: File[]): void {
  const held = new DataTransfer();
  for (const file of kept) held.items.add(file);
  field.files = held.files;
  list.querySelectorAll("img").forEach((picture) => URL.revokeObjectURL(picture.src));
  list.replaceChildren(...kept.map((file) => row(field, list, kept, file)));
  list.hidden = !kept.length;
}

function row(field: HTMLInputElement, list: HTMLElement, kept: File[], file: File): HTMLElement {
  const item = document.createElement("li");
  const picture = Object.assign(document.createElement("img"), { src: URL.createObjectURL(file), alt: file.name });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-sm", textContent: field.dataset["chosen"] ?? "×" });
  button.setAttribute("aria-label", `${button.textContent ?? ""} ${file.name}`);
  button.addEventListener("click", () => {
    kept.splice(kept.indexOf(file), 1);
    show(field, list, kept);
    (list.querySelector<HTMLElement>("button") ?? field).focus();
  });
  item.append(picture, button);
  return item;
}

export function startChosen(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>("input[data-chosen]:not([data-ready])")) {
    field.dataset["ready"] = "";
    const list = Object.assign(document.createElement("ul"), { className: "photos", hidden: true });
    const kept: File[] = [];
    field.after(list);
    field.addEventListener("change", () => {
      kept.push(...[...(field.files ?? [])].filter((file) => !kept.some((other) => same(file, other))));
      show(field, list, kept);
    });
  }
}
