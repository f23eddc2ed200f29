"""What an alert says in a third language: a person's translation of one standing sentence, never a machine's.

For each event and each thing people are told to do the office keeps one text a language, with blanks for what changes. Who
translated it and on which day stands beside it. Texts are added, never changed: a newer one ends the one before. Nothing comes
with the system: nobody is to be told where to run in words that no one who speaks them has read.
"""

import re
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from geo.errors import NotAllowed
from geo.people import Language
from geo.when import bangkok
from warning.alert import Alert, Mode
from warning.audit import record
from warning.words import phrases, sentences
from warning.words.facts import ENDING, AlertFacts, Kind
from warning.words.places import variants
from warning.words.sizes import sms_size

TRANSLATED = (Language.BURMESE, Language.MALAY)  # Thai and English are written by `warning.words`
BLANKS = ("place", "until", "phone", "number")
NEEDED = ("place", "phone")  # where, and whom to ask
MOST_PARTS = 4  # of an SMS, with every blank filled: other scripts need more room than Thai
MOST_LETTERS = 600
_BLANK = re.compile(r"\{([^{}]*)\}")
_THAI = re.compile(r"[\u0e00-\u0e7f]")


class Translation(SQLModel, table=True):
    """One text in one language. `says`: an instruction of `words.phrases`, or the kind of ending (all_clear, cancel, correction)."""

    __table_args__ = (
        Index(
            "translation_in_force",
            "event",
            "says",
            "lang",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    event: str
    says: str
    lang: str  # geo.people.Language
    words: str
    translator: str  # as they sign: a name or an office
    translated_on: date
    entered_by: str  # a user's id
    entered_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


def sayings() -> list[tuple[str, str]]:
    """Every (event, says) an alert can have, in the order of `phrases`."""
    found = []
    for event in phrases.EVENTS:
        if event != phrases.TEST:
            own = [says for (of, _), says in phrases.BY_EVENT.items() if of == event]
            usual = [phrases.BY_EVENT.get((event, to), says) for to, says in phrases.DEFAULTS.items()]
            found += [
                (event, says)
                for says in dict.fromkeys([*own, *usual, *(k.value for k in Kind if k in ENDING)])
            ]
    return found


def says_of(facts: AlertFacts) -> str:
    """Raises MissingFact where nobody has chosen what people are to do."""
    return facts.kind.value if facts.kind in ENDING else sentences.instruction_id(facts)


def put(
    session: Session, event: str, says: str, lang: str, words: str, translator: str, translated_on: date, by: UUID, now: datetime
) -> Translation:  # fmt: skip
    """Take a translation down; the one before it ends. Raises NotAllowed, worded for the officer."""
    said, signed = words.strip(), " ".join(translator.split())
    _check(event, says, lang, said, signed, translated_on, now)
    session.execute(
        text(
            "UPDATE translation SET ended_at = :now WHERE event = :event AND says = :says AND lang = :lang AND ended_at IS NULL"
        ),
        {"now": now, "event": event, "says": says, "lang": lang},
    )
    row = Translation(
        id=uuid4(), event=event, says=says, lang=lang, words=said, translator=signed, translated_on=translated_on,
        entered_by=str(by), entered_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(
        session, "translation.put", "translation", row.id, {"event": event, "says": says, "lang": lang}, now
    )
    return row


def _check(
    event: str, says: str, lang: str, words: str, translator: str, translated_on: date, now: datetime
) -> None:
    if (event, says) not in sayings():
        raise NotAllowed("เลือกเหตุและคำแนะนำ (choose the event and what people are told to do)")
    if lang not in TRANSLATED:
        raise NotAllowed("เลือกภาษา (choose the language)")
    if not translator or not words:
        raise NotAllowed("ใส่ข้อความและชื่อผู้แปล (give the text and who translated it)")
    if translated_on > bangkok(now).date():
        raise NotAllowed("วันที่แปลอยู่ในอนาคต (the day of the translation is in the future)")
    blanks = _BLANK.findall(words)
    strange = [blank for blank in blanks if blank not in BLANKS]
    lacking = [blank for blank in NEEDED if blank not in blanks]
    if strange or words.count("{") != len(blanks) or words.count("}") != len(blanks):
        known = " ".join(f"{{{blank}}}" for blank in BLANKS)
        raise NotAllowed(f"ช่องว่างที่ใช้ได้มีเพียง {known} (the only blanks are {known})")
    if lacking:
        named = " ".join(f"{{{blank}}}" for blank in lacking)
        raise NotAllowed(f"ต้องมีช่อง {named} (the blank {named} must be there)")
    if _THAI.search(words):
        raise NotAllowed("ข้อความยังมีอักษรไทย (there are Thai letters in the text)")
    if len(words) > MOST_LETTERS:
        raise NotAllowed(f"ยาวเกิน {MOST_LETTERS} ตัวอักษร (more than {MOST_LETTERS} letters)")


def in_force(session: Session) -> list[Translation]:
    """What would be sent now, by event, saying and language."""
    found = session.exec(select(Translation).where(col(Translation.ended_at).is_(None)))
    return sorted(found, key=lambda one: (one.event, one.says, one.lang))


def in_other_languages(session: Session, facts: AlertFacts) -> dict[str, str]:
    """The texts of one alert in every language somebody has translated it into: `sms_my`, `sms_ms`."""
    found = session.execute(
        text(
            "SELECT lang, words FROM translation WHERE event = :event AND says = :says AND ended_at IS NULL"
        ),
        {"event": facts.event, "says": says_of(facts)},
    ).all()
    return {f"sms_{lang}": filled(words, facts) for lang, words in sorted(tuple(row) for row in found)}


def filled(words: str, facts: AlertFacts) -> str:
    """Places in English letters, shortened by whole names; the hour and day in figures, Bangkok. An exercise says so around it."""
    ends = bangkok(facts.expires)
    always = {
        "until": f"{ends:%H:%M} {ends.day}/{ends.month}", "phone": facts.phone,
        "number": sentences.number_text(facts.number, "en"),
    }  # fmt: skip

    def at(where: str) -> str:
        blanks = always | {"place": where}
        said = _BLANK.sub(lambda blank: blanks[blank[1]], words)
        return sentences.framed(said, facts.mode is Mode.EXERCISE, "en")

    tried = [at(where) for where in variants(facts.places, "en")]
    return next((said for said in tried if sms_size(said).parts <= MOST_PARTS), tried[-1])


_READERS = text(
    "SELECT lang, count(DISTINCT household_id) FROM address WHERE lang = ANY(:langs) AND active AND audience = 'RESIDENT' "
    "AND tambon_code = ANY(:tambons) AND (:whole OR village_code = ANY(:villages)) GROUP BY lang ORDER BY lang"
)


def unread(session: Session, alert: Alert) -> dict[str, int]:
    """Language -> how many homes of the alert's places read it and will get Thai, because nobody has translated these words."""
    lacking = [lang.value for lang in TRANSLATED if f"sms_{lang.value}" not in alert.words]
    about = {
        "langs": lacking,
        "tambons": alert.tambons,
        "whole": not alert.villages,
        "villages": alert.villages,
    }
    return dict(tuple(row) for row in session.execute(_READERS, about))
