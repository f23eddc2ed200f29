"""From facts to words: `compose` writes every text of an alert, each as full as its channel allows.

Order of every text: who says so, what, where, when and until when, what to do, how to check it; only the LINE
altText puts what to do first, because a lock screen shows little more. A text is shortened by leaving out
whole facts, the least needed first, never by cutting: a place name or a number stands whole or not at all.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace

from warning.alert import Mode
from warning.words import phrases, sentences
from warning.words.facts import AlertFacts, Both, Lang, require
from warning.words.places import variants
from warning.words.sizes import cell_broadcast_pages, seconds_aloud, sms_size

HEADLINE_LETTERS = 160  # the usual advice for CAP
SMS_PARTS = 3
EXERCISE_EXTRA = 1  # a part and a page more for the exercise words, so that they push out no fact
CB_PAGES = 5  # of 15 possible
LINE_ALT_LETTERS = 400
LINE_BODY_LETTERS = 5000
PA_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class AlertWords:
    """Every text of one alert. The names are the keys under which `Alert.words` keeps them."""

    event_th: str
    event_en: str
    headline_th: str
    headline_en: str
    description_th: str
    description_en: str
    instruction_th: str
    instruction_en: str
    sms_th: str
    sms_en: str
    line_alt_text: str
    line_body: str
    cb_th: str
    cb_en: str
    pa_script_th: str
    pa_script_en: str

    @classmethod
    def of(cls, words: Mapping[str, str]) -> "AlertWords":
        """Those of `Alert.words` that are written here; a translation beside them is no part of any template."""
        return cls(**{one.name: words[one.name] for one in fields(cls)})

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def compose(facts: AlertFacts) -> AlertWords:
    """All texts of one alert. Pure: the same facts give the same words.

    Times are shown in Bangkok. An exercise has its words in front of and behind each text.
    Raises MissingFact (a NotAllowed) with the name of a blank that must not be empty, NotAllowed for a link
    among the facts, ValueError for a time without a zone.
    """
    require(facts)
    th, en = _texts(facts, "th"), _texts(facts, "en")
    return AlertWords(
        event_th=sentences.named(sentences.event_name(facts).th, _drill(facts), "th"),
        event_en=sentences.named(sentences.event_name(facts).en, _drill(facts), "en"),
        headline_th=th["headline"], headline_en=en["headline"],
        description_th=th["description"], description_en=en["description"],
        instruction_th=th["instruction"], instruction_en=en["instruction"],
        sms_th=th["sms"], sms_en=en["sms"],
        line_alt_text=th["alt"], line_body=_both_bodies(th["body"], en["body"]),
        cb_th=th["cb"], cb_en=en["cb"], pa_script_th=th["pa"], pa_script_en=en["pa"],
    )  # fmt: skip


def draft_mark(facts: AlertFacts) -> Both | None:
    """What stands over a draft of an untested rule: for the person who decides, never in a public text."""
    return phrases.TEXT["untested"] if facts.untested else None


def _drill(facts: AlertFacts) -> bool:
    return facts.mode is Mode.EXERCISE


def _texts(facts: AlertFacts, lang: Lang) -> dict[str, str]:
    written, spoken = variants(facts.places, lang), variants(facts.places, lang, aloud=True)
    # A broadcast reaches past the villages it is meant for, so it names the tambon only.
    by_tambon = variants(tuple(replace(place, villages=()) for place in facts.places), lang)
    extra = EXERCISE_EXTRA if _drill(facts) else 0
    description = _description(facts, lang, written[0])
    instruction = _lines(
        sentences.do(facts, lang, full=True),
        sentences.shelter(facts, lang, full=True),
        sentences.check(facts, lang, "check_full"),
    )

    def frame(text: str) -> str:
        return sentences.framed(text, _drill(facts), lang)

    def frame_lines(text: str) -> str:
        return sentences.framed(text, _drill(facts), lang, between="\n")

    return {
        "headline": _first(
            (
                sentences.named(_headline(facts, lang, where, brief), _drill(facts), lang)
                for where in written
                for brief in (False, True)
            ),
            lambda t: len(t) <= HEADLINE_LETTERS,
        ),
        "description": frame_lines(description),
        "instruction": frame_lines(instruction),
        "body": frame_lines(_lines(description, instruction)),
        "sms": _first(
            map(frame, _short(facts, lang, written)), lambda t: sms_size(t).parts <= SMS_PARTS + extra
        ),
        "cb": _first(
            map(frame, _short(facts, lang, by_tambon)), lambda t: cell_broadcast_pages(t) <= CB_PAGES + extra
        ),
        "alt": _first(
            (frame(_alt(facts, lang, where)) for where in written), lambda t: len(t) <= LINE_ALT_LETTERS
        ),
        "pa": _first(
            (frame_lines(script) for script in _scripts(facts, lang, spoken)),
            lambda t: seconds_aloud(t, lang) <= PA_SECONDS,
        ),
    }


def _first(texts: Iterable[str], fits: Callable[[str], bool]) -> str:
    """The first, so the fullest, text that fits; else the shortest there is, which the budget then marks."""
    shortest: str | None = None
    for text in texts:
        if fits(text):
            return text
        shortest = text if shortest is None or len(text) < len(shortest) else shortest
    if shortest is None:
        raise ValueError("no text to choose from")
    return shortest


def _lines(*pieces: str) -> str:
    return "\n".join(piece for piece in pieces if piece)


def _run(lang: Lang, *pieces: str) -> str:
    """Pieces in one line: Thai separates by spaces, English by full stops."""
    kept = [piece for piece in pieces if piece]
    return " ".join(kept) if lang == "th" else ". ".join(kept) + "."


def _headline(facts: AlertFacts, lang: Lang, where: str, brief: bool = False) -> str:
    brand = sentences.of(facts.issuer.brand, lang)
    return f"{brand}: {_what_where(facts, lang, where, brief=brief)}"


def _what_where(facts: AlertFacts, lang: Lang, where: str, level: bool = True, brief: bool = False) -> str:
    said = sentences.what(facts, lang, level, brief)
    return f"{said} {where}" if lang == "th" else f"{said}, {where}"


def _short(facts: AlertFacts, lang: Lang, places: list[str]) -> Iterable[str]:
    """One-line texts, fullest first: the level's name goes, then villages, the old number, the end
    time, tambon."""
    for where in places:
        kept = ((True, True, False), (False, True, False), (False, True, True), (False, False, True))
        for level, until, brief in kept[:2] if where == places[0] and len(places) > 1 else kept:
            yield _run(
                lang,
                f"{sentences.of(facts.issuer.brand, lang)}: {_what_where(facts, lang, where, level, brief)}",
                sentences.arrival(facts, lang),
                sentences.do(facts, lang),
                sentences.shelter(facts, lang),
                sentences.until(facts, lang) if until else "",
                sentences.check(facts, lang),
            )


def _description(facts: AlertFacts, lang: Lang, where: str) -> str:
    return _lines(
        phrases.TEXT["says"].say(lang, post=sentences.of(facts.issuer.post, lang)),
        _what_where(facts, lang, where),
        sentences.gauge(facts, lang),
        sentences.rain(facts, lang),
        sentences.told(facts, facts.measured, lang),
        sentences.told(facts, facts.quality, lang),
        sentences.told(facts, facts.impact, lang),
        sentences.arrival(facts, lang, sooner=True),
        sentences.stays(facts, lang),
        sentences.until(facts, lang),
    )


def _alt(facts: AlertFacts, lang: Lang, where: str) -> str:
    head = _run(lang, sentences.do(facts, lang), sentences.shelter(facts, lang))
    return _lines(
        head,
        _headline(facts, lang, where),
        _run(lang, sentences.arrival(facts, lang), sentences.until(facts, lang))
        if sentences.until(facts, lang)
        else "",
        sentences.check(facts, lang),
    )


def _both_bodies(th: str, en: str) -> str:
    """LINE has room for both languages; Thai alone when together they would not fit."""
    both = f"{th}\n\n{en}"
    return both if len(both) <= LINE_BODY_LETTERS else th


def _scripts(facts: AlertFacts, lang: Lang, places: list[str]) -> Iterable[str]:
    """To be read aloud, a sentence a line; the full instruction, or the short one where time is lacking."""
    for full, closing in ((True, True), (False, True), (False, False)):
        for where in places:
            said = sentences.what(facts, lang, brief=True)
            at_places = phrases.TEXT["at_places"].say(lang, places=where)
            yield _lines(
                phrases.TEXT["announces"].say(lang, post=sentences.of(facts.issuer.post, lang)),
                f"{said} {at_places}",
                sentences.arrival(facts, lang, aloud=True),
                sentences.do(facts, lang, full=full),
                sentences.shelter(facts, lang, full=True),
                sentences.until(facts, lang, aloud=True) if closing else "",
                sentences.check(facts, lang, "check_aloud"),
            )
