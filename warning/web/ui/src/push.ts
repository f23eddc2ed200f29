// Notifications for one place: on and off by one button; without support the button never appears.
const box = document.querySelector<HTMLElement>("[data-push]");
const button = box?.querySelector<HTMLButtonElement>("button");
const said = box?.querySelector<HTMLElement>("[role=status]");

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

async function tell(path: string, body: unknown): Promise<boolean> {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.ok;
}

async function begin(): Promise<void> {
  if (!box || !button || !said || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const worker = await navigator.serviceWorker.register("/push-worker.js");
  let held = await worker.pushManager.getSubscription();
  const show = (): void => {
    button.textContent = (held ? button.dataset.off : button.dataset.on) ?? "";
    box.hidden = false;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      if (held) {
        await tell("/push/stop", { endpoint: held.endpoint });
        await held.unsubscribe();
        held = null;
        said.textContent = said.dataset.stopped ?? "";
      } else {
        const { key } = (await (await fetch("/push/key")).json()) as { key: string };
        held = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
        const kept = await tell("/push/subscribe", { code: box.dataset.push, subscription: held.toJSON() });
        if (!kept) {
          await held.unsubscribe();
          held = null;
        }
        said.textContent = (kept ? said.dataset.kept : said.dataset.denied) ?? "";
      }
    } catch {
      said.textContent = said.dataset.denied ?? "";
    }
    button.disabled = false;
    show();
  });
  show();
}

void begin();
