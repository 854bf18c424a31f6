// A search field that leaves of a group of choices those whose words hold what was typed; it works with scripts alone.
export function startNarrowing(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>("input[data-narrow]")) {
    field.hidden = false;
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      for (const group of document.querySelectorAll<HTMLElement>(`${field.dataset["narrow"]} fieldset`)) {
        const choices = [...group.querySelectorAll<HTMLElement>(".choice")];
        for (const choice of choices) choice.hidden = !(choice.textContent ?? "").toLowerCase().includes(wanted);
        group.hidden = choices.every((choice) => choice.hidden);
      }
    });
  }
}
