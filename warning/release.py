"""The gate of a rule: it sends by itself only after a hindcast and two people's word, for the version they looked at."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import JSON, Column, DateTime
from sqlmodel import Field as ColumnField
from sqlmodel import Session, SQLModel, select

from geo.errors import NotAllowed
from geo.names import id_for
from warning.accounts.user import User
from warning.alert import Mode
from warning.rule import Rule


class RuleRelease(SQLModel, table=True):
    """Two people released one version of a rule on one card. Followed by the audit trail; never changed."""

    __tablename__ = "rule_release"

    id: UUID = ColumnField(primary_key=True)
    rule: str = ColumnField(index=True)
    version: str  # of the rule as it stood
    card: dict[str, Any] = ColumnField(sa_column=Column(JSON, nullable=False))
    card_sha256: str
    released_by: str  # a user's id
    seconded_by: str
    at: datetime = ColumnField(sa_column=Column(DateTime(timezone=True), nullable=False))


class Card(BaseModel):
    """What a release asks of a hindcast card (`raksa hindcast --save`); whatever else it says is kept with it."""

    model_config = ConfigDict(extra="allow")

    rule: str
    rule_version: str
    events: int = Field(ge=0)
    made_at: AwareDatetime


def read_card(body: bytes) -> Card:
    """Raises NotAllowed for what is no card."""
    try:
        return Card.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise NotAllowed(f"ไม่ใช่ใบผลทดสอบย้อนหลัง (this is no hindcast card: {where} {first['msg']})") from error


def release(session: Session, rule: Rule, card: Card, by: User, second: User, now: datetime) -> RuleRelease:
    """Release a rule as it stands now. The same again changes nothing.

    Raises NotAllowed when the card is of another rule or version or scored no event, and when two different people of the
    office, both active, do not stand behind it.
    """
    if card.rule != rule.name:
        raise NotAllowed(
            f"ใบผลเป็นของกฎ {card.rule} ไม่ใช่ {rule.name} (the card is of rule {card.rule}, not {rule.name})"
        )
    if card.rule_version != rule.version:
        raise NotAllowed(
            f"กฎเปลี่ยนไปแล้วหลังทดสอบ ทดสอบย้อนหลังใหม่ (the card is of version {card.rule_version}, the rule is "
            f"{rule.version} now: run the hindcast again)"
        )
    if card.events < 1:
        raise NotAllowed("ใบผลไม่มีเหตุการณ์แม้แต่ครั้งเดียว (the card has not one event: it proves nothing)")
    if card.made_at > now:
        raise NotAllowed("ใบผลมาจากอนาคต (the card is from the future: is a clock wrong?)")
    if by.id == second.id:
        raise NotAllowed("ต้องเป็นสองคน (two different people must release a rule)")
    for user in (by, second):
        if not user.active:
            raise NotAllowed(f"ผู้ใช้ {user.name} ถูกระงับ (user {user.name} is deactivated)")
    if (known := released_as(session, rule)) is not None:
        return known
    kept = json.loads(card.model_dump_json())
    made = RuleRelease(
        id=id_for("release", rule.name, rule.version), rule=rule.name, version=rule.version, card=kept,
        card_sha256=hashlib.sha256(card.model_dump_json().encode()).hexdigest(), released_by=str(by.id),
        seconded_by=str(second.id), at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def released_as(session: Session, rule: Rule) -> RuleRelease | None:
    """The release of the rule as it stands now; None when there is none, or only of another version."""
    found = select(RuleRelease).where(RuleRelease.rule == rule.name, RuleRelease.version == rule.version)
    return session.exec(found).first()


def may_send(session: Session, rule: Rule, mode: Mode) -> bool:
    """Switched on by the config and released by two people. An exercise reaches nobody: there the config is enough."""
    return rule.released and (mode is Mode.EXERCISE or released_as(session, rule) is not None)


def standing_of(
    rule: Rule, releases: Mapping[tuple[str, str], RuleRelease], names: Mapping[str, str]
) -> tuple[str, str]:
    """Whether a rule may send, and why or why not: Thai and English. releases: by rule and version; names: of users by id."""
    now = releases.get((rule.name, rule.version))
    if now is None:
        changed = any(name == rule.name for name, _ in releases)
        return (
            ("ยังไม่ผ่านการทดสอบ: กฎเปลี่ยนหลังจากปล่อยใช้", "not released: changed since it was")
            if changed
            else ("ยังไม่ผ่านการทดสอบ", "not released: no hindcast card and second person yet")
        )
    who = f"{names.get(now.released_by, now.released_by)} + {names.get(now.seconded_by, now.seconded_by)}"
    if not rule.released:
        return (
            f"ปล่อยใช้แล้วโดย {who} แต่ใน config ยังเป็น released: false",
            f"released by {who}, but config.yaml says released: false",
        )
    return f"ปล่อยใช้แล้วโดย {who}", f"released by {who}"
