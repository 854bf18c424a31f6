// Loaded on every page: htmx and the small manners of forms, menus, dialogs and tables.
import "./polyfills";
import htmx from "htmx.org";
import { copy, csrfToken, isTyping, toast } from "./page";
import { startFolds } from "./fold";
import { startNarrowing } from "./narrow";
import { startSearch } from "./search";
import { startSending } from "./send";

const LATE_MS = 300;

// htmx
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx: { request: { action: string; headers: Record<string, string> } } }>).detail;
  ctx.request.headers["X-CSRF-Token"] = csrfToken();
  // Parts come in the language that the page's own address asks for
  const asked = new URLSearchParams(window.location.search).get("lang");
  if (asked) {
    const part = new URL(ctx.request.action, document.baseURI);
    part.searchParams.set("lang", asked);
    ctx.request.action = part.pathname + part.search;
  }
});
document.addEventListener("htmx:before:request", (event) => {
  const target = event.target as Element;
  const timer = window.setTimeout(() => target.classList.add("late"), LATE_MS);
  target.addEventListener("htmx:finally:request", () => {
    window.clearTimeout(timer);
    target.classList.remove("late");
  }, { once: true });
});

// Menus close by Escape and by a click elsewhere
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!menu.contains(event.target as Node)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

// Dialogs: one that was asked for in the address, or came back with a fault, stands open in the page without scripts
function openAsked(root: ParentNode): void {
  const asked = root.querySelector<HTMLDialogElement>("dialog[data-asked]");
  if (!asked) return;
  asked.removeAttribute("data-asked");
  asked.removeAttribute("open");
  asked.showModal();
}

document.addEventListener("click", (event) => {
  const origin = event.target as Element;
  const wanted = origin.closest<HTMLElement>("[data-dialog]")?.dataset["dialog"];
  const dialog = wanted && document.querySelector<HTMLDialogElement>(`#${CSS.escape(wanted)}`);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  if (origin.closest("[data-print]")) window.print();
  const source = origin.closest<HTMLElement>("[data-copy]");
  if (source) void copy(source.dataset["copy"] ?? "").then(() => toast(source.dataset["done"] ?? "✓"));
});

// Filters are sent as soon as a choice is made; empty ones stay out of the address. Where the attribute names a field,
// the form is sent unchecked, with that field: to be shown anew, with all that was entered.
document.addEventListener("change", (event) => {
  const control = event.target as HTMLInputElement | HTMLSelectElement;
  const area = control.closest<HTMLElement>("[data-submit-on-change]");
  const form = control.form;
  if (!form || !area) return;
  if (!(control instanceof HTMLSelectElement) && !/^(checkbox|radio|date)$/.test(control.type)) return;
  const name = area.dataset["submitOnChange"];
  if (!name) {
    form.requestSubmit();
    return;
  }
  const asked = Object.assign(document.createElement("input"), { type: "hidden", name, value: control.name });
  form.append(asked);
  form.noValidate = true;
  form.requestSubmit();
  form.noValidate = false;
  window.setTimeout(() => asked.remove());
});
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method !== "get" || !form.matches(".filters")) return;
  for (const control of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) {
    if (control.value === "") control.disabled = true;
  }
  window.setTimeout(() => form.querySelectorAll<HTMLInputElement>(":disabled").forEach((control) => { control.disabled = false; }));
});

// Rows of a list: j, k, Enter
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const table = document.querySelector("table[data-rows]");
  if (!table || !["j", "k", "Enter"].includes(event.key)) return;
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  const at = rows.findIndex((row) => row.classList.contains("current"));
  if (event.key === "Enter") {
    if (!(event.target as Element).closest("a, button, summary")) rows[Math.max(at, 0)]?.querySelector("a")?.click();
    return;
  }
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
  rows[at]?.classList.remove("current");
  next?.classList.add("current");
  next?.scrollIntoView({ block: "nearest" });
});

/** Says what is waited for, and for how long already, until the answer replaces the page. */
function tellBusy(form: HTMLFormElement, text: string): void {
  const line = document.createElement("p");
  line.className = "busy-line";
  line.setAttribute("role", "status");
  form.append(line);
  const began = Date.now();
  const tell = (): void => { line.textContent = `${text} ${Math.round((Date.now() - began) / 1000)} s`; };
  tell();
  const ticking = window.setInterval(tell, 1000);
  window.addEventListener("pageshow", () => {
    window.clearInterval(ticking);
    line.remove();
  }, { once: true });
}

startSending(start);

// A button that was pressed is not pressed twice
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.submitter?.getAttribute("formmethod") === "dialog") return;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-sent")) {
    if (form.hasAttribute("data-sent")) event.preventDefault();
    return;
  }
  form.setAttribute("data-sent", "");
  const busy = form.dataset["busy"];
  if (busy) tellBusy(form, busy);
  else window.setTimeout(() => form.removeAttribute("data-sent"), 5000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => form.removeAttribute("data-sent"));
});

/** The summary of what is wrong with a form is where reading goes on. */
function faceFaults(root: ParentNode): void {
  const faults = root.querySelector<HTMLElement>("[data-faults]");
  faults?.removeAttribute("data-faults");
  faults?.focus();
}

function start(root: ParentNode): void {
  openAsked(root);
  faceFaults(root);
  if (root.querySelector("[data-repeat]")) void import("./repeat").then(({ startRepeats }) => startRepeats(root));
  if (root.querySelector("[data-chosen]")) void import("./chosen").then(({ startChosen }) => startChosen(root));
  startFolds(root);
  startNarrowing(root);
}

document.addEventListener("htmx:after:swap", () => start(document));
start(document);
startSearch();
if (document.querySelector(".field.pick")) void import("./pick").then(({ startPicks }) => startPicks());

Object.assign(window, { htmx });
