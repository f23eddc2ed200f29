// What a browser does with a warning while no page is open: show it, say that it was shown, open the page when pressed.
type Told = { id: string; mark: string; title: string; body: string; link: string; exercise: boolean; severity: string };
type Pushed = Event & { data: { json(): Told } | null; waitUntil(work: Promise<unknown>): void };
type Pressed = Event & { notification: Notification; waitUntil(work: Promise<unknown>): void };
const here = self as unknown as {
  addEventListener(name: string, does: (event: never) => void): void;
  registration: ServiceWorkerRegistration;
  clients: { openWindow(url: string): Promise<unknown> };
};

here.addEventListener("push", (event: Pushed) => {
  const told = event.data?.json();
  if (!told) return;
  const front = told.exercise ? "ฝึกซ้อม EXERCISE · " : "";
  const shown = here.registration.showNotification(front + told.title, {
    body: told.body, tag: told.id, lang: "th", requireInteraction: true, data: { link: told.link || "/now" },
  });
  const said = shown.then(() =>
    fetch("/push/shown", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: told.id, mark: told.mark }),
    }),
  );
  event.waitUntil(said.catch(() => undefined));
});

here.addEventListener("notificationclick", (event: Pressed) => {
  event.notification.close();
  event.waitUntil(here.clients.openWindow((event.notification.data as { link: string }).link));
});
