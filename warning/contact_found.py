"""A number somebody found by ringing round: saved in the registry as the contact sheet would, and told at once what is in force."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from geo.errors import NotAllowed
from geo.people import Contact
from geo.phone import e164, is_mobile
from geo.roster_import import contact_id, import_contacts
from geo.sheet import NOBODY_WORD, SLOTS, Person, Slot, VillageRow
from geo.when import bangkok
from warning.address import address_found
from warning.audit import record
from warning.office import Office
from warning.step import Next

LONGEST_NAME = 120
SLOT_OF = {slot.key: slot for slot in SLOTS}


@dataclass(frozen=True)
class Found:
    """Who holds a role of a village, as an officer heard it. `phone` as it was said; an empty name: the same person."""

    slot: Slot
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    line_id: str | None = field(default=None, repr=False)


def save_contact(
    session: Session, village: str, found: Found, by: UUID, now: datetime, office: Office
) -> list[Next]:
    """Write the person into the village's slot, verified today by the officer. The number they had before falls silent; so does
    what belonged to somebody else of another name, exactly as in the sheet.

    Returns the wake-ups that send the new number what is in force. Raises NotAllowed, worded for the officer.
    """
    name = " ".join(found.name.split())[:LONGEST_NAME]
    owner = contact_id(village, found.slot)
    if name == NOBODY_WORD or (not name and session.get(Contact, owner) is None):
        raise NotAllowed("ใส่ชื่อผู้ติดต่อ (please give the person's name)")
    phone = _mobile(found.phone) if found.phone.strip() else None
    if phone is None and found.line_id is None:
        raise NotAllowed("ใส่เบอร์มือถือ (please give a mobile number)")
    person = Person(name, phone, found.line_id, bangkok(now).date())
    row = VillageRow(village, {found.slot: person})
    report = import_contacts(session, office.keyring, [row], now, source="relay desk")
    (kind,) = report.counts
    what = [changed for change in report.changes for changed in change.fields]
    data = {"village": village, "slot": found.slot.key, "change": kind.value, "fields": what}
    record(session, "contact.saved", "contact", owner, data, now, str(by))
    return address_found(session, owner, now, office)


def _mobile(written: str) -> str:
    try:
        number = e164(written)
    except ValueError as error:
        thai, _, english = str(error).partition(" / ")
        raise NotAllowed(f"{thai} ({english})") from error
    if not is_mobile(number):
        raise NotAllowed(
            "เบอร์บ้านรับ SMS ไม่ได้ ใส่เบอร์มือถือ (a landline takes no SMS: please give a mobile number)"
        )
    return number
