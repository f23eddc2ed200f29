"""Nothing is issued that a careful receiver would hold back, though CAP's rules allow it."""

import re

import pytest

from geo.errors import NotAllowed
from tests.warning.town import Town
from warning.alert import Alert
from warning.store.database import Database
from warning.writing import cap_of, write


@pytest.mark.parametrize("said", [True, False], ids=["says so", "silent"])
def test_an_exercise_is_issued_only_when_its_words_say_so(said: bool, database: Database, clock) -> None:
    town = Town(database, clock, [])
    town.office.config.office.phone = "074000000"
    alert_id = town.alert()
    with database.session() as session:
        alert = session.get_one(Alert, alert_id)
        write(session, alert, town.office)
        if said:
            assert b"<status>Exercise</status>" in cap_of(session, alert, town.office)
        else:
            alert.words = {name: _silent(text) for name, text in alert.words.items()}
            with pytest.raises(NotAllowed, match="Exercise, but no text says so"):
                cap_of(session, alert, town.office)


def _silent(text: str) -> str:
    return re.sub("ฝึกซ้อม|ซ้อม|exercise|ทดสอบ|test", "", text, flags=re.IGNORECASE)
