"""The law of the contact sheet: whatever the registry may hold, what is written is read."""

import io
import unicodedata
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.gazetteer import gazetteer
from geo.people import TowerKind
from geo.sheet import NO_TOWER, NOBODY, SLOTS, Person, TowerEntry, VillageRow
from geo.sheet_read import read_sheet
from geo.sheet_write import write_sheet

TODAY = date(2026, 11, 23)
VILLAGES = sorted(gazetteer().villages.values(), key=lambda village: village.code)[:6]

names = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"),
        include_characters=" ",
        exclude_characters="๐๑๒๓๔๕๖๗๘๙",
    ),
    min_size=1,
    max_size=30,
).map(lambda text: unicodedata.normalize("NFC", "ก" + " ".join(text.split())))
phones = st.integers(0, 99_999_999).map(lambda number: f"+668{number:08}")
people = st.builds(
    Person,
    name=names,
    phone=st.none() | phones,
    line_id=st.none() | st.integers(0, 2**128 - 1).map(lambda number: f"U{number:032x}"),
    verified_on=st.none() | st.dates(date(1990, 1, 1), TODAY),
)
towers = (
    st.none()
    | st.just(NO_TOWER)
    | st.builds(TowerEntry, st.just(TowerKind.MICROPHONE), st.none(), st.none() | st.integers(0, 5000))
    | st.builds(
        TowerEntry,
        st.just(TowerKind.MQTT),
        st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True),
        st.integers(0, 5000),
    )
)
rows = st.dictionaries(
    st.sampled_from([village.code for village in VILLAGES]),
    st.tuples(st.dictionaries(st.sampled_from(list(SLOTS)), people | st.just(NOBODY)), towers),
).map(lambda found: {code: VillageRow(code, *parts) for code, parts in found.items()})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows)
def test_what_is_written_is_read(known: dict[str, VillageRow]) -> None:
    file = io.BytesIO()
    write_sheet(file, VILLAGES, known)
    report = read_sheet(io.BytesIO(file.getvalue()), TODAY, VILLAGES)
    filled = [known[code] for code in sorted(known) if not known[code].empty]
    assert report.bad == []
    assert sorted(report.good, key=lambda row: row.code) == [
        VillageRow(row.code, {slot: row.people[slot] for slot in SLOTS if slot in row.people}, row.tower)
        for row in filled
    ]
    assert report.empty == len(VILLAGES) - len(filled)
