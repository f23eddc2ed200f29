"""One thing a person said to the account, and what the account says back."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from channels import replies
from channels.contract import Answer
from channels.line_talk import Said, Topic, topic, words
from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.households import change_home, needs_by_home
from geo.people import Household, LegalBasis, NeedKind
from geo.self_registered import SOURCE, Registered, leave, place_of, register, speak
from geo.when import bangkok
from warning.office import Office
from warning.sighting import Sighting, keep_photo, kept_lately
from warning.talk import choose, own_data
from warning.talk.choose import place_name
from warning.talk.desk import HelpDeskSettings, calls_before
from warning.talk.water import water_now
from warning.talk.words import LANGUAGES, say
from warning.words.one_language import one_language

Messages = list[dict[str, Any]]
VIA = "line"  # how a picture came
MOST_PICTURES = (
    60  # of one village in an hour: more than anybody looks at, and a flood of them fills the disk
)


def answer(
    session: Session, said: Said, now: datetime, office: Office, picture: bytes | None = None
) -> Messages:
    """What to say back, [] for nothing. The call for help itself was stored before, whoever is on duty.

    picture: what was sent, of a picture; None where LINE did not give it.
    """
    place = place_of(session, office.keyring, said.user)
    lang = _language(said, place)
    match said.kind:
        case "follow":
            return [choose.amphoes(lang, say("hello", lang, office=office.config.office.name_th))]
        case "picture":
            return _pictured(session, place, lang, picture, now, office)
        case "location":
            return _help(session, said, place, lang, now, office) + _near(said, place, lang, office)
        case "postback" if "t" in said.data:
            return _step(session, said, place, lang, now, office)
        case "postback":
            meant = replies.BUTTONS.get(said.data.get("a", ""))
            return _meant({meant} if meant else set(), session, said, place, lang, now, office)
    asked = topic(said.text)
    if asked is not None:
        return _asked(asked, session, said, place, lang, now, office)
    return _meant(set(replies.meanings(said.text)), session, said, place, lang, now, office)


def _language(said: Said, place: Registered | None) -> str:
    told = said.data.get("l") or (place.lang if place else None)
    return told if told in LANGUAGES else "th"


def _asked(
    asked: Topic,
    session: Session,
    said: Said,
    place: Registered | None,
    lang: str,
    now: datetime,
    office: Office,
) -> Messages:
    match asked:
        case Topic.WATER if place is not None:
            return [words(water_now(session, place.village_code, lang, now, office))]
        case Topic.WATER:
            return [words(say("nowhere", lang)), choose.amphoes(lang, say("which_amphoe", lang))]
        case Topic.LEAVE:
            leave(session, office.keyring, said.user)
            return [words(say("left", lang))]
        case Topic.MY_DATA:
            return [own_data.told(session, said.user, lang, now, office)]
        case Topic.ERASE:
            return [own_data.asked_to_erase(session, said.user, lang, office)]
        case Topic.ENGLISH | Topic.THAI:
            lang = "en" if asked is Topic.ENGLISH else "th"
            if speak(session, office.keyring, said.user, lang):
                return [words(say("english", lang))]
    return [choose.amphoes(lang, say("which_amphoe", lang))]


def _step(
    session: Session, said: Said, place: Registered | None, lang: str, now: datetime, office: Office
) -> Messages:
    """A button of ours. One that names no place of ours (an old one, or made up) begins again."""
    code, start = said.data.get("c", ""), said.data.get("s", "0")
    page = int(start) if start.isdecimal() and len(start) < 4 else 0
    places = gazetteer()
    match said.data["t"]:
        case "tambon" if code in places.amphoes:
            return [choose.tambons(code, lang, page)]
        case "village" if code in places.tambons:
            return [choose.villages(code, lang, page)]
        case "here" if code in places.villages:
            register(session, office.keyring, said.user, code, lang, now)
            done = words(say("done", lang, place=place_name(code, lang)))
            return [done, words(water_now(session, code, lang, now, office)), choose.how_many(lang)]
        case "erase":
            return [own_data.wiped(session, said.user, lang, now, office)]
        case "size" if place is not None and place.own:
            _size(session, place, said.data.get("n", ""))
            return [choose.which_need(lang)]
        case "need" if place is not None and place.own:
            return [words(say("thanks", lang))] if not _need(session, place, said, lang, now) else [
                words(say("thanks", lang)), choose.which_need(lang)
            ]  # fmt: skip
    return [choose.amphoes(lang, say("which_amphoe", lang), page if said.data["t"] == "amphoe" else 0)]


def _size(session: Session, place: Registered, people: str) -> None:
    home = session.get(Household, place.household_id, with_for_update=True)
    if home is not None and people.isdecimal() and 1 <= int(people[:3]) <= choose.MOST_ASKED + 1:
        home.people = int(people[:3])


def _need(session: Session, place: Registered, said: Said, lang: str, now: datetime) -> bool:
    """False: nothing (more) is needed."""
    kind = said.data.get("k", "")
    if place.household_id is None or kind not in set(NeedKind):
        return False
    had = needs_by_home(session, [place.household_id]).get(place.household_id, ())
    change_home(
        session, place.household_id, [*had, NeedKind(kind)], lang, LegalBasis.CONSENT, SOURCE, now,
        bangkok(now).date(),
    )  # fmt: skip
    return True


def _meant(
    meant: set[Answer],
    session: Session,
    said: Said,
    place: Registered | None,
    lang: str,
    now: datetime,
    office: Office,
) -> Messages:
    if Answer.NEED_HELP in meant:
        return _help(session, said, place, lang, now, office)
    return [words(say("safe", lang))] if Answer.SAFE in meant else []


def _help(
    session: Session, said: Said, place: Registered | None, lang: str, now: datetime, office: Office
) -> Messages:
    desk: HelpDeskSettings = office.config.help_desk
    if desk.on_duty(now):
        home = place.household_id if place else None
        before = calls_before(session, office.mode, home, office.keyring.fingerprint(said.user))
        return [words(say("queue", lang, roster=desk.roster, nth=before + 1, before=before))]
    head = say("head", lang, place=place_name(place.village_code, lang)) if place else say("any_head", lang)
    return [words(say("nobody_there", lang, head=head))]


def _pictured(
    session: Session,
    place: Registered | None,
    lang: str,
    picture: bytes | None,
    now: datetime,
    office: Office,
) -> Messages:
    """A picture is kept sealed with its village; without a village nobody could go there."""
    if place is None:
        return [words(say("picture_where", lang)), choose.amphoes(lang, say("which_amphoe", lang))]
    if picture is None or kept_lately(session, place.village_code, VIA, now, office) >= MOST_PICTURES:
        return [words(say("picture_lost", lang))]
    try:
        seen = Sighting(event_id="", village=place.village_code, photo=picture)
        keep_photo(session, seen, "resident", VIA, None, now, office)
    except NotAllowed as refused:
        return [words(one_language(str(refused), lang))]
    return [words(say("picture_kept", lang), [(say("help_button", lang), "a=help")])]


def _near(said: Said, place: Registered | None, lang: str, office: Office) -> Messages:
    """Who is in no list yet may have sent the place to be registered."""
    if place is not None or said.lat is None or said.lon is None:
        return []
    tambon = office.areas.at(said.lat, said.lon)
    return [choose.near(tambon, said.lat, said.lon, lang)] if tambon else []
