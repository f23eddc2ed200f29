// A team's phone: what was typed stays on the page and on the phone until it is sent (`outbox.ts`).
import { outbox } from "./outbox";

const KEPT = "raksa-field:";

type Typed = HTMLInputElement | HTMLTextAreaElement;

function typed(form: HTMLFormElement): Typed[] {
  return [...form.querySelectorAll<Typed>("textarea, input:not([type=hidden])")];
}

document.addEventListener("input", (event) => {
  const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-send]");
  for (const field of form ? typed(form) : []) {
    try {
      if (field.value) localStorage.setItem(KEPT + field.id, field.value);
      else localStorage.removeItem(KEPT + field.id);
    } catch {
      return; // a browser that keeps nothing: the page itself still holds it
    }
  }
});
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-send]")) {
  try {
    for (const field of typed(form)) field.value ||= localStorage.getItem(KEPT + field.id) ?? "";
  } catch {
    break;
  }
}
outbox((form) => typed(form).map((field) => KEPT + field.id));
