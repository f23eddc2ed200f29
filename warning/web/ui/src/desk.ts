// The relay desk keeps itself true: its changing parts are asked for anew every two seconds and put in place when they differ.
// What an officer types stands outside those parts, so nothing is lost; without a script the page is as it was when opened.
import "./relay";

const EVERY_MS = 2000;
const LOST_MS = 8000; // this long without an answer: say so, never show old numbers as live

const link = document.querySelector<HTMLElement>("#live");
const marks = new Map<HTMLElement, string>();
let heard = Date.now();

function say(alive: boolean): void {
  if (!link) return;
  link.hidden = false;
  link.classList.toggle("lost", !alive);
  const at = new Date(heard).toLocaleTimeString("th-TH", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Bangkok" });
  const words = alive ? link.dataset.live ?? "" : `${link.dataset.lost ?? ""} ${at}`;
  if (link.textContent !== words) link.textContent = words;
}

/** New HTML in place, what was unfolded open, and the keyboard where it was: on the same kind of thing within the same named
 *  element, or on the fold that hides it now. */
function put(part: HTMLElement, html: string): void {
  const unfolded = [...part.querySelectorAll<HTMLElement>("details[open][id]")].map((fold) => fold.id);
  const focus = document.activeElement instanceof HTMLElement && part.contains(document.activeElement) ? document.activeElement : null;
  const named = focus?.closest<HTMLElement>("[id]");
  part.innerHTML = html;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (!focus || !named?.id) return;
  const again = document.getElementById(named.id);
  const kind = focus.matches("summary") ? "summary" : "a, button";
  const hidden = again?.parentElement?.closest("details:not([open])")?.querySelector<HTMLElement>("summary");
  const same = again?.matches(kind) ? again : again?.querySelector<HTMLElement>(kind);
  (hidden ?? same)?.focus({ preventScroll: true });
}

async function look(part: HTMLElement): Promise<void> {
  const before = marks.get(part);
  const answer = await fetch(part.dataset.now ?? "", {
    headers: before?.startsWith('"') ? { "If-None-Match": before } : {}, cache: "no-store", redirect: "error",
    signal: AbortSignal.timeout(LOST_MS),
  });
  if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
  heard = Date.now();
  if (answer.status === 304) return;
  const html = await answer.text();
  const mark = answer.headers.get("ETag") ?? html;
  if (before === mark) return;
  marks.set(part, mark);
  put(part, html);
}

async function watch(part: HTMLElement): Promise<void> {
  for (;;) {
    try {
      if (!document.hidden) {
        await look(part);
        say(true);
      }
    } catch {
      say(false);
    }
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}

for (const part of document.querySelectorAll<HTMLElement>("[data-now]")) void watch(part);
