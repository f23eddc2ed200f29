"""What a box does with its clips and remembers over a power cut, without a broker."""

import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.pa_accept import Play, Role
from warning.agent.joining import joined
from warning.agent.memory import Memory

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def sound(path: Path, seconds: float = 0.1, rate: int = 8000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"\x01\x00" * int(rate * seconds) * channels)
    return path


def test_clips_of_one_kind_become_one_sound(tmp_path: Path) -> None:
    files = [sound(tmp_path / f"{n}.wav", 0.1 * (n + 1)) for n in range(3)]
    (made,) = joined(files, tmp_path / "box/joined.wav")
    with wave.open(str(made)) as one:
        assert one.getnframes() == sum(int(8000 * 0.1 * (n + 1)) for n in range(3))


@pytest.mark.parametrize("odd", ["rate", "stereo", "no-wav", "empty", "gone", "no-room"])
def test_what_cannot_be_joined_sounds_one_after_the_other(tmp_path: Path, odd: str) -> None:
    first, second, into = sound(tmp_path / "a.wav"), tmp_path / "b.wav", tmp_path / "joined.wav"
    match odd:
        case "rate":
            sound(second, rate=16_000)
        case "stereo":
            sound(second, channels=2)
        case "no-wav":
            second.write_bytes(b"OggS and so on")
        case "empty":
            second.write_bytes(b"")
        case "no-room":
            sound(second)
            into.mkdir()
    assert joined([first, second], into) == [first, second]


def play(name: str, seq: int, priority: int = 3) -> Play:
    return Play(
        id=name, seq=seq, at=NOW, not_after=NOW + timedelta(hours=1), sig="", verb="play", alert="a", priority=priority,
        clips=[], repeat=1, gap_s=0, volume=50,
    )  # fmt: skip


def said(name: str, state: str) -> dict[str, str]:
    return {"id": name, "state": state, "at": NOW.isoformat()}


def test_a_power_cut_forgets_nothing(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m.sqlite3")
    memory.take(Role.ALERT, 5, NOW, said("a", "received"), play("a", 5))
    memory.take(Role.ALERT, 6, NOW + timedelta(minutes=1), said("b", "received"), play("b", 6, priority=4))
    memory.take(Role.TEST, 99, NOW + timedelta(days=999), said("t", "received"), None)
    memory.begin("a", said("a", "playing"))
    del memory  # no goodbye
    again = Memory(tmp_path / "m.sqlite3")
    assert again.last_seq() == {Role.ALERT: 6, Role.TEST: 99}
    assert again.newest_signed() == NOW + timedelta(minutes=1)  # a test moves no clock
    assert [(p.id, begun) for p, begun in again.waiting()] == [("b", 0), ("a", 1)]  # the gravest first
    assert {s["id"]: s["state"] for s in again.untold()} == {"a": "playing", "b": "received", "t": "received"}
    again.end("b", said("b", "done"))
    for word in again.untold():
        again.told(word)
    assert again.untold() == []
    again.say_again("b")
    assert [s["state"] for s in again.untold()] == ["done"]
    again.forget(NOW + timedelta(days=31))
    assert again.said("b") is None
    assert again.said("a") is not None  # still to be played
    again.close()


def test_a_word_that_changed_meanwhile_is_still_to_be_told(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m.sqlite3")
    memory.take(Role.ALERT, 5, NOW, said("a", "received"), play("a", 5))
    (old,) = memory.untold()
    memory.end("a", said("a", "done"))
    memory.told(old)  # the broker's word about the old one came late
    assert [s["state"] for s in memory.untold()] == ["done"]
    memory.close()
