"""The sound of an alert: its clips in their order, byte for byte; what is missing is named; a full disk loses no message."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from channels.rtp_sound import voice
from tests.warning.speech.sounds_made import beep
from tests.warning.speech.spoken_town import phrases_of, record, speaking
from tests.warning.town import TAMBON, VILLAGE, Told, accepts, channel
from tests.web.paper_office import FAR, Night
from warning.clock import HandClock
from warning.compose import messages
from warning.delivery import Segment
from warning.expand import Row
from warning.speech import clip as clips
from warning.speech import sound as sounds
from warning.speech.audio import PHONE_RATE, from_pcm, kept, pcm_of, resampled, to_pcm, wav
from warning.speech.clip import ClipLang, file_of, in_use, keep, retire
from warning.speech.script import KEYS, PAUSE, script
from warning.speech.sound import announcement, rendered, sound, spoken
from warning.store.database import Database
from warning.writing import facts_of


@pytest.fixture
def town(database: Database, clock: HandClock, tmp_path: Path) -> Iterator[Night]:
    yield speaking(database, clock, tmp_path)
    sounds._for_telephones.cache_clear()


def said_in(town: Night, alert: Any, village: str) -> Any:
    with town.database.session() as session:
        return announcement(session, alert, town.office, village)


def made(town: Night, said: Any) -> Path | None:
    with town.database.session() as session:
        return sound(session, town.office, said)


def faults(town: Night) -> list[str]:
    return [row.why for row in town.rows("SELECT why FROM fault WHERE key = 'sound'")]


def test_the_sound_is_the_clips_in_their_order_byte_for_byte(town: Night) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert))
    said = said_in(town, alert, VILLAGE)
    assert said.complete and said.missing == ()
    with town.database.session() as session:
        library = in_use(session)
    facts = facts_of(alert, town.office)
    expected: list[str] = []
    for sentence in script(facts, sounds.replace(facts.places[0], villages=())):
        expected += [PAUSE.text] if expected else []
        expected += [phrase.text for phrase in sentence.phrases]
    assert said.clips == tuple(library[text].sha256 for text in expected)
    joined = b"".join(
        to_pcm(resampled(from_pcm(pcm), rate, PHONE_RATE))
        for pcm, rate in (pcm_of(file_of(town.office.var, sha).read_bytes()) for sha in said.clips)
    )
    path = made(town, said)
    assert path is not None and path.is_absolute() and path.read_bytes() == wav(joined, PHONE_RATE)
    assert len(joined) / 2 / PHONE_RATE == pytest.approx(said.seconds, abs=0.2)


def test_each_tambon_hears_its_own_name(town: Night) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert))
    here, there = said_in(town, alert, VILLAGE), said_in(town, alert, f"{FAR}01")
    assert len(here.clips) == len(there.clips)
    assert sum(a != b for a, b in zip(here.clips, there.clips, strict=True)) == 1
    assert said_in(town, alert, f"{TAMBON}09").clips == here.clips


def test_a_village_is_named_where_the_alert_names_it_and_only_if_its_clip_is_there(town: Night) -> None:
    alert = town.flood()
    alert.villages = [VILLAGE]
    needed = phrases_of(town, alert)
    name = facts_of(alert, town.office).places[0].villages[0].th
    record(town, needed, without=(name,))
    without = said_in(town, alert, VILLAGE)
    assert without.complete and [p.text for p in without.missing] == [name]
    record(town, [p for p in needed if p.text == name])
    assert len(said_in(town, alert, VILLAGE).clips) == len(without.clips) + 1


def test_a_sentence_that_lacks_a_clip_is_left_out_whole_and_named(town: Night) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert), without=("มีผลถึง",))
    said = said_in(town, alert, VILLAGE)
    assert said.complete and [p.text for p in said.missing] == ["มีผลถึง"]


@pytest.mark.parametrize("lacking", ["น้ำล้นตลิ่ง", "ฝึกซ้อม ไม่ใช่เหตุจริง", "ฝึกซ้อม ฝึกซ้อม ฝึกซ้อม"])
def test_without_what_is_essential_nothing_is_played(town: Night, lacking: str) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert), without=(lacking,))
    said = said_in(town, alert, VILLAGE)
    assert not said.complete and lacking in [p.text for p in said.missing]
    assert made(town, said) is None


def test_what_an_alert_lacks_in_any_of_its_places_is_known_before_it_is_sent(town: Night) -> None:
    alert = town.flood()
    needed = phrases_of(town, alert)
    far = facts_of(alert, town.office).places[1].tambon.th
    record(town, needed, without=(f"ตำบล{far}",))
    with town.database.session() as session:
        found = spoken(session, alert, town.office)
        assert found is not None and [p.text for p in found.missing()] == [f"ตำบล{far}"]
        assert found.at(VILLAGE).complete and not found.at(f"{FAR}01").complete


def test_a_clip_whose_file_is_gone_is_missing(town: Night) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert))
    with town.database.session() as session:
        sha = in_use(session)["น้ำล้นตลิ่ง"].sha256
    file_of(town.office.var, sha).unlink()
    assert [p.text for p in said_in(town, alert, VILLAGE).missing] == ["น้ำล้นตลิ่ง"]


def test_the_same_clips_are_made_once_and_a_torn_sound_anew(town: Night) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert))
    said = said_in(town, alert, VILLAGE)
    path = made(town, said)
    assert path is not None
    whole, first = path.read_bytes(), path.stat().st_ino
    assert made(town, said) == path and path.stat().st_ino == first
    for torn in (whole[:1000], whole[:20], b"", whole + b"\0" * 100, b"\0" * len(whole)):
        path.write_bytes(torn)
        assert made(town, said) == path and path.read_bytes() == whole
    assert not list(path.parent.glob(".writing-*"))


def test_old_sounds_make_room(town: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "MOST_KEPT", 3)
    shas = []
    for nth in range(5):
        body = kept(beep(400 + nth))
        shas.append(hashlib.sha256(body).hexdigest())
        clips.write_whole(file_of(town.office.var, shas[-1]), body)
    for nth, sha in enumerate(shas):
        os.utime(rendered(town.office.var, [sha]), (nth, nth))
    sounds.forget_oldest(town.office.var)
    left = {file.stat().st_mtime for file in (town.office.var / "sounds").glob("*.wav")}
    assert left == {2, 3, 4}


def segment_of(town: Night) -> tuple[Segment, list[Row]]:
    """The first segment of contacts, and its rows as if it were to be sent again."""
    with town.database.session() as session:
        segment = session.get_one(
            Segment, town.rows("SELECT id FROM segment WHERE audience = 'contact'")[0].id
        )
        session.expunge(segment)
    query = (
        "SELECT d.id, a.sealed, d.owner_id FROM delivery d JOIN address a ON a.id = d.address_id "
        "WHERE d.segment_id = :s ORDER BY d.id"
    )
    return segment, [Row(*row) for row in town.rows(query, s=segment.id)]


class ToldByVoice(Told):
    needs: ClassVar[str] = "voice"


def composed(town: Night, alert: Any, kind: type[Told] = ToldByVoice) -> list[Any]:
    segment, rows = segment_of(town)
    with town.database.session() as session:
        return messages(session, rows, segment, alert, channel(accepts, kind=kind), town.office)


def test_no_sms_waits_for_a_sound(town: Night) -> None:
    town.contacts()
    alert = town.flood()
    record(town, phrases_of(town, alert))
    assert all("sound" not in m.data and "clips" not in m.data for m in composed(town, alert, Told))
    assert not (town.office.var / "sounds").exists()


def test_every_contact_gets_the_path_of_the_sound_and_its_clips(town: Night) -> None:
    town.contacts()
    alert = town.flood()
    assert all("sound" not in m.data and "clips" not in m.data for m in composed(town, alert))
    record(town, phrases_of(town, alert))
    said = said_in(town, alert, VILLAGE)
    found = composed(town, alert)
    assert len(found) == 3
    with town.database.session() as session:
        keys = in_use(session)[KEYS.text].sha256
    for message in found:
        assert Path(message.data["sound"]).read_bytes()[:4] == b"RIFF"
        assert message.data["clips"].startswith(",".join(said.clips)) and message.data["clips"].endswith(
            f",{keys}"
        )
        assert keys not in said.clips, "a loudspeaker has no keys"
        assert voice(Path(message.data["sound"])), "as a call plays it"


def test_a_full_disk_is_a_fault_and_loses_no_message(town: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    town.contacts()
    alert = town.flood()
    record(town, phrases_of(town, alert))
    before = [(m.id, m.address, m.text) for m in composed(town, alert)]
    for file in (town.office.var / "sounds").iterdir():
        file.unlink()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(sounds, "write_whole", full)
        found = composed(town, alert)
    assert [(m.id, m.address, m.text) for m in found] == before
    assert all("sound" not in m.data and m.data["clips"] for m in found)
    assert len(faults(town)) == 1 and "No space left" in faults(town)[0]
    assert town.rows("SELECT times FROM fault WHERE key = 'sound'")[0].times == 1, (
        "noted once, not once a village"
    )
    assert all(m.data["sound"] for m in composed(town, alert))
    assert faults(town) == []


def test_a_disk_that_fills_half_way_leaves_nothing_behind(
    town: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(handle: int, *_: object, **__: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(clips.os, "replace", torn)
    with pytest.raises(OSError, match="No space"):
        clips.write_whole(town.office.var / "sounds" / "a.wav", b"x" * 10_000)
    assert list((town.office.var / "sounds").iterdir()) == []


def test_a_damaged_clip_is_a_fault_and_never_played(town: Night) -> None:
    alert = town.flood()
    record(town, phrases_of(town, alert))
    said = said_in(town, alert, VILLAGE)
    file = file_of(town.office.var, said.clips[2])
    file.write_bytes(file.read_bytes()[:-100] + b"\0" * 100)
    assert made(town, said) is None
    assert "damaged" in faults(town)[0]


def test_replacing_retires_and_the_trail_knows_both(town: Night) -> None:
    alert = town.flood()
    phrase = next(p for p in phrases_of(town, alert) if p.text == "น้ำล้นตลิ่ง")
    record(town, [phrase])
    with town.database.session() as session:
        old = in_use(session)[phrase.text]
        new = keep(
            session, town.office.var, phrase, ClipLang.TH, beep(999), speaker="อีกคน", source="recorded",
            keyring=town.office.keyring, now=town.clock.now(), actor="x",
        )  # fmt: skip
        assert in_use(session)[phrase.text].sha256 == new.sha256 != old.sha256
        assert file_of(town.office.var, old.sha256).exists(), "what was sent names it"
    with town.database.session() as session:
        retire(session, new.id, town.clock.now())
        assert phrase.text not in in_use(session)
    actions = [
        r.action for r in town.rows("SELECT action FROM audit_entry WHERE subject = 'clip' ORDER BY seq")
    ]
    assert actions.count("clip.changed") == 2
    assert not np.array_equal(
        *(
            np.frombuffer(file_of(town.office.var, s).read_bytes()[44:], "<i2")[:2000]
            for s in (old.sha256, new.sha256)
        )
    )
