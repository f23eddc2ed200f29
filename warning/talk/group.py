"""The account in a village's LINE group: it asks whose group this is, and is silent otherwise."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from channels.line_group_events import GroupEvent
from channels.line_talk import words
from geo.gazetteer import gazetteer
from geo.line_groups import bind, unbind
from warning.office import Office
from warning.talk.choose import place_name
from warning.talk.words import LANGUAGES, say


def answer_group(session: Session, event: GroupEvent, now: datetime, office: Office) -> list[dict[str, Any]]:
    """What to say in the group, in both languages; [] for nothing. A code of somebody who is no contact is not answered:
    eight digits may be anything people write to each other."""
    match event.kind:
        case "join":
            return [words("\n".join(say("which_group", lang) for lang in LANGUAGES))]
        case "leave":
            unbind(session, office.keyring, event.group)
        case "code" if event.user and event.code in gazetteer().villages:
            if bind(session, office.keyring, event.group, event.code, event.user, now):
                told = (say("group_bound", lang, place=place_name(event.code, lang)) for lang in LANGUAGES)
                return [words("\n".join(told))]
    return []
