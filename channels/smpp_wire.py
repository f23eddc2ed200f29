"""One SMPP bind, kept alive: a window, an even rate, a pause when the SMSC asks for one, and the honest fate of each message.

What was written and not answered when the link went is `unknown` and never written again; what was not yet written is. The
carrier's word is final only when every part of a message has one. Times are the loop's, because links live there.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from channels import smpp_pdu as smpp
from channels.contract import ChannelBroken, ReceiptState, TryLater
from channels.smpp_link import Link
from channels.smpp_order import Job, Order, Settings, Written
from channels.smpp_pdu import Command, Status

_SUBMITTED = int(Command.SUBMIT | smpp.RESPONSE)
_BOUND = int(Command.BIND_TRANSCEIVER | smpp.RESPONSE)
_DELIVER, _SUBMIT, _NACK = int(Command.DELIVER), int(Command.SUBMIT), int(Command.GENERIC_NACK)
CATCH_UP_S = 0.1  # of the rate: what a late timer or answer may make good at once
LONGEST_PAUSE_S = 5.0
LONGEST_AWAY_S = 60.0
MOST_TRIES = 5  # of a part at an SMSC that answers with a system error
log = logging.getLogger(__name__)


class SmppWire:
    """`came`: called with each deliver_sm and its sequence; answer it with `acknowledge` when it is stored.
    named: called with the id and the phone of each part taken; gives the id as it is kept."""

    def __init__(
        self,
        settings: Settings,
        came: Callable[[Link, smpp.Pdu], None],
        named: Callable[[str, str], str] = lambda told, _: told,
    ) -> None:
        self.settings, self._came, self._named = settings, came, named
        self.broken = ""  # why the SMSC does not let us in; a person must look
        self.bound = asyncio.Event()
        self._tried = asyncio.Event()
        self._link: Link | None = None
        self._waiting: tuple[deque[tuple[Order, int]], ...] = (deque(), deque())  # urgent first
        self._unanswered: dict[int, Written] = {}
        self._sequence = 0
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._paused_until = 0.0
        self._pause_s = settings.pause_s
        self._away_since = 0.0

    async def submit(self, orders: Sequence[Order]) -> None:
        """Returns when each has its state. Raises TryLater or ChannelBroken when there is no link: nothing was written."""
        if self.broken:
            raise ChannelBroken(self.broken)
        if not self.bound.is_set():
            raise TryLater("no link to the SMSC")
        loop = asyncio.get_running_loop()
        job = Job(len(orders), loop.create_future())
        if not any(self._waiting):
            self._next_at = max(self._next_at, loop.time())  # time nobody used is not made good
        for order in orders:
            order.job = job
            self._waiting[not order.urgent].extend((order, nth) for nth in range(len(order.parts)))
        self._pump()
        try:
            await job.done
        finally:
            for order in orders:
                if order.state is None:  # we were cancelled: it must not go out behind our back
                    order.state = ReceiptState.UNKNOWN

    def acknowledge(self, link: Link, sequence: int) -> None:
        """A deliver_sm is stored. On a link that is gone the SMSC will send it again."""
        if link is self._link:
            link.write(smpp.pdu(Command.DELIVER | smpp.RESPONSE, 0, sequence, b"\0"))

    async def run(self) -> None:
        """Bind, keep alive, bind again, until cancelled."""
        away_s = self.settings.again_s
        while True:
            try:
                if await self._once():
                    away_s = self.settings.again_s
            except (OSError, TimeoutError, ValueError) as error:
                log.warning("no SMPP link: %s", type(error).__name__)
            finally:
                self._gone()
                self._tried.set()
            await asyncio.sleep(away_s * random.uniform(0.8, 1.2))
            away_s = min(LONGEST_AWAY_S, away_s * 2)
            self._too_long_away()

    @property
    def asking(self) -> bool:
        """Is a submit on its way whose answer has not come?"""
        return bool(self._unanswered)

    async def first_try(self, within_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), within_s)

    async def _once(self) -> bool:
        """One link, until it is gone. Was it bound?"""
        s, loop = self.settings, asyncio.get_running_loop()
        async with asyncio.timeout(s.answer_s):
            _, link = await loop.create_connection(
                lambda: Link(self.heard, self._pump), s.host, s.port, ssl=s.tls or None
            )
        self._link = link
        try:
            link.write(
                smpp.pdu(Command.BIND_TRANSCEIVER, 0, self._number(), smpp.bind(s.system_id, s.password, s.system_type))
            )  # fmt: skip
            async with asyncio.timeout(s.answer_s):
                status = await link.bind_status
            if status in smpp.NOT_WELCOME:
                self.broken = f"the SMSC refuses our bind (status {status:#04x})"
                return False
            if status != Status.OK:
                return False
            self.broken = ""
            self.bound.set()
            self._tried.set()
            self._pump()
            await self._keep_alive(link)
            return True
        finally:
            link.close()

    async def _keep_alive(self, link: Link) -> None:
        """Until the link is gone, or silent for longer than it may be."""
        s = self.settings
        tick = min(1.0, s.enquire_s / 4, s.answer_s / 4, s.submit_s / 4)
        asked_at, answered = link.loop.time(), True
        while not link.lost.done():
            await asyncio.wait([link.lost], timeout=tick)
            now = link.loop.time()
            answered = answered or link.heard_at >= asked_at
            if not answered and now - asked_at > s.answer_s:
                return
            if answered and now - asked_at >= s.enquire_s:
                link.write(smpp.pdu(Command.ENQUIRE_LINK, 0, self._number()))
                asked_at, answered = now, False
            for sequence in [n for n, w in self._unanswered.items() if now - w.at > s.submit_s]:
                self._lost(self._unanswered.pop(sequence), "the SMSC never answered")
            self._pump()

    def heard(self, link: Link, pdu: smpp.Pdu) -> None:
        if pdu.command in (_SUBMITTED, _NACK):
            written = self._unanswered.pop(pdu.sequence, None)
            if written is not None:
                self._answered(written, pdu)
        elif pdu.command == _DELIVER:
            self._came(link, pdu)
        elif pdu.command == Command.ENQUIRE_LINK:
            link.write(smpp.pdu(pdu.command | smpp.RESPONSE, 0, pdu.sequence))
        elif pdu.command == _BOUND and not link.bind_status.done():
            link.bind_status.set_result(pdu.status)
        elif pdu.command == Command.UNBIND:
            link.write(smpp.pdu(pdu.command | smpp.RESPONSE, 0, pdu.sequence))
            link.close()

    def _answered(self, written: Written, pdu: smpp.Pdu) -> None:
        order, nth, _ = written
        if order.state is not None:
            return
        if pdu.status == Status.OK:
            self._pause_s = self.settings.pause_s
            order.ids.append(self._named(smpp.message_id(pdu.body), order.phone))
            order.answered += 1
            if order.answered == len(order.parts):
                self._close(order, ReceiptState.ACCEPTED)
        elif pdu.status in smpp.SLOWER or (pdu.status == Status.SYSTEM_ERROR and order.tries < MOST_TRIES):
            order.tries += pdu.status == Status.SYSTEM_ERROR
            order.written -= 1
            self._waiting[not order.urgent].appendleft((order, nth))
            self._pause()
        elif pdu.status == Status.NOT_BOUND and self._link is not None:
            order.written -= 1
            self._waiting[not order.urgent].appendleft((order, nth))
            self._link.close()
        elif pdu.status == Status.SYSTEM_ERROR and order.written == 1:
            self._close(order, ReceiptState.TRY_LATER, "the SMSC is unwell")
        elif pdu.status == Status.BAD_DESTINATION:
            self._close(order, ReceiptState.REFUSED, "not a mobile number")
        else:
            which = f"part {nth + 1} of {len(order.parts)}: " if len(order.parts) > 1 else ""
            self._close(order, ReceiptState.FAILED, f"{which}the SMSC refused it (status {pdu.status:#04x})")

    def _pause(self) -> None:
        """Of the whole bind: the others of the window were written before it was asked for."""
        now = asyncio.get_running_loop().time()
        if now >= self._paused_until:
            self._paused_until = now + self._pause_s * random.uniform(0.8, 1.2)
            self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
            self._next_at = max(self._next_at, self._paused_until)

    def _pump(self) -> None:
        """Write what window, rate and pause allow; come again by a timer or by the next answer."""
        link = self._link
        if link is None or not self.bound.is_set() or link.full:
            return
        now, rate, room = (
            link.loop.time(),
            self.settings.rate_per_s,
            self.settings.window - len(self._unanswered),
        )
        if now < self._paused_until:
            self._again_at(self._paused_until)
            return
        out: list[bytes] = []
        while room > 0 and (queue := self._waiting[0] or self._waiting[1]):
            order, nth = queue[0]
            if order.state is None and not order.written and order.until <= now:
                self._close(order, ReceiptState.EXPIRED, "past its time")
            if order.state is not None:
                queue.popleft()
                continue
            if rate:
                if now < self._next_at:
                    self._again_at(self._next_at)
                    break
                self._next_at = max(self._next_at, now - CATCH_UP_S) + 1 / rate
            queue.popleft()
            number = self._number()
            self._unanswered[number] = Written(order, nth, now)
            order.written += 1
            out.append(smpp.pdu(_SUBMIT, 0, number, order.parts[nth]))
            room -= 1
        if out:
            link.write(b"".join(out))

    def _again_at(self, at: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(at, self._timed)

    def _timed(self) -> None:
        self._timer = None
        self._pump()

    def _gone(self) -> None:
        """The link is lost: what was written on it is unknown, what was not begun is for the ledger to try later."""
        self.bound.clear()
        self._link = None
        unanswered, self._unanswered = self._unanswered, {}
        for written in unanswered.values():
            self._lost(written, "the link was lost before the answer")
        for queue in self._waiting:
            for order, _ in queue:
                if order.state is None and not order.written:
                    self._close(order, ReceiptState.TRY_LATER, "the link was lost before it was sent")
            left = [(order, nth) for order, nth in queue if order.state is None]
            queue.clear()
            queue.extend(left)
        self._away_since = asyncio.get_running_loop().time()

    def _too_long_away(self) -> None:
        if asyncio.get_running_loop().time() - self._away_since < self.settings.patience_s:
            return
        for queue in self._waiting:
            for order, _ in queue:
                if order.state is None:
                    self._close(order, ReceiptState.UNKNOWN, "sent in part, then the link was lost")
            queue.clear()

    def _lost(self, written: Written, why: str) -> None:
        if written.order.state is None:
            self._close(written.order, ReceiptState.UNKNOWN, why)

    def _close(self, order: Order, state: ReceiptState, why: str = "") -> None:
        order.state, order.why = state, why
        if order.job is not None:
            order.job.left -= 1
            if not order.job.left and not order.job.done.done():
                order.job.done.set_result(None)

    def _number(self) -> int:
        self._sequence = self._sequence % smpp.LAST_SEQUENCE + 1
        return self._sequence
