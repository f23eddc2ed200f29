// What the white pages do better with a script: copy a text, save a picture for LINE groups, hear the script, print.
// Each button is hidden until it is known to work; nothing essential needs any of them.

function elements<T extends HTMLElement>(selector: string): T[] {
  return [...document.querySelectorAll<T>(selector)];
}

for (const button of elements<HTMLButtonElement>("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy ?? "") as HTMLTextAreaElement | null;
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  const word = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value).catch(() => source.select());
    button.textContent = button.dataset.copied ?? word;
    setTimeout(() => (button.textContent = word), 2500);
  });
}

for (const button of elements<HTMLButtonElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of elements<HTMLButtonElement>("[data-play]")) {
  const script = document.getElementById(button.dataset.play ?? "");
  const sorry = document.querySelector<HTMLElement>("[data-no-voice]");
  if (!script || !("speechSynthesis" in window)) continue;
  const word = button.textContent;
  const voice = () => speechSynthesis.getVoices().find((v) => v.lang.toLowerCase().startsWith("th"));
  const ready = () => {
    // A phone whose list of voices is empty may still speak; one with voices but no Thai would read nonsense.
    const known = speechSynthesis.getVoices().length > 0;
    button.hidden = known && !voice();
    if (sorry) sorry.hidden = !button.hidden;
  };
  ready();
  speechSynthesis.addEventListener?.("voiceschanged", ready);
  button.addEventListener("click", () => {
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    for (const line of script.querySelectorAll("p")) {
      const said = new SpeechSynthesisUtterance(line.textContent ?? "");
      said.lang = "th-TH";
      said.voice = voice() ?? null;
      said.rate = 0.9;
      said.onend = said.onerror = () => {
        if (!speechSynthesis.pending) button.textContent = word;
      };
      speechSynthesis.speak(said);
    }
    button.textContent = button.dataset.stop ?? word;
  });
}

const LEVELS = ["", "#2f9e63", "#3f8cff", "#f5c518", "#ff8a1f", "#ff4d4d"];
const FACE = '"IBM Plex Sans Thai Looped", "Noto Sans Thai", sans-serif';

/** Words of one line; Thai is cut between words where the browser can, never inside a word, a number or a place. */
function pieces(line: string): string[] {
  const parts = line.split(/(?<= )/);
  if (!("Segmenter" in Intl)) return parts;
  const words = new Intl.Segmenter("th", { granularity: "word" });
  const whole = /^(ต\.|อ\.|จ\.)|\d-\d/;
  return parts.flatMap((part) => (whole.test(part) ? [part] : [...words.segment(part)].map((s) => s.segment)));
}

/** Draws a paragraph and returns the y below it. */
function paragraph(pen: CanvasRenderingContext2D, text: string, x: number, y: number, width: number, size: number, weight = 400): number {
  pen.font = `${weight} ${size}px ${FACE}`;
  for (const line of text.split("\n")) {
    let row = "";
    for (const piece of pieces(line)) {
      if (row && pen.measureText(row + piece).width > width) {
        pen.fillText(row.trim(), x, y);
        y += size * 1.55;
        row = "";
      }
      row += piece;
    }
    pen.fillText(row.trim(), x, y);
    y += size * 1.55;
  }
  return y;
}

/** The level's shape beside its colour, as on the pages: hexagon, triangle, diamond, disc. */
function shape(pen: CanvasRenderingContext2D, level: number, x: number, y: number, size: number): void {
  const corners: Record<number, number[][]> = {
    5: [[0.28, 0.06], [0.72, 0.06], [1, 0.5], [0.72, 0.94], [0.28, 0.94], [0, 0.5]],
    4: [[0.5, 0.04], [1, 0.94], [0, 0.94]],
    3: [[0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5]],
  };
  pen.beginPath();
  for (const [dx = 0, dy = 0] of corners[level] ?? []) pen.lineTo(x + dx * size, y + dy * size);
  if (!corners[level]) pen.arc(x + size / 2, y + size / 2, size / 2, 0, 2 * Math.PI);
  pen.fill();
}

async function picture(canvas: HTMLCanvasElement): Promise<void> {
  const pen = canvas.getContext("2d");
  const save = document.getElementById("save-picture") as HTMLAnchorElement | null;
  if (!pen || !save) return;
  await Promise.all([document.fonts.load(`400 40px ${FACE}`, "กA"), document.fonts.load(`600 40px ${FACE}`, "กA")]);
  const { level, mark, title, when, number, exercise } = canvas.dataset;
  const action = canvas.dataset.do ?? "";
  const width = canvas.width - 120;
  pen.textBaseline = "top";
  const draw = (size: number): number => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = LEVELS[Number(level)] ?? "#fff";
    pen.fillRect(0, 0, canvas.width, 130);
    pen.fillStyle = "#14110a";
    shape(pen, Number(level), 60, 42, 46);
    paragraph(pen, mark ?? "", 126, 36, width, 46, 600);
    let y = 160;
    if (exercise) y = paragraph(pen, exercise, 60, y, width, 40, 600);
    y = paragraph(pen, title ?? "", 60, y, width, size * 1.15, 600) + 12;
    if (when) y = paragraph(pen, when, 60, y, width, size * 1.15, 600) + 12;
    y = paragraph(pen, action, 60, y, width, size);
    return y;
  };
  for (let size = 48; size >= 24; size -= 4) if (draw(size) < canvas.height - 110) break;
  pen.fillStyle = "#fff";
  pen.fillRect(0, canvas.height - 96, canvas.width, 96);
  pen.fillStyle = "#14110a";
  pen.fillRect(60, canvas.height - 96, width, 3);
  paragraph(pen, number ?? "", 60, canvas.height - 76, width, 32, 600);
  canvas.hidden = false;
  canvas.toBlob((blob) => {
    if (!blob) return;
    save.href = URL.createObjectURL(blob);
    save.hidden = false;
  }, "image/png");
}

for (const canvas of elements<HTMLCanvasElement>("#picture")) void picture(canvas);
