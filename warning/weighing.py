"""An alert by rule is weighed by whom it hits: its severity may rise by the impact, and its words say why."""

from sqlmodel import Session

from geo.gazetteer import gazetteer
from warning.alert import Alert
from warning.impact import exposed, judge_impact, worst
from warning.office import Office
from warning.rule import Severity
from warning.silence import ORDER

_FACTS = ("impact_th", "impact_en")


def weigh(session: Session, alert: Alert, hazard: str, office: Office) -> None:
    """Raise a draft's severity where the worst hit of its places calls for it. Twice is once: it starts from `hazard`, the
    CAP severity its rule gives.

    Where impact could raise nothing (`impact.highest` is reached), nobody is counted: a Severe alert does not wait for it.
    """
    settings = office.config.impact
    alert.severity = hazard
    alert.facts = {name: fact for name, fact in alert.facts.items() if name not in _FACTS}
    severity = Severity(hazard)
    if not settings.on or ORDER.index(severity) >= ORDER.index(settings.highest):
        return
    places = exposed(session, alert.tambons, gazetteer())
    hit = worst(judge_impact(alert.event, severity, alert.certainty, place, settings) for place in places)
    if hit is None or not hit.raised:
        return
    tambon = gazetteer().tambon(hit.tambon)
    alert.severity = hit.severity
    alert.facts = alert.facts | {
        "impact_th": f"ต.{tambon.th}: {hit.why.th}", "impact_en": f"{tambon.en}: {hit.why.en}",
    }  # fmt: skip
