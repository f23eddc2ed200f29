"""Recordings for tests: tones computed here, a pitch a phrase, never anybody's voice."""

import io
import wave

import numpy as np


def beep(
    hertz: float = 440.0,
    *,
    seconds: float = 0.4,
    rate: int = 16_000,
    channels: int = 1,
    width: int = 2,
    loud: float = 0.4,
    silence: float = 0.0,
) -> bytes:
    """A WAV file. silence: seconds before and behind the tone."""
    at = np.arange(int(seconds * rate)) / rate
    quiet = np.zeros(int(silence * rate))
    samples = np.concatenate([quiet, np.sin(2 * np.pi * hertz * at) * loud, quiet])
    many = np.repeat(samples[:, None], channels, axis=1).ravel()
    if width == 1:
        raw = (many * 127 + 128).astype(np.uint8).tobytes()
    elif width == 3:
        raw = (many * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    else:
        raw = (many * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}").tobytes()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(raw)
    return out.getvalue()
