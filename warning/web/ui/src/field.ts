// A team's phone where the network comes and goes. Without this script the forms work; with it a press that did not arrive
// says so beside its button, and what was typed stays: on the page, and on the phone if the browser is closed.

const PATIENCE_MS = 20_000;
const KEPT = "raksa-field:";
const words = document.body.querySelector<HTMLElement>("[data-field-words]")?.dataset ?? {};

type Typed = HTMLInputElement | HTMLTextAreaElement;

function typed(form: HTMLFormElement): Typed[] {
  return [...form.querySelectorAll<Typed>("textarea, input:not([type=hidden])")];
}

function keep(form: HTMLFormElement): void {
  for (const field of typed(form)) {
    try {
      if (field.value) localStorage.setItem(KEPT + field.id, field.value);
      else localStorage.removeItem(KEPT + field.id);
    } catch {
      return; // a browser that keeps nothing: the page itself still holds it
    }
  }
}

function forget(form: HTMLFormElement): void {
  for (const field of typed(form)) localStorage.removeItem(KEPT + field.id);
}

function restore(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-send]")) {
    for (const field of typed(form)) field.value ||= localStorage.getItem(KEPT + field.id) ?? "";
  }
}

function say(form: HTMLFormElement, text: string): void {
  form.querySelector(".problem")?.remove();
  const box = Object.assign(document.createElement("p"), { className: "problem", textContent: text });
  box.setAttribute("role", "alert");
  form.prepend(box);
  box.scrollIntoView({ block: "center" });
}

async function send(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
  const word = button.textContent;
  button.disabled = true;
  button.textContent = words.sending ?? word;
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok) {
      forget(form);
      location.assign(answer.url);
      return;
    }
    const told = page.querySelector("main [role=alert]") ?? page.querySelector("main .big");
    const why = told?.textContent?.trim();
    say(form, why || (words.lost ?? ""));
  } catch {
    say(form, words.lost ?? "");
  }
  button.disabled = false;
  button.textContent = word;
}

document.addEventListener("input", (event) => {
  const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-send]");
  if (form) keep(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
  if (!form.matches("form[data-send]") || !button) return;
  event.preventDefault();
  void send(form, button);
});

const offline = document.querySelector<HTMLElement>("[data-offline]");
function connected(): void {
  if (offline) offline.hidden = navigator.onLine;
}
addEventListener("online", connected);
addEventListener("offline", connected);
connected();
restore();
