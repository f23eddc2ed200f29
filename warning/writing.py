"""An alert's facts gathered from rows and places, and its words and CAP document made of them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlmodel import Session

from geo.areas import Areas
from geo.errors import NotAllowed
from geo.gazetteer import Gauge, gazetteer
from geo.when import utc
from warning.alert import Alert, Mode
from warning.assess import HazardAssessment
from warning.cap.build import Origin, document_of, founded_on
from warning.cap.document import Reference, Ring
from warning.cap.shapes import rings
from warning.cap.writer import written
from warning.office import Office
from warning.translation import in_other_languages
from warning.words.facts import AlertFacts, Both, GaugeFact, Kind, PlaceFact, RainFact, ShelterFact
from warning.words.template import AlertWords, compose

SENDER = "raksa.phatthalung.go.th"  # the CAP sender: a name of ours that no one else may use


def write(session: Session, alert: Alert, office: Office) -> None:
    """Write an alert's words from its facts, and those somebody translated. Raises NotAllowed naming the fact that is missing."""
    facts = facts_of(alert, office)
    alert.words = asdict(compose(facts)) | in_other_languages(session, facts)


def facts_of(alert: Alert, office: Office) -> AlertFacts:
    """What is known of an alert, as the templates want it. Raises NotAllowed for a place that does not exist."""
    told: Mapping[str, Any] = alert.facts
    shelter = told.get("shelter_th")
    return AlertFacts(
        number=alert.number, mode=alert.mode, event=alert.event, severity=alert.severity, urgency=alert.urgency,
        certainty=alert.certainty, response_type=alert.response_type, places=places_of(alert),
        expires=alert.expires_at, phone=office.config.office.phone, kind=Kind(alert.kind), water_by=alert.water_by,
        gauge=_gauge(told), rain=_rain(told), instruction=told.get("instruction"),
        shelter=ShelterFact(Both(shelter, told.get("shelter_en") or shelter), bool(told.get("shelter_open")))
        if shelter else None,
        measured=_both(told, "measured"), quality=_both(told, "quality"), impact=_both(told, "impact"),
        stays_days=(told["stays_days"][0], told["stays_days"][1]) if told.get("stays_days") else None,
        replaces=told.get("replaces"), untested=alert.untested,
    )  # fmt: skip


def places_of(alert: Alert) -> tuple[PlaceFact, ...]:
    places = gazetteer()
    found = []
    for code in alert.tambons:
        try:
            tambon = places.tambon(code)
            villages = [places.village(v) for v in alert.villages if v.startswith(code)]
        except LookupError as error:
            raise NotAllowed(str(error)) from error
        amphoe = places.amphoe(tambon.amphoe)
        named = tuple(Both(v.th, v.en) for v in villages)
        found.append(PlaceFact(Both(tambon.th, tambon.en), Both(amphoe.th, amphoe.en), named))
    return tuple(found)


_RAIN_HOURS = {f"rain_{hours}h": hours for hours in (1, 3, 6, 12, 24, 72)}


def _both(told: Mapping[str, Any], name: str) -> Both | None:
    """A fact told in both languages under `name_th` and `name_en`."""
    th, en = told.get(f"{name}_th"), told.get(f"{name}_en")
    return Both(th, en) if th and en else None


def _station(told: Mapping[str, Any], measure: str) -> Gauge | None:
    gauge = gazetteer().gauges.get(told.get("station", ""))
    return (
        gauge if gauge and told.get("value") is not None and told.get("measure", measure) == measure else None
    )


def _seen(told: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(told["seen_at"]) if told.get("seen_at") else None


def _gauge(told: Mapping[str, Any]) -> GaugeFact | None:
    if not str(told.get("quantity", "")).startswith("water_level"):
        return None
    gauge = _station(told, "level")
    return GaugeFact(Both(gauge.th, gauge.en), told["value"], gauge.bank_m, _seen(told)) if gauge else None


def _rain(told: Mapping[str, Any]) -> RainFact | None:
    hours = _RAIN_HOURS.get(str(told.get("quantity", "")))
    gauge = _station(told, "rain") if hours else None
    return RainFact(Both(gauge.th, gauge.en), told["value"], hours or 24, _seen(told)) if gauge else None


def cap_of(session: Session, alert: Alert, office: Office) -> bytes:
    """The alert as CAP 1.2 at the moment it is issued; `alert.identifier` is set on the way.

    Signed by the office. Raises NotAllowed with the reason when our own checks would refuse it, or when it cannot be signed:
    nothing is issued that others could not read or believe; the alert waits as approved, and the fault stands on the console.
    """
    assessment = session.get(HazardAssessment, alert.assessment_id) if alert.assessment_id else None
    origin = Origin(
        sender=SENDER,
        sent=alert.issued_at or alert.changed_at,
        incident=str(_first_of(session, alert)),
        references=tuple(r for r in (_reference(session, UUID(i)) for i in alert.references) if r),
        parameters=founded_on(
            alert.number, alert.rule, assessment.rule_version if assessment else None,
            [f"{assessment.station} {o['at']}" for o in assessment.observations[-3:]] if assessment else (),
        ),
        exercise_name="ฝึกซ้อมระบบเตือนภัย Raksa" if alert.mode is Mode.EXERCISE else "",
    )  # fmt: skip
    outlines = [
        (place, code, _drawn(office.areas, code) if code in office.areas else ())
        for place, code in zip(places_of(alert), alert.tambons, strict=True)
    ]
    document = document_of(facts_of(alert, office), AlertWords.of(alert.words), origin, outlines)
    xml, found = written(document)
    wrong = [p for p in found if not p.code.startswith(("mark.", "note."))]
    if wrong:
        raise NotAllowed(f"CAP ไม่ถูกต้อง: {wrong[0].text.th} ({wrong[0].text.en})")
    xml = office.signer.signed(xml)
    alert.identifier = document.identifier
    return xml


@lru_cache(maxsize=8192)  # more than Thailand has tambon; areas are never changed after they are built
def _drawn(areas: Areas, code: str) -> tuple[Ring, ...]:
    return rings(areas.outline(code))


def _reference(session: Session, alert_id: UUID) -> Reference | None:
    replaced = session.get(Alert, alert_id)
    if replaced is None or replaced.issued_at is None:
        return None
    return Reference(SENDER, replaced.identifier, utc(replaced.issued_at))


def _first_of(session: Session, alert: Alert) -> UUID:
    """The alert that began the chain: its id names the incident."""
    while alert.references:
        before = session.get(Alert, UUID(alert.references[0]))
        if before is None:
            break
        alert = before
    return alert.id
