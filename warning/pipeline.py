"""The line, on one page. Read this first.

    Payload -> Observation -> HazardAssessment -> Alert -> Segment, Delivery -> Receipt -> Coverage -> Mission

A step is `step(session, work, now, office) -> list[Next]`: it reads what the step before recorded, records what is new, and
its rows and the wake-ups of the next step commit together. Two steps go outside, to a feed and to a carrier: they are
cut in three, so that no session is held while the world takes its time. What nobody was woken up for is found by the sweep
(`warning/sweep.py`). The row is the truth; a job is only the bell.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar

import requests
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlmodel import Session

from channels.contract import Receipt
from sources.cap_feed import CapFeed
from sources.contract import Payload, Source, SourceChanged, SourceUnavailable
from sources.reading import locate
from warning import (
    address,
    assess,
    chain_turn,
    claim,
    cover,
    deliver,
    failing,
    issue,
    observe,
    parts,
    people_forget,
    receive,
    received,
    respond,
    source_state,
    stand_down,
    vulnerable_first,
)
from warning.engine.app import defer
from warning.office import Office
from warning.step import Next
from warning.straight_on import straight_on

Step = Callable[[Session, str, datetime, Office], list[Next]]

STEPS: Mapping[str, Step] = {
    "assess": assess.assess,  # observations, rules -> HazardAssessment
    "draft": issue.draft,  # HazardAssessment -> Alert, waiting for a person unless its rule may send by itself
    "stand_down": stand_down.stand_down,  # danger over or less by readings -> what follows, drafted for a person
    "issue": issue.issue,  # approved Alert -> CAP, number, the end of what it replaces
    "address_contacts": address.address_contacts,  # who can tell a village, first
    "address_vulnerable": vulnerable_first.address_vulnerable,  # homes whose people cannot leave alone
    "address_residents": address.address_residents,  # everybody with an address
    "address_persons": address.address_persons,  # whom no machine can reach
    "cover": cover.cover,  # who was reached and who was not
    "respond": respond.respond,  # silence -> work with a name
    "heard": respond.heard,  # an answer -> water on the map, a rescue, a stopped escalation
    "ring": chain_turn.ring,  # who is next in each village -> a call, as many as the trunk has lines
    "chain": chain_turn.chain,  # a call without an answer -> the next try or the next person; an answer -> the end of it
    "expire": issue.expire,  # what is over is closed, never sent late
    "parked": receive.parked,  # a report that came before its number was known -> Receipt
    "forget_payloads": observe.forget_payloads,  # bytes older than the retention
    "forget_people": people_forget.forget_people,  # what strangers wrote, older than the retention
}
OUTSIDE = ("observe", "deliver")  # source tick -> Payload, Observation;  Segment -> Receipt

PATIENCE_FOR_DATABASE_S = 30.0
AWAY = (
    OperationalError,
    InterfaceError,
    InternalError,
    NoneFree,
)  # what waiting can mend: no server, no connection free
CLAIMS_AT_ONCE = 3  # a process; with sixteen at once on two cores the first took five times as long, and all of them no less
_CLAIMING = ThreadPoolExecutor(CLAIMS_AT_ONCE, thread_name_prefix="claim")
Written = TypeVar("Written")
log = logging.getLogger(__name__)


class Onward(NamedTuple):
    """What this worker runs next; of a call, its first segment claimed already."""

    step: str
    work: str
    claimed: claim.Claimed | None = None


async def run_step(office: Office, step: str, work: str, job: int) -> None:
    """Run one step on one piece of work, and straight on what follows from it at once."""
    onward: Onward | None = Onward(step, work)
    while onward is not None:
        step, work, claimed = onward
        onward = None
        for piece in work.split() if step == "deliver" else [work]:
            onward = await _run_one(office, step, piece, job, claimed)
            claimed = None


async def _run_one(
    office: Office, step: str, work: str, job: int, claimed: claim.Claimed | None
) -> Onward | None:
    """The one broad `except` of the program: whatever a step could not do becomes a fault somebody sees, and its row stays
    due for the sweep; other pieces of work go on. Returns what this worker runs next."""
    onward: Onward | None = None
    try:
        if step == "observe":
            onward = await _observe(office, work, job)
        elif step == "deliver":
            await _deliver(office, work, job, claimed)
        elif step in STEPS:
            onward = await asyncio.to_thread(_run_plain, office, step, work, job)
        else:
            raise LookupError(f"no step is called {step}")
    except OperationalError:
        raise  # the database is away: the sweep will find the row again
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        log.exception("step %s failed", step)
        await asyncio.to_thread(failing.failed, office, step, work, error)
        return None
    if failing.named(step, work) in office.faults:
        await asyncio.to_thread(failing.worked, office, step, work)
    return onward


def _run_plain(office: Office, step: str, work: str, job: int) -> Onward | None:
    with office.database.session() as session:
        made = STEPS[step](session, work, office.clock.now(), office)
        return _onward(session, job, made, office)


def _onward(session: Session, job: int, made: Sequence[Next], office: Office) -> Onward | None:
    """Ring for the others; of a first call claim the first segment before they are rung, or all would claim at once and the
    first no sooner than the last. Should that fail, it is claimed as any other, and fails where it is seen."""
    wake_up, others = straight_on(session, job, made)
    if wake_up is None:
        defer(session, others)
        return None
    claimed = None
    if wake_up.step == "deliver":
        session.flush()
        with suppress(Exception), session.begin_nested():
            claimed = claim.claim_ahead(session, wake_up.work.split()[0], job, office.clock.now(), office)
    defer(session, others)
    return Onward(wake_up.step, wake_up.work, claimed)


async def _observe(office: Office, name: str, job: int) -> Onward | None:
    """Ask one source once: fetch with no session held, keep the bytes, read, record, wake the rules."""
    source = next((s for s in office.config.sources if s.name == name and s.on), None)
    if source is None:
        return None
    now = office.clock.now()
    with requests.Session() as http:
        try:
            payload = await asyncio.to_thread(source.fetch, http, now)
        except SourceUnavailable as error:
            await asyncio.to_thread(_source_fault, office, source.name, str(error))
            return None
    return await _patiently(_take_in, office, name, payload, job)


def _source_fault(office: Office, name: str, why: str) -> None:
    source = next(s for s in office.config.sources if s.name == name)
    with office.database.session() as session:
        source_state.note_fault(session, source, why, office.clock.now())


def _take_in(office: Office, name: str, payload: Payload, job: int) -> Onward | None:
    source = next(s for s in office.config.sources if s.name == name)
    now = office.clock.now()
    if payload.not_modified:
        with office.database.session() as session:
            source_state.note_alive(session, source, now)
        return None
    with office.database.session() as session:
        payload_id = observe.keep(session, source, payload)
    try:
        readings = locate(source.read(payload), office.areas.at)
        judged = received.judge_new(source, payload, _kept_of(office, source))
    except SourceChanged as error:
        with office.database.session() as session:
            source_state.note_fault(session, source, str(error), now, payload_id)
        return None
    with office.database.session() as session:
        over = received.take_in(session, source, judged, now)
        readings = received.only_accepted(session, source, readings)
        new = observe.record(session, source, payload_id, readings, now, office.areas.at, office.bound)
        received.end_bulletins(session, over, now)
        if not new:
            return None
        rules = Next("assess", "rules", office.severity_priority("Extreme"))
        return _onward(session, job, [rules], office)


def _kept_of(office: Office, source: Source) -> set[str]:
    """Digests of the CAP messages this source has brought before."""
    if not isinstance(source, CapFeed):
        return set()
    with office.database.session() as session:
        return received.digests(session, source.name)


async def _deliver(office: Office, work: str, job: int, claimed: claim.Claimed | None) -> None:
    """Hand one segment to its carrier: claim, wait for the account's token, send with no session held, write down."""
    if claimed is None:
        claimed = await asyncio.get_running_loop().run_in_executor(_CLAIMING, _claim, office, work, job)
    if claimed is None:
        return
    try:
        if (wait_s := await claim.turn(claimed, partial(_allowance, office), office)) > 0:
            await asyncio.to_thread(_put_back, office, claimed, wait_s)
            return
    except AWAY:  # nothing has been sent: left as it is, it would count as sent with its answer lost
        await _patiently(_put_back, office, claimed, 0.0)
        raise
    except asyncio.CancelledError:  # stopped while it waited for the account: neither has this been sent
        await asyncio.to_thread(_put_back, office, claimed, 0.0)
        raise
    wire = office.wires.get(claimed.channel.name)
    if wire is None:
        outcome: list[Receipt] | Exception = deliver.NotOpenYet("ยังเชื่อมต่อไม่ได้ (not connected yet)")
    else:
        outcome = await deliver.hand_over(claimed, wire, office.clock.now())
        if deliver.complains(outcome):
            office.paid_calls.pop(claimed.channel.name, None)  # such a carrier is asked anew each time
    await _patiently(_write_down, office, claimed, outcome)


def _claim(office: Office, work: str, job: int) -> claim.Claimed | None:
    with office.database.session() as session:
        return claim.claim(session, work, job, office.clock.now(), office)


async def _allowance(office: Office, claimed: claim.Claimed) -> float:
    """0.0 when this call may go out: out of the few calls this process has paid for already, or by a visit to the bucket."""
    name = claimed.channel.name
    cost = claim.calls_of(claimed)
    if claimed.life_safety and office.paid_calls.get(name, 0) >= cost:
        office.paid_calls[name] -= cost
        return 0.0
    wait_s = await asyncio.to_thread(_allowed, office, claimed)
    if wait_s == 0.0:
        office.paid_calls[name] = claim.calls_at_once(claimed) - cost
    return wait_s


def _allowed(office: Office, claimed: claim.Claimed) -> float:
    with office.database.session() as session:
        return claim.allowed(session, claimed)


def _put_back(office: Office, claimed: claim.Claimed, wait_s: float) -> None:
    with office.database.session() as session:
        claim.put_back(session, claimed, wait_s, office.clock.now(), office)


async def _patiently(write: Callable[..., Written], *what: object) -> Written:
    """What must be written is: a database that is away is waited for, so that its return causes no repeat and no gap."""
    waited_s = 0.0
    while True:
        try:
            return await asyncio.to_thread(write, *what)
        except AWAY:
            if waited_s >= PATIENCE_FOR_DATABASE_S:
                raise
            await asyncio.sleep(0.5)
            waited_s += 0.5


def _write_down(office: Office, claimed: claim.Claimed, outcome: list[Receipt] | Exception) -> None:
    now = office.clock.now()
    with office.database.session() as session:
        wake_ups = deliver.write_down(session, claimed, outcome, now, office)
        known = [r.provider_id for r in outcome if r.provider_id] if isinstance(outcome, list) else []
        if known and isinstance(outcome, list):
            receive.match_parked(session, known + parts.keep(session, claimed.channel.name, outcome))
        defer(session, wake_ups)
