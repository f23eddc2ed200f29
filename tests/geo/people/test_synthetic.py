"""The invented province: exact, repeatable, sealed, and never mixed with the real one."""

from collections import Counter
from datetime import UTC, date, datetime
from time import perf_counter

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.people import TowerKind
from geo.roster import weak_villages
from geo.sealed import Keyring
from geo.sheet import NO_TOWER
from geo.synthetic import EVERYBODY_BY_SMS, is_synthetic, synthetic, synthetic_contacts
from geo.synthetic_load import load_synthetic, load_synthetic_contacts

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def test_exact_counts_and_no_number_twice() -> None:
    homes = list(synthetic(2000, 5200))
    people = [person for home in homes for person in home.residents]
    phones = [person.phone for person in people if person.phone]
    assert (len(homes), len(people)) == (2000, 5200)
    assert len(set(phones)) == len(phones) > 2000
    assert len({(home.village_code, home.house_no) for home in homes}) == 2000


def test_same_seed_same_province() -> None:
    assert list(synthetic(300)) == list(synthetic(300))
    assert list(synthetic(300)) != list(synthetic(300, seed=7))


def test_every_kind_of_home_is_there() -> None:
    homes = list(synthetic(5000))
    people = [person for home in homes for person in home.residents]
    assert sum(all(p.phone is None and p.line_id is None for p in home.residents) for home in homes) > 200
    assert sum(p.phone is None and p.line_id is not None for p in people) > 200
    assert sum(any(p.vulnerability for p in home.residents) for home in homes) > 500
    assert {home.village_code for home in homes} == set(gazetteer().villages)
    assert all(is_synthetic(a) for p in people for a in (p.phone, p.line_id) if a)
    assert not is_synthetic("+66812345678")


def test_bench_has_a_number_for_everybody() -> None:
    people = [person for home in synthetic(1000, 2600, shares=EVERYBODY_BY_SMS) for person in home.residents]
    assert all(person.phone for person in people)


def test_contacts_hold_the_weak_villages_too() -> None:
    rows = synthetic_contacts(date(2026, 11, 23))
    kinds = Counter(row.tower.kind if row.tower else None for row in rows)
    assert len(rows) == 670
    assert any(not row.people for row in rows)
    assert any(row.tower == NO_TOWER for row in rows)
    assert kinds[TowerKind.MQTT] > 100 and kinds[TowerKind.MICROPHONE] > 200


def test_fewer_people_than_homes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least households"):
        next(synthetic(10, 9))


def test_loads_dense_and_sealed(db: Engine) -> None:
    ring = Keyring.generate()
    homes = list(synthetic(1500))
    people = [person for home in homes for person in home.residents]
    with Session(db) as session, session.begin():
        load_synthetic_contacts(session, ring, NOW)
        loaded = load_synthetic(session, ring, homes)
    assert loaded.residents == len(people)
    with Session(db) as session:
        rolls = session.execute(
            text("SELECT count(*), min(nth), max(nth) FROM address GROUP BY audience, kind, tambon_code")
        ).all()
        assert all((least, most) == (0, count - 1) for count, least, most in rolls)
        addresses = session.execute(
            text("SELECT sealed, hash FROM address WHERE household_id IS NOT NULL")
        ).all()
        opened = Counter(ring.open(bytes(row.sealed)) for row in addresses)
        assert opened == Counter(a for p in people for a in (p.phone, p.line_id) if a)
        assert all(row.hash == ring.fingerprint(ring.open(bytes(row.sealed))) for row in addresses)
        keys = session.execute(
            text("SELECT count(*) FROM tower WHERE kind = 'MQTT' AND device_key_sealed IS NULL")
        )
        assert keys.scalar_one() == 0
        assert 0 < len(weak_villages(session)) < 670
        with pytest.raises(NotAllowed):
            load_synthetic(session, ring, homes)


def test_loads_fast_enough_for_a_demo(db: Engine) -> None:
    """5,000 households within 10 s even on a busy machine; it takes about one."""
    ring = Keyring.generate()
    start = perf_counter()
    with Session(db) as session, session.begin():
        load_synthetic(session, ring, synthetic(5000))
    assert perf_counter() - start < 10
