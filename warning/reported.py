"""What people at the water say, as data: water in a village (the truth for scoring), and readings of staffs as observations.

Of somebody nobody knows nothing is taken for true: their words wait with the caller until an officer has bound them to a village,
and are heard again then. A reading counts only from a person with a post, or typed in by an officer.
"""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session

from channels.contract import Answer
from channels.replies import meanings
from geo.gazetteer import UnknownPlace, gazetteer
from geo.names import id_for
from geo.people import Audience
from sources.contract import Payload
from sources.volunteer import ENVELOPE, Volunteer
from sources.volunteer_words import SEEN_LEVEL, Heard, Unclear
from teams.response.village_water import VillageWater, WaterState
from warning import observe
from warning.audited import insert_audited
from warning.delivery import ReplyRow
from warning.office import Office
from warning.step import Next

KIND = "volunteer"


def volunteer(office: Office) -> Volunteer:
    """The office's entry, or one without any staff of its own."""
    configured = (s for s in office.config.sources if isinstance(s, Volunteer))
    return next(configured, None) or Volunteer(kind=KIND, name=KIND)


def told(said: ReplyRow, office: Office) -> Heard | None:
    """What the words of an answer say beside the answer itself. None: no words, unclear ones, or another row of the same
    words speaks for them (words that mean several things are a row a meaning)."""
    if not said.text_sealed:
        return None
    text = office.keyring.open(said.text_sealed)
    means = meanings(text, Audience.CONTACT if said.contact_id else Audience.RESIDENT)
    if not said.keyed_by and said.answer != (Answer.WATER_HERE if Answer.WATER_HERE in means else means[0]):
        return None
    try:
        return volunteer(office).heard(text, said.village_code)
    except Unclear:
        return None


def water(session: Session, said: ReplyRow, heard: Heard | None) -> None:
    """Water on the map: as exactly as the words say, else that it is in homes. Twice is once."""
    if not said.village_code:
        return
    state = WaterState(heard.water) if heard and heard.water else None
    if said.answer == Answer.WATER_HERE and state in (None, WaterState.NONE):
        state = WaterState.IN_HOMES
    if state is None:
        return
    row = {
        "id": id_for("village water", said.id), "mode": said.mode.value, "village_code": _village(said, heard),
        "state": state, "since": said.at, "reported_at": said.at,
        "reported_by": said.heard_from or ("contact" if said.contact_id else "resident"), "alert_id": said.alert_id,
    }  # fmt: skip
    insert_audited(session, VillageWater, [row])


def observed(
    session: Session, said: ReplyRow, heard: Heard | None, now: datetime, office: Office
) -> list[Next]:
    """A staff read, and water seen, as observations of the source `volunteer`; new ones wake the rules."""
    if not (said.contact_id or said.keyed_by):
        return []
    report: dict[str, Any] = {}
    if heard and heard.gauge and heard.stage_m is not None:
        report |= {"gauge": heard.gauge, "stage_m": heard.stage_m, "above_sea": heard.above_sea}
    seen = session.get(VillageWater, id_for("village water", said.id)) if said.village_code else None
    if seen is not None and seen.state in SEEN_LEVEL:
        report |= {"village": seen.village_code, "water": seen.state.value}
    return (
        take_report(session, report | {"at": said.at.isoformat(), "via": said.via}, now, office)
        if report
        else []
    )


def take_report(session: Session, report: dict[str, Any], now: datetime, office: Office) -> list[Next]:
    """Keep one report as a payload and read it as any source's: the same checks, the same tables. Twice is once."""
    source = volunteer(office)
    payload = Payload(json.dumps({ENVELOPE: [report]}, ensure_ascii=False).encode(), fetched_at=now)
    payload_id = observe.keep(session, source, payload)
    readings = source.read(payload)
    new = observe.record(session, source, payload_id, readings, now, office.areas.at, office.bound)
    return [Next("assess", "rules", office.severity_priority("Extreme"))] if new else []


def _village(said: ReplyRow, heard: Heard | None) -> str:
    """The Moo they name, of their own tambon, else their own village."""
    own = said.village_code or ""
    if heard is None or heard.moo is None:
        return own
    try:
        return gazetteer().village(f"{own[:6]}{heard.moo:02d}").code
    except UnknownPlace:
        return own
