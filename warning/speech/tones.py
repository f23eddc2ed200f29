"""The tones between the words, computed: a chime needs no speaker. An office may record its own in their place."""

from collections.abc import Callable, Sequence

import numpy as np

from warning.speech.audio import RATE, Samples, to_pcm, wav
from warning.speech.script import CHIME, PAUSE, SIREN, TEST_TONE, Phrase

_LOUD = 0.5


def _bell(hertz: float, seconds: float) -> Samples:
    at = np.arange(int(seconds * RATE)) / RATE
    struck: Samples = (
        (np.sin(2 * np.pi * hertz * at) + 0.3 * np.sin(4 * np.pi * hertz * at)) / 1.3 * np.exp(-3.2 * at)
    )
    return struck


def _one_after_another(tones: Sequence[tuple[float, float]]) -> Samples:
    return np.concatenate([_bell(hertz, seconds) for hertz, seconds in tones]) * _LOUD


def _siren() -> Samples:
    """Two sweeps up and down between 500 and 1,000 Hz: what a horn carries farthest."""
    at = np.arange(int(5.0 * RATE)) / RATE
    pitch = 750 - 250 * np.cos(2 * np.pi * at / 2.5)
    wave: Samples = np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * _LOUD
    wave[:800] *= np.linspace(0, 1, 800)
    wave[-800:] *= np.linspace(1, 0, 800)
    return wave


_MADE: dict[Phrase, Callable[[], Samples]] = {
    SIREN: _siren,
    CHIME: lambda: _one_after_another([(659.3, 0.5), (523.3, 0.5), (392.0, 0.9)]),
    PAUSE: lambda: np.zeros(int(0.45 * RATE)),
    # Three equal strokes: nobody takes it for the siren or for an announcement.
    TEST_TONE: lambda: _one_after_another([(880.0, 0.6), (880.0, 0.6), (880.0, 1.2)]),
}


def tone(phrase: Phrase) -> bytes:
    """The WAV file of one of TONES; the same bytes everywhere. Raises KeyError for any other phrase."""
    return wav(to_pcm(_MADE[phrase]()), RATE)
