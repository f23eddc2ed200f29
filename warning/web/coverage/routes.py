"""Who was reached by one alert: the page, and the same as PDF, XLSX and JSON. Counts only, nobody's name."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from geo.errors import NotAllowed
from geo.when import english_text, thai_text
from warning.accounts.user import UserRole
from warning.alert import Alert, AlertState
from warning.coverage_report import Report, as_json, report
from warning.web.catalogue import say
from warning.web.console.names import headline, tambon_name, village_name
from warning.web.coverage.curve import curve
from warning.web.coverage.exports import as_pdf, as_xlsx
from warning.web.coverage.words import FIELDS, best_words, goes_words, share_words, ways
from warning.web.render import language_of, must, office_of, render

router = APIRouter()
MAY_LOOK = (UserRole.DUTY_OFFICER, UserRole.APPROVER, UserRole.RELIEF_OFFICER)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/alerts/{alert_id}/coverage")
def look(request: Request, alert_id: UUID) -> Response:
    found = _report(request, alert_id)
    lang, now = language_of(request), office_of(request).clock.now()
    ended = found.alert.state is not AlertState.ISSUED and bool(found.curve)
    drawn = curve(
        found.curve, found.curve[-1].at if ended else now, _sentence(found, lang), say(lang, "cov_homes")
    )
    return render(
        request, "coverage/page.html", report=found, alert=found.alert, headline=headline(found.alert, lang), curve=drawn,
        tambon=lambda code: tambon_name(code, lang), village=lambda code: village_name(code, lang), fields=FIELDS,
        ways=lambda heard: ways(heard, lang), best=lambda word: best_words(word, lang),
        goes=lambda goes, n: goes_words(goes, n, lang), share=share_words(found.numbers, lang), sentence=_sentence(found, lang),
        moment=thai_text if lang == "th" else english_text,
    )  # fmt: skip


@router.get("/alerts/{alert_id}/coverage.json")
def data(request: Request, alert_id: UUID) -> Response:
    return JSONResponse(as_json(_report(request, alert_id)), headers={"Cache-Control": "no-store"})


@router.get("/alerts/{alert_id}/coverage.xlsx")
def sheet(request: Request, alert_id: UUID) -> Response:
    found = _report(request, alert_id)
    made = as_xlsx(found, language_of(request))
    return Response(made, media_type=_XLSX, headers=_named(alert_id, "xlsx", "attachment"))


@router.get("/alerts/{alert_id}/coverage.pdf")
def pdf(request: Request, alert_id: UUID) -> Response:
    found, office, lang = _report(request, alert_id), office_of(request), language_of(request)
    told = office.config.office
    made = as_pdf(found, lang, told.name_th if lang == "th" else told.name_en, office.clock.now())
    return Response(made, media_type="application/pdf", headers=_named(alert_id, "pdf", "inline"))


def issued(session: Session, request: Request, alert_id: UUID) -> Alert:
    """An alert of this office that has gone out. Raises NotAllowed."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.issued_at is None or alert.mode is not office_of(request).mode:
        raise NotAllowed("ยังไม่มีการเตือนนี้ที่ส่งแล้ว (no such alert has gone out)")
    return alert


def _report(request: Request, alert_id: UUID) -> Report:
    must(request, *MAY_LOOK)
    with office_of(request).database.session() as session:
        return report(session, issued(session, request, alert_id))


def _sentence(found: Report, lang: str) -> str:
    n = found.numbers
    return say(
        lang, "cov_sum", reached=f"{n.reached:,}", accepted=f"{n.accepted:,}", silent=f"{n.silent:,}", homes=f"{n.homes:,}",
        share=share_words(n, lang),
    )  # fmt: skip


def _named(alert_id: UUID, ending: str, how: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'{how}; filename="coverage-{alert_id.hex[:8]}.{ending}"',
        "Cache-Control": "no-store",
    }
