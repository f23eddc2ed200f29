"""`/ways`: an officer writes down which shelter is open and which road can be passed; the public's pages show it at once."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.thai import thai_sort_key
from warning.accounts.user import UserRole
from warning.safe_ways import Way, say_way, ways_of
from warning.web.paper import form_of, paper
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/ways")
MAY = (UserRole.DUTY_OFFICER, UserRole.APPROVER)


@router.get("")
def show(request: Request, tambon: str = "", saved: str = "") -> Response:
    must(request, *MAY)
    return _page(request, tambon, saved=saved == "yes")


@router.post("")
async def write_down(request: Request) -> Response:
    person, office, form = must(request, *MAY), office_of(request), await form_of(request)
    tambon = form.get("tambon", "")
    try:
        with office.database.session() as session:
            say_way(
                session, office.mode, tambon, form.get("name", ""), form.get("way", ""), form.get("note", ""),
                form.get("said_by", ""), person.id, office.clock.now(),
            )  # fmt: skip
    except NotAllowed as refused:
        return _page(
            request,
            tambon,
            problem=one_language(str(refused), language_of(request)),
            form=dict(form),
            status=422,
        )
    return RedirectResponse(f"/ways?tambon={tambon}&saved=yes", status_code=303)


def _page(
    request: Request,
    tambon: str,
    *,
    saved: bool = False,
    problem: str = "",
    form: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    office, places = office_of(request), gazetteer()
    known = places.tambons.get(tambon)
    said = []
    if known is not None:
        with office.database.session() as session:
            said = ways_of(session, tambon, office.mode, office.clock.now())
    tambons = sorted(places.tambons.values(), key=lambda t: thai_sort_key(t.th))
    return paper(
        request, "ways/ways.html", status=status, tambons=tambons, chosen=tambon if known else "", said=said, ways=list(Way),
        saved=saved, problem=problem, form=form or {},
    )  # fmt: skip
