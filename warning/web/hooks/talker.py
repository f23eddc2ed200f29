"""Answers those who write to the office's LINE account, beside the webhook: LINE is answered first and waits for no conversation."""

import asyncio
import logging

import aiohttp
from starlette.concurrency import run_in_threadpool

from channels import line_group_events
from channels.contract import Channel
from channels.line import Line
from channels.line_group_events import GroupEvent
from channels.line_picture import picture
from channels.line_talk import Said, heard, talk
from teams.response.village_photo import MOST_BYTES
from warning.alert import Mode
from warning.office import Office
from warning.talk.answer import Messages, answer
from warning.talk.group import answer_group

MOST_AT_ONCE = (
    200  # conversations; in a flood of answers to an alert the later ones are stored and not thanked
)
LOG = logging.getLogger(__name__)


class Talker:
    """Of one process. What fails is told in the log without a word of what was said."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._talking: set[asyncio.Task[None]] = set()

    def about(self, channel: Channel, body: bytes) -> None:
        """Begin to answer what a checked webhook brought. Never raises, never waits."""
        if not isinstance(channel, Line) or (self._office.mode is Mode.EXERCISE and not channel.simulated):
            return  # an exercise speaks to nobody
        said: list[Said | GroupEvent] = [*heard(body), *line_group_events.heard(body)]
        if said and len(self._talking) < MOST_AT_ONCE:
            task = asyncio.create_task(self._answer(channel, said))
            self._talking.add(task)
            task.add_done_callback(self._talking.discard)

    async def _answer(self, line: Line, said: list[Said | GroupEvent]) -> None:
        async with aiohttp.ClientSession() as wire:
            for one in said:
                try:
                    sent = await self._sent(wire, line, one)
                    messages = await run_in_threadpool(self._composed, one, sent)
                    if messages and one.reply_token:
                        token = line.token.get_secret_value()
                        await talk(wire, line.base_url, token, one.reply_token, messages)
                except Exception as error:  # one that cannot be answered keeps nobody else waiting
                    LOG.warning("a conversation was not answered: %s", type(error).__name__)

    async def _sent(self, wire: aiohttp.ClientSession, line: Line, said: Said | GroupEvent) -> bytes | None:
        """The picture one person sent. What is sent in a group is not fetched."""
        if not isinstance(said, Said) or said.kind != "picture":
            return None
        token = line.token.get_secret_value()
        return await picture(wire, line.base_url, token, said.text, most_bytes=MOST_BYTES)

    def _composed(self, said: Said | GroupEvent, sent: bytes | None = None) -> Messages:
        with self._office.database.session() as session:
            now = self._office.clock.now()
            if isinstance(said, GroupEvent):
                return answer_group(session, said, now, self._office)
            return answer(session, said, now, self._office, sent)
