// The one search of the top bar: `/` focuses, arrows walk the hits, Enter opens the first.
import { isTyping } from "./page";

export function startSearch(): void {
  const form = document.querySelector<HTMLFormElement>(".global-search");
  const input = form?.querySelector<HTMLInputElement>("input[name=q]");
  if (!form || !input) return;
  const links = (): HTMLAnchorElement[] => [...form.querySelectorAll<HTMLAnchorElement>(".search-hits a")];

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !isTyping(event)) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  document.addEventListener("focusin", (event) => {
    form.classList.toggle("closed", !form.contains(event.target as Node));
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target as Node)) form.classList.add("closed");
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      form.classList.add("closed");
      input.blur();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = links();
    const at = all.indexOf(document.activeElement as HTMLAnchorElement);
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (all[next] ?? input).focus();
  });
  form.addEventListener("submit", (event) => {
    const shown = form.querySelector<HTMLElement>(".search-hits");
    const first = links()[0];
    if (first && shown?.dataset["for"] === input.value) {
      event.preventDefault();
      first.click();
    }
  });
  form.addEventListener("htmx:after:swap", () => {
    const shown = form.querySelector<HTMLElement>(".search-hits");
    if (shown) shown.dataset["for"] = input.value;
    form.classList.remove("closed");
  });
}
