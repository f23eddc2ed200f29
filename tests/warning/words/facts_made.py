"""Alert facts for tests: one plain alert, and any that hypothesis may think of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from geo.gazetteer import gazetteer
from warning.alert import Mode
from warning.words.facts import AlertFacts, Both, GaugeFact, Kind, PlaceFact, RainFact, ShelterFact
from warning.words.phrases import EVENTS

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
MUEANG = Both("เมืองพัทลุง", "Mueang Phatthalung")
LAMPAM = PlaceFact(
    Both("ลำปำ", "Lampam"), MUEANG, (Both("บ้านหัวสะพาน", "Ban Hua Saphan"), Both("บ้านแหลม", "Ban Laem"))
)
SHELTER = ShelterFact(Both("โรงเรียนวัดป่าลิไลยก์", "Wat Pa Lilai School"), open=True)


def facts(**changes: Any) -> AlertFacts:
    """A river over its bank, water in an hour, a shelter open; `changes` replace fields."""
    plain: dict[str, Any] = {
        "number": "พท-2569-0012", "mode": Mode.ACTUAL, "event": "river_overflow", "severity": "Severe",
        "urgency": "Expected", "certainty": "Likely", "response_type": "Evacuate", "places": (LAMPAM,),
        "expires": NOW + timedelta(hours=12), "phone": "1784", "water_by": NOW + timedelta(hours=1),
        "gauge": GaugeFact(Both("X.170 คลองนาท่อม", "X.170 Khlong Na Thom"), 25.6, 25.4, NOW),
        "shelter": SHELTER,
    }  # fmt: skip
    return AlertFacts(**plain | changes)


def tambon_place(code: str) -> PlaceFact:
    places = gazetteer()
    tambon = places.tambons[code]
    amphoe = places.amphoes[tambon.amphoe]
    return PlaceFact(Both(tambon.th, tambon.en), Both(amphoe.th, amphoe.en))


_names = st.sampled_from(["X.170 คลองนาท่อม", "วัดควนกรวด", "โรงเรียนบ้านคลองใหญ่"]).map(
    lambda th: Both(th, "Khlong Yai")
)
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
_places = st.lists(
    st.sampled_from(sorted(gazetteer().tambons)), min_size=1, max_size=65, unique=True
).map(lambda codes: tuple(tambon_place(code) for code in codes))  # fmt: skip

any_facts = st.builds(
    facts,
    mode=st.sampled_from(Mode),
    kind=st.sampled_from(Kind),
    event=st.sampled_from(sorted(EVENTS)),
    severity=st.sampled_from(["Extreme", "Severe", "Moderate", "Minor", "Unknown"]),
    urgency=st.sampled_from(["Immediate", "Expected", "Future", "Past", "Unknown"]),
    response_type=st.sampled_from(["Evacuate", "Shelter", "Prepare", "Avoid", "Monitor", "None"]),
    places=_places,
    expires=_moments,
    water_by=st.none() | _moments,
    water_hours=st.none() | st.just((3, 6)) | st.just((2, 2)),
    gauge=st.none() | st.builds(GaugeFact, _names, st.floats(0, 60), st.none() | st.floats(0, 60)),
    rain=st.none() | st.builds(RainFact, _names, st.floats(0, 500)),
    shelter=st.none() | st.builds(ShelterFact, _names, st.booleans()),
    replaces=st.just("พท-2569-0011"),
)
