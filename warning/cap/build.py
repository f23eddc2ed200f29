"""Our profile of CAP 1.2: facts and words of one alert become a document in Thai, then in English.

Both languages carry the same codes, times and areas; every tambon is its own area with its outline and
its code, so
that a receiver can take one out. Profile: CAP 1.2 with OET v1.2 event codes; TIS1099 is our name for
tambon codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from geo.errors import NotAllowed
from geo.when import bangkok
from warning.alert import Mode
from warning.cap.document import Area, CapDocument, Info, Named, Reference, Ring
from warning.words import phrases
from warning.words.facts import AlertFacts, Kind, Lang, PlaceFact
from warning.words.places import each
from warning.words.template import AlertWords

# OASIS Event Terms List 1.2 (OET v1.2) and its category, for the events we have words for.
EVENT_CODES: dict[str, tuple[str, str]] = {
    "river_overflow": ("OET-081", "Met"),
    "flash_flood": ("OET-079", "Met"),
    "lake_flood": ("OET-081", "Met"),
    "heavy_rain": ("OET-159", "Met"),
    "landslide": ("OET-119", "Geo"),
    "reservoir_release": ("OET-053", "Infra"),
    "storm": ("OET-187", "Met"),
    "earthquake": ("OET-068", "Geo"),
    "tsunami": ("OET-203", "Geo"),
    "heat": ("OET-098", "Met"),
    "air_quality": ("OET-004", "Env"),
    "test": ("OET-147", "Other"),
}
_LANGUAGE: dict[Lang, str] = {"th": "th-TH", "en": "en-US"}
_MSG_TYPE = {
    Kind.ALERT: "Alert",
    Kind.UPDATE: "Update",
    Kind.CANCEL: "Cancel",
    Kind.ALL_CLEAR: "Update",  # CAP says all clear by an Update that answers AllClear with urgency Past
    Kind.CORRECTION: "Cancel",
}
PROVINCE = "TH-93"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a document needs besides the words: its key, its chain, and what it is founded on."""

    sender: str  # a domain or an address in one; no spaces or commas
    sent: datetime  # aware
    incident: str  # our event's id, or the exercise's
    references: tuple[Reference, ...] = ()  # all unexpired messages it replaces
    parameters: tuple[Named, ...] = ()  # see `founded_on`
    exercise_name: str = ""
    org: str = "0"  # arc of the issuing office below 2.49.0.1.764; 0 until one is registered


def identifier(number: str, sent: datetime, exercise: bool, org: str = "0") -> str:
    """Unique and stable: WMO's form `urn:oid:2.49.0.1.764.<org>.<y>.<m>.<d>.<h>.<min>.<s>.<serial>` in
    Thai time.

    The serial is the alert number's last part, so two alerts of one second differ. Exercises have a
    series outside
    the WMO tree: nobody can take one for real. ValueError when the number does not end in digits.
    """
    serial, at = int(number.rsplit("-", 1)[-1]), bangkok(sent)
    if exercise:
        return f"raksa-exercise-{at:%Y%m%dT%H%M%S}-{serial}"
    arcs = (at.year, at.month, at.day, at.hour, at.minute, at.second, serial)
    return f"urn:oid:2.49.0.1.764.{org}." + ".".join(map(str, arcs))


def founded_on(
    number: str, rule: str | None, rule_version: str | None, observations: Sequence[str]
) -> tuple[Named, ...]:
    """Parameters by which an alert can be walked back: its number, the rule and its version, the
    observations."""
    said = [Named("ALERTNUMBER", number)]
    if rule:
        said.append(Named("RULE", rule))
    if rule_version:
        said.append(Named("RULEVERSION", rule_version))
    return (*said, *(Named("OBSERVATION", each_id) for each_id in observations))


def document_of(
    facts: AlertFacts,
    words: AlertWords,
    origin: Origin,
    outlines: Sequence[tuple[PlaceFact, str, tuple[Ring, ...]]],
) -> CapDocument:
    """The CAP document of an alert.

    outlines: each tambon with its 6-digit code and its rings (`shapes.rings`); none drawn leaves only
    the code.
    An all-clear that replaces nothing any more is an Alert of its own (responseType AllClear, urgency Past).
    Raises NotAllowed for another Update or Cancel without references: whom does it replace?
    """
    msg_type = _MSG_TYPE[facts.kind]
    if facts.kind is Kind.ALL_CLEAR and not origin.references:
        msg_type = "Alert"  # for places an Update has dropped: what they were told is replaced already
    if msg_type != "Alert" and not origin.references:
        raise NotAllowed(f"ไม่ได้บอกว่าแทนการเตือนใด ({msg_type} {facts.number} replaces nothing)")
    exercise = facts.mode is Mode.EXERCISE
    status = "Exercise" if exercise else "Test" if facts.event == phrases.TEST else "Actual"
    thai = _info(facts, words, origin, outlines, "th")
    return CapDocument(
        identifier=identifier(facts.number, origin.sent, exercise, origin.org), sender=origin.sender,
        sent=origin.sent,
        status=status, msg_type=msg_type, source="Raksa", note=_note(facts, origin),
        references=origin.references, incidents=(origin.incident,),
        infos=(thai, _info(facts, words, origin, outlines, "en")),
    )  # fmt: skip


def _note(facts: AlertFacts, origin: Origin) -> str | None:
    if facts.mode is not Mode.EXERCISE:
        return None
    return origin.exercise_name or f"{phrases.EXERCISE_FRONT.th} {facts.number}"


def _info(
    facts: AlertFacts,
    words: AlertWords,
    origin: Origin,
    outlines: Sequence[tuple[PlaceFact, str, tuple[Ring, ...]]],
    lang: Lang,
) -> Info:
    code, category = EVENT_CODES[facts.event]
    said = words.as_dict()
    info = Info(
        language=_LANGUAGE[lang], categories=(category,), event=said[f"event_{lang}"],
        response_types=(facts.response_type,), urgency=facts.urgency, severity=facts.severity,
        certainty=facts.certainty, event_codes=(Named("OET:v1.2", code),), effective=origin.sent,
        onset=facts.water_by, expires=facts.expires,
        sender_name=facts.issuer.post.th if lang == "th" else facts.issuer.post.en,
        headline=said[f"headline_{lang}"], description=said[f"description_{lang}"],
        instruction=said[f"instruction_{lang}"], contact=facts.phone, parameters=origin.parameters,
        areas=tuple(_area(place, tambon, rings, lang) for place, tambon, rings in outlines),
    )  # fmt: skip
    if facts.kind is Kind.ALL_CLEAR:
        return replace(info, response_types=("AllClear",), urgency="Past", onset=None)
    if facts.kind in (Kind.CANCEL, Kind.CORRECTION):
        return replace(info, response_types=("None",), onset=None)
    return info


def _area(place: PlaceFact, tambon: str, rings: tuple[Ring, ...], lang: Lang) -> Area:
    return Area(each(place, lang), rings, (Named("TIS1099", tambon), Named("ISO3166-2", PROVINCE)))
