"""A recording as it is kept: 16 kHz, 16 bit, mono, without silence at its ends, all equally loud.

WAV of any rate is read by ourselves; what browsers and telephones record otherwise (WebM, Ogg, MP4, MP3, FLAC) through ffmpeg,
where it is installed.
"""

import io
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable
from math import gcd

import numpy as np
from numpy.typing import NDArray

from geo.errors import NotAllowed

RATE = 16_000  # what horns can use; telephones get half of it
PHONE_RATE = 8_000
MOST_BYTES = 15_000_000
MOST_SECONDS = 60.0
LEAST_SECONDS = 0.15
SPOKEN_DBFS = (
    -18.0
)  # RMS of what is not silence: as loud as one can be without clipping the louder syllables (our choice)
PEAK_DBFS = -1.5
QUIET_DBFS = -45.0  # a recording that never rises above is a microphone that was off
SILENCE_DB = 38.0  # below the peak: breath and room
EDGE_S = 0.05  # of silence kept, so that no consonant is cut
_FRAME = RATE // 100
FFMPEG_S = 20

Samples = NDArray[np.float64]  # -1 to 1, mono
_OTHERS = (  # first bytes, ffmpeg's reader: named, so that no file chooses a reader that opens other files
    (b"\x1aE\xdf\xa3", 0, "matroska"), (b"OggS", 0, "ogg"), (b"ftyp", 4, "mov"), (b"ID3", 0, "mp3"), (b"\xff\xfb", 0, "mp3"),
    (b"\xff\xf3", 0, "mp3"), (b"fLaC", 0, "flac"),
)  # fmt: skip


def kept(body: bytes) -> bytes:
    """A WAV file made of an upload. Raises NotAllowed, worded for whoever sent it: unreadable, silent, too long or short."""
    if len(body) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise NotAllowed(f"ไฟล์เสียงใหญ่เกิน {most} MB (the recording is larger than {most} MB)")
    samples = _trimmed(_read(body))
    seconds = len(samples) / RATE
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise NotAllowed(
            f"เสียงยาว {seconds:.1f} วินาที ต้องยาว 0.15 ถึง 60 วินาที (the recording is {seconds:.1f} s long: 0.15 to 60 s are taken)"
        )
    return wav(to_pcm(_even(samples)), RATE)


def wav(pcm: bytes, rate: int) -> bytes:
    """A WAV file around 16-bit mono samples; the same samples give the same bytes."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()


def pcm_of(body: bytes) -> tuple[bytes, int]:
    """(16-bit mono samples, rate) of a file that `wav` wrote. Raises ValueError when it is torn or another."""
    try:
        with wave.open(io.BytesIO(body)) as file:
            pcm = file.readframes(file.getnframes())
            if (file.getnchannels(), file.getsampwidth()) != (1, 2) or len(pcm) != 2 * file.getnframes():
                raise ValueError("not whole")
            return pcm, file.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError("no WAV file") from error


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """At another rate, filtered so that nothing above half of it is folded down."""
    if rate == wanted:
        return samples
    if rate == 2 * wanted:  # every clip on its way to a telephone: no time to import half of scipy
        return np.convolve(samples, _HALF, "same")[::2] if len(samples) > len(_HALF) else samples[::2]
    from scipy.signal import resample_poly  # half a second to import: only where a sound is made

    by = gcd(rate, wanted)
    made: Samples = resample_poly(samples, wanted // by, rate // by)
    return made


def _half_band(taps: int = 63, corner: float = 0.225) -> Samples:
    """A low-pass of `taps` at `corner` of the rate (3.6 kHz of 16): windowed sinc, 1 at 0 Hz."""
    at = np.arange(taps) - taps // 2
    shape = 2 * corner * np.sinc(2 * corner * at) * np.hamming(taps)
    made: Samples = shape / shape.sum()
    return made


_HALF = _half_band()


def from_pcm(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2").astype(np.float64) / 32768


def to_pcm(samples: Samples) -> bytes:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()


def _read(body: bytes) -> Samples:
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        try:
            return _read_wav(body)
        except (wave.Error, EOFError, ValueError):
            return _through_ffmpeg(body, "wav")  # floating point, A-law
    for start, at, reader in _OTHERS:
        if body[at : at + len(start)] == start:
            return _through_ffmpeg(body, reader)
    raise NotAllowed(
        "ไม่ใช่ไฟล์เสียงที่รู้จัก ใช้ WAV, WebM, Ogg, M4A หรือ MP3 (not a recording we know: WAV, WebM, Ogg, M4A or MP3)"
    )


def _read_wav(body: bytes) -> Samples:
    with wave.open(io.BytesIO(body)) as file:
        channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
        raw = file.readframes(min(file.getnframes(), int(rate * MOST_SECONDS * 2)))
    if not 4_000 <= rate <= 192_000 or not 1 <= channels <= 8 or width not in _WIDTHS:
        raise ValueError("no sound")
    raw = raw[: len(raw) // (width * channels) * width * channels]
    samples = _WIDTHS[width](raw).reshape(-1, channels).mean(axis=1)
    return resampled(samples, rate, RATE)


def _eight_bit(raw: bytes) -> Samples:
    return (np.frombuffer(raw, np.uint8).astype(np.float64) - 128) / 128


def _three_bytes(raw: bytes) -> Samples:
    padded = np.zeros((len(raw) // 3, 4), np.uint8)
    padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    return _four_bytes(padded.tobytes())


def _four_bytes(raw: bytes) -> Samples:
    return np.frombuffer(raw, "<i4").astype(np.float64) / 2.0**31


_WIDTHS: dict[int, Callable[[bytes], Samples]] = {1: _eight_bit, 2: from_pcm, 3: _three_bytes, 4: _four_bytes}


def _through_ffmpeg(body: bytes, reader: str) -> Samples:
    program = shutil.which("ffmpeg")
    if program is None:
        raise NotAllowed(
            "เครื่องนี้ไม่มี ffmpeg จึงรับเฉพาะไฟล์ WAV แบบ PCM (this machine has no ffmpeg: only PCM WAV files are taken)"
        )
    with tempfile.NamedTemporaryFile(prefix="raksa-clip-") as file:
        file.write(body)
        file.flush()
        command = [program, "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-f", reader, "-i", file.name,
                   "-vn", "-t", str(MOST_SECONDS * 2), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1"]  # fmt: skip
        try:
            made = subprocess.run(command, capture_output=True, timeout=FFMPEG_S, check=True)  # noqa: S603
        except (subprocess.SubprocessError, OSError) as error:
            raise NotAllowed("อ่านไฟล์เสียงนี้ไม่ได้ (this recording cannot be read)") from error
    return from_pcm(made.stdout[: len(made.stdout) // 2 * 2])


def _trimmed(samples: Samples) -> Samples:
    """Without what is before and behind the voice. Raises NotAllowed where there is no voice at all."""
    samples = samples - samples.mean() if len(samples) else samples
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < _ratio(QUIET_DBFS):
        raise NotAllowed("ไม่ได้ยินเสียงในไฟล์นี้ ตรวจไมโครโฟน (nothing can be heard in it: look at the microphone)")
    loud = np.flatnonzero(_frames(samples) > peak * _ratio(-SILENCE_DB))
    edge = int(EDGE_S * RATE)
    return samples[max(0, loud[0] * _FRAME - edge) : (loud[-1] + 1) * _FRAME + edge]


def _frames(samples: Samples) -> Samples:
    """RMS of each hundredth of a second."""
    padded = np.pad(samples, (0, -len(samples) % _FRAME))
    rms: Samples = np.sqrt((padded.reshape(-1, _FRAME) ** 2).mean(axis=1))
    return rms


def _even(samples: Samples) -> Samples:
    """As loud as the others: the voiced part brought to one RMS, a quieter one where its peaks would clip."""
    frames = _frames(samples)
    spoken = frames[frames > frames.max() * _ratio(-SILENCE_DB)]
    gain = _ratio(SPOKEN_DBFS) / float(np.sqrt((spoken**2).mean()))
    return samples * min(gain, _ratio(PEAK_DBFS) / float(np.abs(samples).max()))


def _ratio(decibel: float) -> float:
    return float(10 ** (decibel / 20))
