// Speak a phrase into the page: what the microphone heard becomes a WAV in the form's own file field, so that a spoken and an
// uploaded clip are sent alike. Each button is hidden until it is known to work.

const form = document.querySelector<HTMLFormElement>("form[data-record]");
const field = form?.querySelector<HTMLInputElement>("input[type=file]");
const able = "MediaRecorder" in window && Boolean(navigator.mediaDevices?.getUserMedia);

if (form && field && able) {
  const find = (name: string) => form.querySelector<HTMLElement>(`[data-${name}]`)!;
  const [start, stop, listen, state] = ["start", "stop", "listen", "state"].map(find) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  const source = form.elements.namedItem("source") as HTMLInputElement;
  let recorder: MediaRecorder | null = null;
  let taken: AudioBuffer | null = null;
  let ticking = 0;

  const show = (recording: boolean) => {
    start.hidden = recording;
    stop.hidden = !recording;
    listen.hidden = recording || !taken;
  };
  show(false);

  start.addEventListener("click", async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
      const parts: Blob[] = [];
      recorder = new MediaRecorder(stream);
      recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
      recorder.addEventListener("stop", () => {
        for (const track of stream.getTracks()) track.stop();
        void take(new Blob(parts));
      });
      recorder.start();
    } catch {
      state.textContent = state.dataset.sorry ?? "";
      return;
    }
    const begun = performance.now();
    ticking = window.setInterval(() => {
      state.textContent = `${state.dataset.recording} ${((performance.now() - begun) / 1000).toFixed(1)}`;
    }, 100);
    show(true);
    stop.focus();
  });

  stop.addEventListener("click", () => recorder?.stop());

  const take = async (heard: Blob) => {
    clearInterval(ticking);
    try {
      taken = await new AudioContext().decodeAudioData(await heard.arrayBuffer());
      const files = new DataTransfer();
      files.items.add(new File([wav(taken)], "spoken.wav", { type: "audio/wav" }));
      field.files = files.files;
      source.value = "recorded";
      state.textContent = `${state.dataset.taken} ${taken.duration.toFixed(1)}`;
    } catch {
      taken = null;
      state.textContent = state.dataset.sorry ?? "";
    }
    show(false);
  };

  listen.addEventListener("click", () => {
    if (!taken) return;
    const context = new AudioContext();
    const player = context.createBufferSource();
    player.buffer = taken;
    player.connect(context.destination);
    player.start();
  });

  field.addEventListener("change", () => {
    source.value = "uploaded";
    taken = null;
    state.textContent = "";
    show(false);
  });
}

/** 16 bit, mono, as the server reads it without any other program. */
function wav(sound: AudioBuffer): ArrayBuffer {
  const samples = sound.getChannelData(0);
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at: number, word: string) => [...word].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sound.sampleRate, true);
  view.setUint32(28, sound.sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((value, n) => view.setInt16(44 + n * 2, Math.max(-1, Math.min(1, value)) * 32767, true));
  return view.buffer as ArrayBuffer;
}
