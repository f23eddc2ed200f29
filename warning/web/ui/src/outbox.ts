// What was pressed where the network comes and goes. A press is written down on the phone before it is sent, sent again by
// itself until the office has answered, and each form says plainly whether its press is still waiting or sent. Sending twice
// is harmless: an answer of a head carries its own id, and a step a mission has behind it changes nothing.
// Without this script the forms work as forms do.

const OUT = "raksa-outbox:";
const PATIENCE_MS = 20_000;
const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;
const AGAIN = new Set([408, 425, 429]); // with 5xx: the office could not, it did not refuse

/** One press. `owner`: whose it is; nobody else's session sends it. `typed`: what the page kept for its fields. */
interface Press {
  action: string; body: string; word: string; at: number; owner: string; typed: string[];
}

const words = document.querySelector<HTMLElement>("[data-outbox]");
const owner = words?.dataset.owner ?? "";
const unkept = new Map<string, string>(); // a browser that keeps nothing: this page holds it while it is open
let wait = FIRST_MS;
let timer = 0;
let busy = false;

function write(key: string, press: Press): void {
  const text = JSON.stringify(press);
  try {
    localStorage.setItem(key, text);
  } catch {
    unkept.set(key, text);
  }
}

function stored(key: string): string {
  try {
    return localStorage.getItem(key) ?? unkept.get(key) ?? "";
  } catch {
    return unkept.get(key) ?? "";
  }
}

/** Done with it, unless it was pressed anew meanwhile. What was typed stays while there is a form to mend. */
function drop(key: string, press: Press, typedToo: boolean): void {
  if (stored(key) !== JSON.stringify(press)) return;
  unkept.delete(key);
  try {
    for (const kept of typedToo ? [key, ...press.typed] : [key]) localStorage.removeItem(kept);
  } catch {
    return;
  }
}

function waiting(): [string, Press][] {
  const found = new Map(unkept);
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(OUT)) found.set(key, localStorage.getItem(key) ?? "");
  } catch {
    // as above
  }
  const mine = [...found].map(([key, text]): [string, Press] => [key, JSON.parse(text) as Press]);
  return mine.filter(([, press]) => press.owner === owner).sort(([, a], [, b]) => a.at - b.at);
}

function formOf(press: Press): HTMLFormElement | undefined {
  const asked = new URLSearchParams(press.body);
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-send]")].filter((f) => f.action === press.action);
  return forms.find((f) => f.querySelector(`button[value="${asked.get("answer") ?? asked.get("to") ?? ""}"]`)) ?? forms[0];
}

/** How a press stands, in its form, or at the top of the page when its form is gone. */
function say(key: string, press: Press, kind: "sending" | "waiting" | "sent" | "refused" | "sign-in", why = ""): void {
  const named = [...document.querySelectorAll<HTMLElement>("[data-press]")].find((box) => box.dataset.press === key);
  const box = named ?? Object.assign(document.createElement("p"), { tabIndex: -1 });
  const clock = new Date(press.at).toLocaleTimeString("th-TH", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Bangkok" });
  box.dataset.press = key;
  box.className = kind === "sent" ? "saved" : kind === "sending" ? "hint" : "problem";
  box.setAttribute("role", kind === "refused" ? "alert" : "status");
  const text = words?.getAttribute(`data-${kind}`) ?? "";
  box.textContent = `${text.replace("{press}", `${press.word} (${clock})`)} ${why}`.trim();
  if (named) return;
  (formOf(press) ?? words)?.prepend(box);
  if (words) words.hidden = !words.childElementCount;
  box.scrollIntoView({ block: "nearest" });
}

/** Where the office's answer stands, or nothing when this press must be sent again. */
async function send(key: string, press: Press): Promise<string | undefined> {
  const body = new URLSearchParams(press.body);
  const csrf = document.querySelector<HTMLInputElement>("input[name=csrf]")?.value;
  if (csrf) body.set("csrf", csrf); // the page may have been opened anew since
  body.set("ago", String(Math.max(0, Math.round((Date.now() - press.at) / 1000))));
  let answer: Response;
  let page: Document;
  try {
    answer = await fetch(press.action, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS) });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    say(key, press, "waiting");
    return undefined;
  }
  if (answer.status >= 500 || AGAIN.has(answer.status) || answer.status === 401) {
    say(key, press, answer.status === 401 ? "sign-in" : "waiting");
    return undefined;
  }
  drop(key, press, answer.ok || !formOf(press));
  if (answer.ok) {
    say(key, press, "sent");
    return answer.url;
  }
  const told = page.querySelector("main [role=alert]") ?? page.querySelector("main .big");
  say(key, press, "refused", told?.textContent?.trim() ?? "");
  return "";
}

/** Everything that waits, oldest first; then again after a while, longer each time, while something still waits. */
async function flush(): Promise<void> {
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  let seen = "";
  for (const [key, press] of waiting()) seen = (await send(key, press)) || seen;
  busy = false;
  if (waiting().length) {
    timer = setTimeout(() => void flush(), wait * (0.75 + Math.random() / 2));
    wait = Math.min(LONGEST_MS, wait * 2);
  } else if (seen && words?.hasAttribute("data-follow") && !document.activeElement?.matches("input, textarea, select")) {
    location.assign(seen);
  }
}

function soon(): void {
  wait = FIRST_MS;
  void flush();
}

/** The id that makes a repeat one: that of the same words still waiting, else a new one, for a page may be pressed more than once. */
function eventOf(body: URLSearchParams, before: Press | undefined): string {
  const same = new URLSearchParams(before?.body);
  const event = same.get("event") ?? "";
  same.set("event", body.get("event") ?? "");
  if (before && same.toString() === body.toString()) return event;
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function press(form: HTMLFormElement, button: HTMLButtonElement, typed: string[]): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
  const key = `${OUT}${form.action} ${body.get("answer") ?? ""}`;
  const before = waiting().find(([named]) => named === key)?.[1];
  if (body.has("event")) body.set("event", eventOf(body, before));
  const made = { action: form.action, body: body.toString(), word: button.textContent?.trim() ?? "", at: Date.now(), owner, typed };
  if (before?.body === made.body) made.at = before.at;
  write(key, made);
  button.disabled = true;
  say(key, made, "sending");
  const url = await send(key, made);
  button.disabled = false;
  if (url) location.assign(url);
  else if (url === undefined) soon();
}

/** Takes over every `form[data-send]`. keys: under which names the page has kept what was typed in a form. */
export function outbox(keys: (form: HTMLFormElement) => string[] = () => []): void {
  if (!words) return;
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (!form.matches("form[data-send]") || !button) return;
    event.preventDefault();
    void press(form, button, keys(form));
  });
  addEventListener("online", soon);
  addEventListener("pageshow", soon);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && waiting().length) soon(); });
  const offline = document.querySelector<HTMLElement>("[data-offline]");
  const connected = (): void => { if (offline) offline.hidden = navigator.onLine; };
  addEventListener("online", connected);
  addEventListener("offline", connected);
  connected();
  for (const [key, made] of waiting()) say(key, made, "waiting");
}
