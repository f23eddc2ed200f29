"""The messages of one segment: each recipient's address opened, and the words made for the channel put in."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Channel, Message
from geo.sealed import Keyring
from warning.alert import Alert
from warning.delivery import Segment
from warning.expand import Row
from warning.office import Office
from warning.speech.sound import heard_in

PLAYED = frozenset(
    {"voice", "tower"}
)  # who needs these addresses plays something: no SMS waits for a sound to be made
READ = ("email", "webhook", "web_push")  # carriers whose reader sits at a screen
PICTURED = ("line", "line_group")
_RECIPIENTS = text(
    "SELECT d.id, a.sealed, d.owner_id FROM delivery d JOIN address a ON a.id = d.address_id "
    "WHERE d.segment_id = :segment AND (d.state IS NULL OR d.state IN ('planned', 'try_later')) ORDER BY d.id"
)
_READS = text(
    "SELECT d.id, a.lang FROM address a JOIN delivery d ON d.id = CAST(:prefix || right(a.id::text, 17) AS uuid) "
    "WHERE a.tambon_code = :tambon AND a.kind = :kind AND a.lang = ANY(:langs)"  # ids: `expand`
)
_CONTACTS = text("SELECT id, role, village_code FROM contact WHERE id = ANY(:ids)")
_TOWERS = text("SELECT id, device_key_sealed, village_code FROM tower WHERE id = ANY(:ids)")


def still_wanted(session: Session, segment: Segment) -> list[Row]:
    """The rows of an expanded segment that have no outcome yet, ordered by id: same key, same body."""
    return [Row(*row) for row in session.execute(_RECIPIENTS, {"segment": segment.id})]


def messages(
    session: Session, rows: Sequence[Row], segment: Segment, alert: Alert, channel: Channel, office: Office
) -> list[Message]:
    """One message a row, in their order."""
    words = _words(alert, channel)
    opened = office.keyring.open
    if segment.audience != "contact":
        data = {
            "alert": str(alert.id),
            "title": alert.words.get("headline_th", ""),
            "body": alert.words.get("line_body", ""),
        }
        if channel.needs in READ:
            data |= _links(alert, office)
        data |= _map(alert, channel, office)
        reads = _reads(session, segment, alert, channel)
        if channel.needs == "web_push":
            return [
                Message(id, opened(sealed), words, "th", data | {"mark": push_mark(id, office.keyring)})
                for id, sealed, _ in rows
            ]
        return [
            Message(id, opened(sealed), alert.words[f"sms_{lang}"], lang, data)
            if (lang := reads.get(id)) else Message(id, opened(sealed), words, "th", data)
            for id, sealed, _ in rows
        ]  # fmt: skip
    owners = [row.owner_id for row in rows if row.owner_id]
    roles: dict[UUID | None, str] = {}
    keys: dict[UUID | None, bytes | None] = {}
    villages: dict[UUID | None, str] = {}
    for owner, role, village in session.execute(_CONTACTS, {"ids": owners}):
        roles[owner], villages[owner] = str(role).lower(), village
    for owner, key, village in session.execute(_TOWERS, {"ids": owners}):
        keys[owner], villages[owner] = key, village
    heard = _heard(session, alert, set(villages.values()), channel, office)
    return [
        Message(
            id=row.id, address=opened(row.sealed), text=words,
            data=_contact_data(row.id, alert, roles.get(row.owner_id, ""), keys.get(row.owner_id), office)
            | _map(alert, channel, office)
            | heard.get(villages.get(row.owner_id, ""), {}),
        )
        for row in rows
    ]  # fmt: skip


def _reads(session: Session, segment: Segment, alert: Alert, channel: Channel) -> dict[UUID, str]:
    """Delivery -> language, of those who read another than Thai and for whom there are words in it. SMS only: what the other
    channels carry stands in Thai and English both."""
    langs = [
        name.removeprefix("sms_") for name in alert.words if name.startswith("sms_") and name != "sms_th"
    ]
    if channel.needs != "sms" or not langs:
        return {}
    about = {
        "prefix": str(segment.id)[:19],
        "tambon": segment.tambon_code,
        "kind": channel.needs.upper(),
        "langs": langs,
    }
    return dict(tuple(row) for row in session.execute(_READS, about))


def _links(alert: Alert, office: Office) -> dict[str, str]:
    """Where the alert and its CAP document stand; empty while the office has no public address. No SMS carries a link."""
    base = str(office.config.office.public_url or "").rstrip("/")
    return {"link": f"{base}/a/{alert.id}", "cap": f"{base}/api/v1/alerts/{alert.id}.cap"} if base else {}


def _map(alert: Alert, channel: Channel, office: Office) -> dict[str, str]:
    """The alert's map and page, for LINE, which fetches pictures by https only."""
    base = str(office.config.office.public_url or "").rstrip("/")
    if channel.needs not in PICTURED or not base.startswith("https://"):
        return {}
    return {"map": f"{base}/a/{alert.id}/map.png", "page": f"{base}/a/{alert.id}"}


def _heard(
    session: Session, alert: Alert, villages: set[str], channel: Channel, office: Office
) -> dict[str, dict[str, str]]:
    """Village -> `sound` (absolute path of a WAV) and `clips` (sha256, by commas) of the alert spoken there.

    Either is absent where an essential clip is missing; the sound alone where it could not be made.
    """
    found: dict[str, dict[str, str]] = {}
    if channel.needs not in PLAYED:
        return found
    made = heard_in(session, alert, office, villages, telephone=channel.needs == "voice")
    for village, (clips, path) in made.items():
        found[village] = {"clips": ",".join(clips)} | ({"sound": str(path)} if path else {})
    return found


def _words(alert: Alert, channel: Channel) -> str:
    return {
        "sms": alert.words.get("sms_th", ""),
        "line": alert.words.get("line_alt_text", ""),
        "line_group": alert.words.get("line_alt_text", ""),
        "tower": alert.words.get("pa_script_th", ""),
    }.get(channel.needs, alert.words.get("line_body", "") or alert.words.get("sms_th", ""))


def _contact_data(
    delivery_id: UUID, alert: Alert, role: str, device_key: bytes | None, office: Office
) -> dict[str, str]:
    data = {
        "alert": str(alert.id), "delivery": str(delivery_id), "role": role or "contact",
        "title": alert.words.get("headline_th", ""), "body": alert.words.get("line_body", ""),
        "script": alert.words.get("pa_script_th", ""), "link": head_link(delivery_id, office),
        "severity": alert.severity,
    }  # fmt: skip
    if device_key:
        data["device_key"] = office.keyring.open(device_key)
    return data


def push_mark(delivery_id: UUID, keyring: Keyring) -> str:
    """What a browser says back to prove that it is the one the notification went to."""
    return keyring.fingerprint(f"push shown {delivery_id}")[:24]


def head_token(delivery_id: UUID, keyring: Keyring) -> str:
    """What stands in a head's link: the delivery and a keyed mark, so that one link opens one page and no other."""
    return f"{delivery_id.hex}{keyring.fingerprint(f'head page {delivery_id}')[:16]}"


def head_link(delivery_id: UUID, office: Office) -> str:
    """The address of a head's page, or nothing when the office has no public address yet."""
    base = office.config.office.public_url
    return f"{str(base).rstrip('/')}/h/{head_token(delivery_id, office.keyring)}" if base else ""


def delivery_of(token: str, keyring: Keyring) -> UUID | None:
    """The delivery a head's link names, or None when the mark is not ours."""
    try:
        delivery_id = UUID(hex=token[:32])
    except ValueError:
        return None
    return delivery_id if head_token(delivery_id, keyring) == token else None
