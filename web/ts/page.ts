// Small helpers shared by the page script and the map.

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

export function toast(text: string): void {
  document.querySelector(".toast-bar")?.remove();
  const bar = document.createElement("div");
  bar.className = "toast-bar";
  bar.setAttribute("role", "status");
  bar.textContent = text;
  document.body.append(bar);
  window.setTimeout(() => bar.remove(), 4000);
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
