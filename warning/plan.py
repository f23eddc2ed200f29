"""Before an alert is approved: whom each channel can address, in what time, for how much, and whom it will likely reach.

Pure: counts in, plan out. A prediction is never a count of reached people, and two channels are never added up: their people
overlap by an unknown amount, so the larger counts, as in `warning/cover.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict

from channels.contract import Channel
from channels.line_group import LineGroup

LEAST_WAYS = 2  # of independent live ways a village should have (channels.md, section 0)


class Assumptions(BaseModel):
    """`plan_assumptions.yaml`, with its date and who says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    said_on: date
    source_th: str
    source_en: str
    proof: dict[str, float]  # kind of address -> part that gives proof
    share_of_people: float
    measured_from: int
    tower_alive_hours: float


@cache
def assumptions() -> Assumptions:
    data = files("warning").joinpath("plan_assumptions.yaml").read_text(encoding="utf-8")
    return Assumptions.model_validate(yaml.safe_load(data))


class Place(NamedTuple):
    """What is known of one village before a send."""

    code: str
    people: int  # registered, or the estimate where that is more
    addressed: Mapping[str, int]  # kind -> residents' addresses in use
    contact_people: int  # different contacts with a telephone
    tower_alive: bool


class Measured(NamedTuple):
    """Of one channel's past deliveries: how many, and how many with proof."""

    sent: int
    proved: int


@dataclass(frozen=True)
class ChannelLine:
    """One row of the plan. rate: part that gives proof, measured over `past` deliveries, or assumed when `past` is 0."""

    name: str
    needs: str
    live: bool
    people: int
    minutes: float
    baht: Decimal
    rate: float
    past: int
    reach: int
    warning: str


@dataclass(frozen=True)
class ThinVillage:
    """A village with fewer than two independent live ways. ways: tower, contacts, line, sms."""

    code: str
    ways: tuple[str, ...]


@dataclass(frozen=True)
class ChannelPlan:
    lines: tuple[ChannelLine, ...]
    people: int
    reach: int  # likely to give proof: village by village the best channel's
    left: int  # people - reach: for the loudspeaker, the chain and whoever goes
    without_address: int  # at most so many people nobody can write to
    thin: tuple[ThinVillage, ...]
    villages: int


def channel_plan(
    places: Sequence[Place],
    channels: Sequence[Channel],
    measured: Mapping[str, Measured],
    quota_left: Mapping[str, int],
) -> ChannelPlan:
    """channels: those that are on; one that is not `live` (the notebook) is listed and reaches nobody. measured: by the channel's
    name. quota_left: messages the account may still send this month, where that is known."""
    told = assumptions()
    ready = [c for c in channels if c.live and not c.standby_for and not c.last_resort]
    lines = tuple(
        _line(c, places, measured.get(c.name), quota_left.get(c.name)) for c in channels if c.needs != "none"
    )
    best: dict[str, float] = {}
    for line in lines:
        if line.live and line.needs not in ("tower", "line_group"):  # neither is one person's own address
            full = sum(p.addressed.get(line.needs, 0) for p in places)
            part = line.rate * (line.people / full if full else 0)
            best[line.needs] = max(best.get(line.needs, 0), part)
    people = sum(p.people for p in places)
    reach = sum(
        min(p.people, max((int(p.addressed.get(need, 0) * rate) for need, rate in best.items()), default=0))
        for p in places
    )
    addressable = sum(
        min(p.people, max((p.addressed.get(need, 0) for need in best), default=0)) for p in places
    )
    needs = {c.needs for c in ready}
    thin = [
        ThinVillage(p.code, ways)
        for p in places
        if len(ways := ways_of(p, needs, told.share_of_people)) < LEAST_WAYS
    ]
    return ChannelPlan(lines, people, reach, people - reach, people - addressable, tuple(thin), len(places))


def ways_of(place: Place, needs: set[str], share: float) -> tuple[str, ...]:
    """The independent live ways into a village: its loudspeaker, two different contacts who can be rung, enough LINE friends,
    enough mobile numbers. needs: kinds of address for which a live channel is on. A telephone is always there: the relay desk
    rings by hand."""
    ways = ["tower"] if place.tower_alive else []
    if place.contact_people >= 2:
        ways.append("contacts")
    ways += [
        need for need in ("line", "sms")
        if need in needs and place.people and place.addressed.get(need, 0) >= share * place.people
    ]  # fmt: skip
    return tuple(ways)


def _line(channel: Channel, places: Sequence[Place], past: Measured | None, quota: int | None) -> ChannelLine:
    told = assumptions()
    tower = channel.needs == "tower"
    wanted = (
        sum(p.tower_alive for p in places)
        if tower
        else sum(p.addressed.get(channel.needs, 0) for p in places)
    )
    people = wanted if quota is None else min(wanted, quota)
    plan = channel.plan(people)
    if isinstance(channel, LineGroup):
        people = wanted = wanted * channel.members_a_group  # whom it is billed for
    known = past is not None and past.sent >= told.measured_from
    rate = past.proved / past.sent if known and past else told.proof.get(channel.needs, 0.0)
    if not channel.live:
        rate = 0.0
    warning = plan.warning
    if people < wanted:
        warning = f"โควตาเหลือ {people:,} จาก {wanted:,} (quota left for {people:,} of {wanted:,})"
    return ChannelLine(
        channel.name, channel.needs, channel.live, people, plan.minutes, plan.baht, rate, past.sent if known and past else 0,
        int(people * rate), warning,
    )  # fmt: skip
