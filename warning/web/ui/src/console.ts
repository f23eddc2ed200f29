// The console keeps itself true: whenever the office says that something changed, the changing part of the page is fetched
// anew and put in place by htmx, which keeps what an officer is typing. When the line is cut, the page says since when.
// What was read stays what was read: the page tells which version of each draft it showed, and one that changed meanwhile comes
// back marked, without a button to approve it.
import htmx from "htmx.org";

const link = document.querySelector<HTMLElement>("#link");
const RETRY_MS = 2000;
const SETTLE_MS = 800; // a finger already on its way down must not press what has just moved under it
const SILENT_MS = 25_000; // the stream breathes every ten seconds; silence this long is a cut line
let heard = Date.now();
let busy = false;
let again = false;

function say(alive: boolean): void {
  if (!link) return;
  link.hidden = false;
  link.classList.toggle("lost", !alive);
  const at = new Date(heard).toLocaleTimeString("th-TH", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Bangkok" });
  link.textContent = alive ? link.dataset.live ?? "" : `${link.dataset.lost ?? ""} ${at}`;
}

/** Somebody is writing, listens or has something open: do not move the page under their hand. */
function occupied(): boolean {
  const typing = document.activeElement instanceof HTMLInputElement;
  const listening = [...document.querySelectorAll<HTMLAudioElement>("#now audio")].some((sound) => !sound.paused && !sound.ended);
  return typing || listening || document.querySelector("#now details.reject[open]") !== null;
}

function address(): string {
  const asked = new URLSearchParams(location.search);
  asked.delete("draft");
  asked.set("read", document.querySelector<HTMLElement>("#drafts")?.dataset.read ?? "");
  return `/console/now?${asked.toString()}`;
}

/** Which drafts stand on the page, and which version of each. */
function drafts(): string {
  return [...document.querySelectorAll<HTMLElement>("#now [data-draft]")].map((d) => d.dataset.draft).join();
}

function settle(before: string): void {
  const card = document.querySelector<HTMLElement>("#drafts");
  if (!card || drafts() === before) return;
  card.inert = true;
  setTimeout(() => { card.inert = false; }, SETTLE_MS);
}

async function refresh(): Promise<void> {
  if (busy || occupied()) {
    again = true;
    return;
  }
  busy = true;
  again = false;
  const open = [...document.querySelectorAll<HTMLDetailsElement>("#now details")].map((d) => d.open);
  const scroll = document.querySelector(".scroll")?.scrollTop ?? 0;
  try {
    const before = drafts();
    await htmx.ajax("GET", address(), { target: "#now", swap: "innerHTML" });
    settle(before);
    document.querySelectorAll<HTMLDetailsElement>("#now details").forEach((d, n) => { d.open = open[n] ?? false; });
    document.querySelector(".scroll")?.scrollTo(0, scroll);
  } finally {
    busy = false;
  }
}

function listen(): void {
  const stream = new EventSource("/live");
  stream.onopen = () => { heard = Date.now(); say(true); };
  stream.onmessage = () => { heard = Date.now(); say(true); void refresh(); };
  stream.addEventListener("here", () => { heard = Date.now(); say(true); });
  stream.onerror = () => {
    say(false);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS);
  };
}

setInterval(() => {
  if (Date.now() - heard > SILENT_MS) say(false);
  if (again) void refresh();
}, 3000);
listen();
