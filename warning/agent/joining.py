"""Clips as one sound: a player started anew for each word leaves a hole before it."""

import wave
from collections.abc import Sequence
from pathlib import Path


def joined(files: Sequence[Path], into: Path) -> list[Path]:
    """One WAV of all, written to `into`; the files as they are when they are not WAVs of one kind, or there is no room.

    A file of this name stays until the next one: nobody needs it after it has sounded.
    """
    if len(files) < 2:
        return list(files)
    try:
        with wave.open(str(files[0]), "rb") as first:
            kind = first.getparams()[:3]  # channels, bytes a sample, samples a second
        into.parent.mkdir(parents=True, exist_ok=True)
        with into.open("wb") as raw, wave.open(raw, "wb") as out:
            out.setnchannels(kind[0])
            out.setsampwidth(kind[1])
            out.setframerate(kind[2])
            for file in files:
                with wave.open(str(file), "rb") as one:
                    if one.getparams()[:3] != kind:
                        return list(files)
                    out.writeframes(one.readframes(one.getnframes()))
    except (OSError, EOFError, wave.Error):
        return list(files)
    return [into]
