// Forms with data-send go by fetch: where the network is lost, the page stands with all that was entered and chosen, and
// the same form can be sent again. Its id makes that the same report.
type Shown = (root: ParentNode) => void;

async function send(form: HTMLFormElement, shown: Shown): Promise<void> {
  let answer: Response;
  let text: string;
  try {
    const headers = { "HX-Request": "true", Accept: "text/html" };
    answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers, credentials: "same-origin" });
    text = await answer.text();
  } catch {
    say(form, form.dataset["lost"] ?? "");
    return;
  }
  const next = answer.headers.get("HX-Redirect");
  if (next) {
    location.assign(next);
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = page.querySelector("main");
  if (!main) {
    say(form, page.body.textContent?.trim() ?? "");
    return;
  }
  document.querySelector("main")?.replaceWith(main);
  shown(main);
  main.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
}

function say(form: HTMLFormElement, text: string): void {
  let box = form.querySelector<HTMLElement>("[data-said]");
  if (!box) {
    box = document.createElement("p");
    box.className = "error";
    box.dataset["said"] = "";
    box.setAttribute("role", "alert");
    // In the bar with the button, which stays in sight on a phone
    form.querySelector(".form-foot")?.prepend(box);
  }
  box.textContent = text;
  box.scrollIntoView({ block: "nearest" });
}

export function startSending(shown: Shown): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || !form.matches("form[data-send]")) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    void send(form, shown).finally(() => form.removeAttribute("aria-busy"));
  });
}
