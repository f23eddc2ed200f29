"""Whatever was recorded with, all clips are alike: one rate, one loudness, no silence at the ends."""

import shutil
import subprocess
import wave
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from geo.errors import NotAllowed
from tests.warning.speech.sounds_made import beep
from warning.speech import audio
from warning.speech.audio import RATE, from_pcm, kept, pcm_of, wav
from warning.speech.script import TONES
from warning.speech.tones import tone


def heard(body: bytes) -> tuple[float, float, float]:
    """(seconds, RMS in dBFS of the loudest half, strongest pitch in Hz)"""
    pcm, rate = pcm_of(body)
    assert rate == RATE
    samples = from_pcm(pcm)
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    pitch = float(np.fft.rfftfreq(len(middle), 1 / RATE)[spectrum.argmax()])
    return len(samples) / RATE, 20 * float(np.log10(np.sqrt((middle**2).mean()))), pitch


@pytest.mark.parametrize(
    "made",
    [
        pytest.param({}, id="as-kept"),
        pytest.param({"rate": 8_000}, id="telephone"),
        pytest.param({"rate": 44_100, "channels": 2}, id="compact-disc"),
        pytest.param({"rate": 48_000, "width": 3}, id="studio-24-bit"),
        pytest.param({"rate": 22_050, "width": 4}, id="32-bit"),
        pytest.param({"rate": 11_025, "width": 1}, id="8-bit"),
        pytest.param({"loud": 0.02}, id="spoken-softly"),
        pytest.param({"loud": 1.0}, id="spoken-loudly"),
        pytest.param({"silence": 1.5}, id="silence-before-and-behind"),
    ],
)
def test_every_recording_becomes_alike(made: dict[str, float]) -> None:
    seconds, loudness, pitch = heard(kept(beep(440.0, seconds=0.8, **made)))  # type: ignore[arg-type]
    assert seconds == pytest.approx(0.8, abs=0.13)
    assert loudness == pytest.approx(audio.SPOKEN_DBFS, abs=0.5)
    assert pitch == pytest.approx(440, abs=6)


@pytest.mark.parametrize(
    ("hertz", "least_db", "most_db"),
    [
        pytest.param(300, -0.5, 0.5, id="a-deep-voice"),
        pytest.param(3000, -0.5, 0.5, id="consonants"),
        pytest.param(5000, -200, -40, id="what-would-fold-down-to-3000"),
        pytest.param(7000, -200, -40, id="what-would-fold-down-to-1000"),
    ],
)
def test_a_telephone_hears_the_voice_and_nothing_folded_into_it(
    hertz: float, least_db: float, most_db: float
) -> None:
    spoken = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    heard_there = audio.resampled(spoken, RATE, audio.PHONE_RATE)
    assert len(heard_there) == RATE // 2
    middle = heard_there[200:-200]
    assert least_db < 20 * np.log10(np.sqrt((middle**2).mean() * 2) + 1e-12) < most_db


def test_the_same_recording_gives_the_same_bytes() -> None:
    assert kept(beep()) == kept(beep())


def test_peaks_never_clip() -> None:
    click = np.zeros(RATE)
    click[::400] = 0.9  # loud peaks, little energy
    samples = from_pcm(pcm_of(kept(wav(audio.to_pcm(click), RATE)))[0])
    assert np.abs(samples).max() <= 10 ** (audio.PEAK_DBFS / 20) + 1e-4


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"", "not a recording", id="empty"),
        pytest.param(b"hello there, no sound", "not a recording", id="text"),
        pytest.param(beep(loud=0.001), "nothing can be heard", id="microphone-off"),
        pytest.param(beep(seconds=0.01), "0.15 to 60 s", id="a-click"),
        pytest.param(beep(seconds=61, rate=8_000), "0.15 to 60 s", id="a-speech"),
        pytest.param(beep()[:44] + b"\0" * 40_000, "nothing can be heard", id="zeros-of-a-broken-disk"),
        pytest.param(b"\0" * 16_000_000, "larger than", id="too-large"),
        pytest.param(b"RIFF\0\0\0\0WAVEnothing", "cannot be read", id="a-wav-in-name"),
        pytest.param(b"OggSrubbish", "cannot be read", id="an-ogg-in-name"),
    ],
)
def test_what_is_no_recording_is_refused_in_words(body: bytes, why: str) -> None:
    if "cannot be read" in why and not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg here")
    with pytest.raises(NotAllowed, match=why):
        kept(body)


def test_a_browsers_webm_is_taken_through_ffmpeg(tmp_path: Path) -> None:
    ffmpeg = shutil.which("ffmpeg") or pytest.skip("no ffmpeg here")
    (tmp_path / "in.wav").write_bytes(beep(440.0, seconds=0.8, rate=48_000))
    out = tmp_path / "out.webm"
    subprocess.run([ffmpeg, "-v", "error", "-i", tmp_path / "in.wav", "-c:a", "libopus", out], check=True)
    seconds, _, pitch = heard(kept(out.read_bytes()))
    assert seconds == pytest.approx(0.8, abs=0.15) and pitch == pytest.approx(440, abs=6)


def test_without_ffmpeg_a_webm_is_refused_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio.shutil, "which", lambda name: None)
    with pytest.raises(NotAllowed, match="no ffmpeg"):
        kept(b"\x1aE\xdf\xa3" + b"\0" * 100)


@pytest.mark.parametrize("cut", [20, 43, 200])
def test_a_torn_file_is_known(cut: int) -> None:
    with pytest.raises(ValueError, match=r"WAV|whole"):
        pcm_of(kept(beep())[:cut])


def test_the_tones_are_told_apart_and_no_test_sounds_long() -> None:
    bodies = [tone(phrase) for phrase in TONES]
    assert len({*bodies}) == len(TONES)
    for body in bodies:
        with wave.open(BytesIO(body)) as file:
            assert 0 < file.getnframes() / file.getframerate() <= 15
