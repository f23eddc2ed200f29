"""What the office keeps of the account that asks, and wiping it: the account is the proof of who asks."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from channels.line_talk import words
from geo.errors import NotAllowed
from warning.office import Office
from warning.people_person import Kept, erase, export, kept_of_line, looked
from warning.talk.choose import data, place_name
from warning.talk.words import say
from warning.words.one_language import one_language

BY = "line"  # who asked, in the trail: the person, from their own account


def told(session: Session, user: str, lang: str, now: datetime, office: Office) -> dict[str, Any]:
    """In plain words; the look is in the trail."""
    kept = kept_of_line(session, office.keyring, user)
    if refused := _refused(kept, lang, office):
        return refused
    all_of_it = export(session, office.keyring, kept)
    looked(session, kept, "person.shown", BY, now)
    needs = {need for home in all_of_it["households"] for need in home["help_needed"]}
    return words(say(
        "kept", lang, place=", ".join(place_name(h.village_code, lang) for h in kept.homes) or "–",
        people=sum(h.people for h in kept.homes), needs=", ".join(say(n, lang) for n in sorted(needs)) or say("no_needs", lang),
        answers=len(kept.replies), sent=len(all_of_it["alerts_sent"]), phone=office.config.office.phone,
    ))  # fmt: skip


def asked_to_erase(session: Session, user: str, lang: str, office: Office) -> dict[str, Any]:
    """Nothing is wiped by a word alone: a button follows."""
    kept = kept_of_line(session, office.keyring, user)
    return _refused(kept, lang, office) or words(
        say("erase_sure", lang), [(say("erase_do", lang), data("erase", lang))]
    )


def wiped(session: Session, user: str, lang: str, now: datetime, office: Office) -> dict[str, Any]:
    """Twice is once. Whoever waits for help is not wiped."""
    kept = kept_of_line(session, office.keyring, user)
    if refused := _refused(kept, lang, office):
        return refused
    session.info["actor"] = BY
    try:
        erase(session, office.keyring, kept, BY, now)
    except NotAllowed as waits:
        return words(one_language(str(waits), lang))
    return words(say("erased", lang))


def _refused(kept: Kept, lang: str, office: Office) -> dict[str, Any] | None:
    """A head's account may be all a village has: the office ends that, with somebody else found first."""
    if kept.contacts or kept.institutions or kept.residents:
        return words(say("kept_by_office", lang, phone=office.config.office.phone))
    return words(say("kept_nothing", lang)) if kept.nothing else None
