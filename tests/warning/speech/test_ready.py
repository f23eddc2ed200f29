"""`raksa check` tells an office that its alerts cannot be spoken, and when only names of villages are left."""

from pathlib import Path

import pytest

from geo.gazetteer import gazetteer
from tests.warning.speech.spoken_town import record, speaking
from warning.clock import HandClock
from warning.readiness import Standing
from warning.speech.needed import every_phrase
from warning.speech.ready import of_clips
from warning.speech.script import Group
from warning.store.database import Database


@pytest.mark.parametrize(
    ("recorded", "standing", "told"),
    [
        pytest.param(0, Standing.PERSON, "221 phrases are not recorded", id="nothing"),
        pytest.param(1, Standing.BETTER, "612 phrases (names of villages)", id="all-but-the-villages"),
        pytest.param(2, Standing.READY, "all 833 phrases", id="everything"),
    ],
)
def test_the_library_stands_in_the_report(
    database: Database, clock: HandClock, tmp_path: Path, recorded: int, standing: Standing, told: str
) -> None:
    town, phrases = speaking(database, clock, tmp_path), every_phrase(gazetteer())
    if recorded:
        record(town, [p for p in phrases if recorded == 2 or p.group is not Group.VILLAGE])
    with database.session() as session:
        item = of_clips(session, tmp_path)
    assert item is not None and item.standing is standing and told in item.en
