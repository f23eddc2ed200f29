"""How the water is at one place, in a few lines: what is measured, when, and what nobody knows."""

from datetime import datetime

from sqlmodel import Session

from geo.gazetteer import gazetteer
from geo.when import english_text, thai_text
from warning.office import Office
from warning.talk.choose import place_name
from warning.talk.words import say
from warning.web.public.gauge_view import GaugeLine
from warning.web.public.place_view import place_now

MOST_GAUGES = 3


def water_now(session: Session, code: str, lang: str, now: datetime, office: Office) -> str:
    """code: a village or tambon. now: aware UTC. Raises UnknownPlace."""
    place = place_now(session, code, office.mode, now)
    when = thai_text if lang == "th" else english_text
    lines = [say("now_at", lang, place=place_name(code, lang), at=when(now))]
    if place.alert is not None:
        told = place.alert.words.get(f"headline_{lang}") or place.alert.words.get("headline_th", "")
        lines.append(say("warned", lang, headline=told, number=place.alert.number))
    else:
        lines.append(say("not_warned", lang))
    lines += [_line(gauge, lang) for gauge in place.gauges[:MOST_GAUGES]] or [say("no_gauge", lang)]
    if place.upstream_only:
        lines.append(say("upstream", lang))
    base = office.config.office.public_url
    if base:
        lines.append(f"{str(base).rstrip('/')}/now/{code}")
    return "\n".join(lines)


def _line(gauge: GaugeLine, lang: str) -> str:
    known = gazetteer().gauge(gauge.code)
    name = known.th if lang == "th" else known.en or known.th
    at = (thai_text if lang == "th" else english_text)(gauge.observed_at)
    if gauge.silent:
        return say("silent", lang, gauge=name, at=at)
    below = gauge.below_bank_m
    told = say(
        gauge.word, lang, gauge=name, at=at, m=f"{abs(below or 0):.2f}", value=f"{gauge.value_m:.2f}",
        trend=say(gauge.trend, lang),
    )  # fmt: skip
    return told + (say("doubted", lang) if gauge.doubted else "")
