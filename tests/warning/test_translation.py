"""A home that reads another language is told in it, in a person's words; without such words, in Thai."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from channels.contract import Batch, Receipt, ReceiptState
from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.households import change_home
from geo.people import Address, Language
from tests.warning.town import channel
from tests.web.paper_office import Night
from warning.alert import Alert
from warning.clock import HandClock
from warning.seen import seen_of
from warning.store.database import Database
from warning.translation import MOST_PARTS, Translation, in_force, put, sayings
from warning.words.sizes import sms_size
from warning.writing import write

MALAY = "AMARAN BANJIR: {place}. Pindah ke tempat tinggi sekarang. Tel {phone}. Hingga {until}. {number}"
MADE_ON = date(2026, 1, 15)
PHONES = [f"+6681000{n:04d}" for n in range(6)]
READS = ["ms", "my", "en", "th", None, "ms"]


@dataclass
class Provider:
    said: dict[str, str] = field(default_factory=dict)

    def __call__(self, batch: Batch, now: datetime) -> list[Receipt]:
        self.said |= {message.address: message.text for message in batch.messages}
        return [Receipt(m.id, ReceiptState.DELIVERED, now) for m in batch.messages]


def translated(town: Night, words: str = MALAY, **changed: Any) -> None:
    about = {"event": "river_overflow", "says": "evacuate", "lang": "ms", "words": words, "translator": "Ustaz Dolah, Pak Phayun",
             "translated_on": MADE_ON} | changed  # fmt: skip
    with town.database.session() as session:
        put(session, by=uuid4(), now=town.clock.now(), **about)


def written(town: Night) -> Alert:
    """An alert of real words, issued."""
    alert_id = town.alert()
    with town.database.session() as session:
        alert = session.get_one(Alert, alert_id)
        write(session, alert, town.office)
    return alert


async def test_each_home_is_told_in_what_it_reads(database: Database, clock: HandClock) -> None:
    provider = Provider()
    town = Night(database, clock, [channel(provider)])
    homes = town.people(PHONES)
    with database.session() as session:
        for home, lang in zip(homes, READS, strict=True):
            change_home(session, home, [], lang, None, "somchai", clock.now(), clock.now().date())
    translated(town)
    written(town)
    await town.settle()
    said = provider.said
    assert set(said) == set(PHONES)
    assert "Pindah ke tempat tinggi" in said[PHONES[0]] and said[PHONES[0]] == said[PHONES[5]]
    assert "{" not in said[PHONES[0]]
    assert "Move everyone" in said[PHONES[2]]
    assert said[PHONES[1]] == said[PHONES[3]] == said[PHONES[4]]  # nobody has put it into Burmese
    assert "ย้ายทุกคน" in said[PHONES[1]]


def test_a_telephone_with_a_language_of_its_own_keeps_it(database: Database, clock: HandClock) -> None:
    """The daughter's phone reads Thai; the home turns to Burmese."""
    town = Night(database, clock, [])
    (home,) = town.people(PHONES[:1])
    with database.session() as session:
        session.execute(text("UPDATE address SET lang = 'th'"))
        change_home(session, home, [], "my", None, "somchai", clock.now(), clock.now().date())
        assert session.exec(select(Address.lang)).one() == "th"


def test_what_is_approved_holds_the_translation(database: Database, clock: HandClock) -> None:
    """Whoever says yes says it to every language: a text put in later makes another version of the draft."""
    town = Night(database, clock, [])
    alert = written(town)
    before = seen_of(alert)
    assert "sms_ms" not in alert.words
    translated(town)
    with database.session() as session:
        kept = session.get_one(Alert, alert.id)
        write(session, kept, town.office)
        assert kept.words["sms_ms"].startswith("EXERCISE") and seen_of(kept) != before


def test_a_newer_text_ends_the_one_before_and_keeps_it(database: Database, clock: HandClock) -> None:
    town = Night(database, clock, [])
    translated(town)
    clock.forward(timedelta(minutes=1))
    translated(town, "BANJIR {place} {phone}")
    with database.session() as session:
        (now,) = in_force(session)
        assert now.words == "BANJIR {place} {phone}"
        assert len(session.exec(select(Translation)).all()) == 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"words": "BANJIR {phone}"}, "{place} must be there", id="no-place"),
        pytest.param({"words": "BANJIR {place} {phone} {village}"}, "only blanks", id="unknown-blank"),
        pytest.param({"words": "BANJIR {place} {phone} {"}, "only blanks", id="torn-brace"),
        pytest.param({"words": "BANJIR น้ำท่วม {place} {phone}"}, "Thai letters", id="thai"),
        pytest.param({"words": " "}, "give the text", id="empty"),
        pytest.param({"translator": " "}, "who translated it", id="nobody"),
        pytest.param({"translated_on": date(2999, 1, 1)}, "future", id="future"),
        pytest.param({"lang": "th"}, "choose the language", id="thai-is-ours"),
        pytest.param({"says": "drop_cover"}, "choose the event", id="not-of-a-flood"),
        pytest.param({"words": "{place} {phone}" + "x" * 700}, "letters", id="too-long"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_reason(
    database: Database, clock: HandClock, changed: dict[str, Any], why: str
) -> None:
    town = Night(database, clock, [])
    with pytest.raises(NotAllowed, match=why):
        translated(town, **changed)


def test_a_long_list_of_places_is_shortened_by_whole_names(database: Database, clock: HandClock) -> None:
    town = Night(database, clock, [])
    translated(town, "ရေကြီး {place} {phone}", lang=Language.BURMESE)
    alert = written(town)
    with database.session() as session:
        kept = session.get_one(Alert, alert.id)
        kept.villages, kept.tambons = (
            [],
            sorted(gazetteer().tambons)[:20],
        )
        write(session, kept, town.office)
        assert sms_size(kept.words["sms_my"]).parts <= MOST_PARTS


def test_every_alert_has_a_saying_that_can_be_translated() -> None:
    assert ("river_overflow", "evacuate") in sayings() and ("flash_flood", "leave_stream") in sayings()
    assert ("flash_flood", "all_clear") in sayings() and ("flash_flood", "evacuate") not in sayings()
    assert len(set(sayings())) == len(sayings())
