"""A new key: everything is sealed anew, stopped or not, and the old key can be thrown away."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from channels.contract import Answer, Reply
from geo.institution_file import read_institutions
from geo.institution_import import import_institutions
from geo.people import AddressKind
from geo.sealed import Keyring, NotSealed
from tests.warning.town import VILLAGE, Town, accepts, channel
from warning.audit import verify
from warning.audited import differences
from warning.clock import HandClock
from warning.command import main
from warning.people_rekey import keys_in_use, left, reseal, sealed_tables
from warning.running import take_in
from warning.store.database import Database

LIST = f"รหัสหมู่บ้าน,ชื่อสถานที่,โทร,ผู้ติดต่อ\n{VILLAGE},โรงพยาบาลสมมุติ,074-612-345,นางสมมุติ\n"


@pytest.fixture
def folder(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", database.url)
    return tmp_path / "var" / "keys" / "keyring.json"


@pytest.fixture
def town(database: Database, clock: HandClock, folder: Path) -> Town:
    town = Town(database, clock, [channel(accepts)])
    ring = town.office.keyring
    folder.parent.mkdir(parents=True)
    folder.write_text(json.dumps({"keys": {1: ring.keys[1].hex()}, "hash_key": ring.hash_key.hex()}))
    folder.chmod(0o600)
    town.people(["+66691110001", "+66691110002"], head="+66810009999", kind=AddressKind.SMS)
    with database.session() as session:
        houses = read_institutions(io.BytesIO(LIST.encode()), date(2026, 11, 23)).good
        import_institutions(session, town.office.keyring, houses, clock.now())
    said = Reply("a", Answer.SEEN, clock.now(), address="+66691119999", text="น้ำถึงไหนแล้ว")
    take_in(town.office, "sms", [said], "sms")
    return town


def every(town: Town, ring: Keyring) -> list[str]:
    """All sealed values, opened."""
    found = []
    with town.database.session() as session:
        for one in sealed_tables():
            for name in one.columns:
                query = text(f"SELECT {name} AS v FROM {one.table.name} WHERE {name} IS NOT NULL")
                found += [ring.open(bytes(row.v)) for row in session.execute(query)]
    return sorted(found)


def test_the_old_key_is_needed_by_nothing_afterwards(town: Town, folder: Path) -> None:
    before = every(town, Keyring.load(folder))
    assert len(before) > 8
    assert main(["people", "rekey", "--new-key"]) == 0
    both = Keyring.load(folder)
    with pytest.raises(NotSealed):
        every(town, Keyring({2: both.keys[2]}, both.hash_key))
    assert main(["people", "rekey", "--retire"]) == 0
    only_new = Keyring.load(folder)
    assert set(only_new.keys) == {2} and only_new.hash_key == both.hash_key
    assert folder.stat().st_mode & 0o777 == 0o600
    assert every(town, only_new) == before
    with town.database.session() as session:
        assert verify(session).ok and differences(session) == []


def test_stopped_it_goes_on_where_it_was(town: Town, folder: Path) -> None:
    main(["people", "rekey", "--new-key"])
    ring = Keyring.load(folder)
    list(reseal(town.database, ring, most=1))
    with town.database.session() as session:
        some = left(session, ring)
        assert some and keys_in_use(session) == {1, 2}
    list(reseal(town.database, ring))
    with town.database.session() as session:
        assert left(session, ring) == {} and keys_in_use(session) == {2}
    assert list(reseal(town.database, ring)) == []


def test_what_no_key_opens_stops_it_and_keeps_the_old_key(town: Town, folder: Path) -> None:
    town.rows("UPDATE resident SET name_sealed = '\\x0707070707070707' RETURNING id")
    main(["people", "rekey", "--new-key"])
    with pytest.raises(NotSealed):
        main(["people", "rekey", "--retire"])
    assert set(Keyring.load(folder).keys) == {1, 2}
