// The one search of the top bar: `/` focuses, arrows walk the hits, Enter opens the first.
import { isTyping } from "./page";

/** So long Enter waits for the hits of what was typed; then the search page answers. */
const PATIENCE_MS = 3000;

export function startSearch(): void {
  const form = document.querySelector<HTMLFormElement>(".global-search");
  const input = form?.querySelector<HTMLInputElement>("input[name=q]");
  const shown = form?.querySelector<HTMLElement>(".search-hits");
  if (!form || !input || !shown) return;
  const links = (): HTMLAnchorElement[] => [...shown.querySelectorAll<HTMLAnchorElement>("a")];
  const typed = (): string => input.value.trim();
  let waiting = 0;

  const stopWaiting = (): void => {
    window.clearTimeout(waiting);
    waiting = 0;
  };
  const openFirst = (): void => {
    stopWaiting();
    const first = links()[0];
    if (first && shown.dataset["for"] === typed()) first.click();
    else form.submit();
  };

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
      stopWaiting();
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
  input.addEventListener("input", stopWaiting);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!typed() || shown.dataset["for"] === typed()) openFirst();
    else waiting ||= window.setTimeout(openFirst, PATIENCE_MS);
  });
  form.addEventListener("htmx:after:swap", () => {
    shown.dataset["for"] = shown.querySelector<HTMLElement>("[data-typed]")?.dataset["typed"] ?? "";
    form.classList.remove("closed");
    if (waiting && shown.dataset["for"] === typed()) openFirst();
  });
}
