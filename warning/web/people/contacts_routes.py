"""Village contacts: the gaps first, numbers masked; one village opened is a look that is recorded.

Whoever rings a contact in October presses *verified today*; a wrong number is mended where it was found out.
"""

from collections import Counter
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import update
from sqlmodel import col

from geo.contacts_due import Gap, last_october, village_contacts
from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.people import Address, AddressKind, Contact
from geo.when import bangkok
from warning.audit import record
from warning.contact_found import SLOT_OF, Found, save_contact
from warning.engine.app import defer
from warning.web.areas import amphoes
from warning.web.paper import form_of, paper
from warning.web.people.form import MAY
from warning.web.people.places import by_tambon, found, seen
from warning.web.relay.desk_view import contacts_of
from warning.web.render import language_of, must, office_of
from warning.words.one_language import one_language

router = APIRouter(prefix="/people")
MOST_VILLAGES = 60  # on one page: about a telephone's patience


@router.get("")
def index(request: Request) -> Response:
    must(request)
    return paper(request, "people/index.html")


@router.get("/contacts")
def contacts(request: Request, q: str = "", amphoe: str = "", gap: str = "") -> Response:
    person, office = must(request, *MAY), office_of(request)
    now, asked = office.clock.now(), found(q, amphoe)
    wanted = gap if gap in set(Gap) else ""
    with office.database.session() as session:
        mine = [code for code in gazetteer().villages if person.sees(code)]
        villages = village_contacts(session, now, mine)
        counts = Counter(g for village in villages for g in village.gaps)
        chosen = [v for v in villages if asked.holds(v.code) and (not wanted or Gap(wanted) in v.gaps)]
        shown = chosen[:MOST_VILLAGES]
        people = contacts_of(session, [v.code for v in shown], office.keyring, opened=False)
    gaps = [v for v in shown if v.gaps]
    return paper(
        request, "people/contacts.html", total=len(villages), counts=counts, gaps=by_tambon(gaps), wanted=wanted,
        fine=by_tambon([v for v in shown if not v.gaps]), people=people, asked=asked, more=len(chosen) - len(shown),
        since=last_october(now), amphoes=amphoe_choices(seen(person, gazetteer().amphoes)), kinds=list(Gap),
    )  # fmt: skip


@router.get("/contacts/{village}")
def masked_village(request: Request, village: str, done: str = "") -> Response:
    return _village(request, village, opened=False, done=done if done in ("verified", "saved") else "")


@router.post("/contacts/{village}/open")
async def opened_village(request: Request, village: str) -> Response:
    await form_of(request)
    return _village(request, village, opened=True)


@router.post("/contacts/{village}/verified/{contact_id}")
async def verified(request: Request, village: str, contact_id: UUID) -> Response:
    """An officer rang, and it was this person."""
    await form_of(request)
    person, office = must(request, *MAY), office_of(request)
    _must_see(request, village)
    now = office.clock.now()
    today = bangkok(now).date()
    with office.database.session() as session:
        contact = session.get(Contact, contact_id)
        if contact is None or contact.village_code != village:
            raise NotAllowed("ไม่มีผู้ติดต่อนี้แล้ว (this contact is no longer here)")
        contact.verified_on, contact.changed_at = today, now
        session.execute(
            update(Address)
            .where(
                col(Address.owner_id) == contact_id, col(Address.kind) == AddressKind.SMS, col(Address.active)
            )
            .values(verified_on=today)
        )
        record(session, "contact.verified", "contact", contact_id, {"village": village}, now, str(person.id))
    return RedirectResponse(f"/people/contacts/{village}?done=verified", status_code=303)


@router.post("/contacts/{village}")
async def saved(request: Request, village: str) -> Response:
    """Another person or number in a role; an alert in force goes to the number at once."""
    person, office, form = must(request, *MAY), office_of(request), await form_of(request)
    _must_see(request, village)
    slot = SLOT_OF.get(form.get("slot", ""))
    try:
        if slot is None:
            raise NotAllowed("เลือกตำแหน่ง (choose the role)")
        given = Found(slot, form.get("name", ""), form.get("phone", ""))
        with office.database.session() as session:
            defer(session, save_contact(session, village, given, person.id, office.clock.now(), office))
    except NotAllowed as wrong:
        return _village(
            request, village, opened=False, problem=one_language(str(wrong), language_of(request))
        )
    return RedirectResponse(f"/people/contacts/{village}?done=saved", status_code=303)


def _must_see(request: Request, village: str) -> None:
    if village not in gazetteer().villages or not must(request, *MAY).sees(village):
        raise NotAllowed("หมู่บ้านนี้ไม่อยู่ในพื้นที่ของท่าน (this village is not in your area)")


def _village(request: Request, village: str, *, opened: bool, done: str = "", problem: str = "") -> Response:
    person, office = must(request, *MAY), office_of(request)
    _must_see(request, village)
    now = office.clock.now()
    with office.database.session() as session:
        (line,) = village_contacts(session, now, [village])
        people = contacts_of(session, [village], office.keyring, opened=opened).get(village, [])
        if opened and people:
            data = {"contacts": len(people)}
            record(session, "contacts.shown", "village", village, data, now, str(person.id))
    return paper(
        request, "people/contact_village.html", status=422 if problem else 200, line=line, people=people,
        opened=opened, done=done, problem=problem, slots=tuple(SLOT_OF), since=last_october(now),
    )  # fmt: skip


def amphoe_choices(codes: list[str]) -> list[tuple[str, str, str]]:
    """(code, Thai, English) of amphoe."""
    return [(a.code, a.th, a.en) for a, _ in amphoes() if a.code in codes]
