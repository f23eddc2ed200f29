"""`/translations`: a person's translation of each standing sentence, with who made it; what is lacking is listed beside it."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from warning.accounts.user import UserRole
from warning.translation import BLANKS, TRANSLATED, in_force, put, sayings
from warning.web.paper import form_of, paper
from warning.web.render import language_of, must, office_of
from warning.words import phrases
from warning.words.facts import Kind
from warning.words.one_language import one_language

router = APIRouter(prefix="/translations")
MAY = (UserRole.DUTY_OFFICER, UserRole.APPROVER)


@router.get("")
def show(request: Request, saved: str = "") -> Response:
    must(request, *MAY)
    return _page(request, saved=saved == "yes")


@router.post("")
async def write_down(request: Request) -> Response:
    person, office, form = must(request, *MAY), office_of(request), await form_of(request)
    event, _, says = form.get("of", "").partition("/")
    try:
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            put(
                session, event, says, form.get("lang", ""), form.get("words", ""), form.get("translator", ""),
                _day(form.get("translated_on", "")), person.id, office.clock.now(),
            )  # fmt: skip
    except NotAllowed as refused:
        problem = one_language(str(refused), language_of(request))
        return _page(request, problem=problem, form=dict(form), status=422)
    return RedirectResponse("/translations?saved=yes", status_code=303)


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise NotAllowed("ใส่วันที่แปล (give the day of the translation)") from None


def _page(
    request: Request,
    *,
    saved: bool = False,
    problem: str = "",
    form: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    with office_of(request).database.session() as session:
        kept = {(one.event, one.says, one.lang): one for one in in_force(session)}
    return paper(
        request, "translations/translations.html", status=status, sayings=sayings(), said=_said, langs=TRANSLATED, kept_of=kept,
        blanks=BLANKS, saved=saved, problem=problem, form=form or {},
    )  # fmt: skip


def _said(says: str, lang: str) -> str:
    """What Thai or English says in its place: the text a translator starts from."""
    both = phrases.ENDINGS_FULL[Kind(says)] if says in set(Kind) else phrases.INSTRUCTIONS[says]
    return both.th if lang == "th" else both.en
