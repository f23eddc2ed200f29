"""The simulated world in one `async with`: feed, LINE, SMS, broker, towers, people; all on loopback."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from warning.world.book import Book
from warning.world.broker import LoopbackBroker
from warning.world.feeds import FeedServer
from warning.world.hooks import Hooks, Roughness
from warning.world.line import Line, LineServer
from warning.world.line_phones import LinePhones
from warning.world.night import DEMO_NIGHT, Night
from warning.world.people import Contact, Habits, People
from warning.world.sms import Sms, SmsServer
from warning.world.towers import Mqtt, TowerPlan, Towers

# Known to everybody, on purpose: these gateways exist on loopback only and reach nobody.
LINE_TOKEN, LINE_SECRET = "world-line-token", "world-line-secret"
SMS_TOKEN, SMS_SECRET = "world-sms-token", "world-sms-secret"


@dataclass(frozen=True)
class WorldSettings:
    """Ports 0 are free ones. `mqtt` None starts our own broker; else the towers go there (mosquitto)."""

    night: Night = DEMO_NIGHT
    starts: datetime | None = None  # aware; None: the clock's time when the world starts
    line: Line = field(default_factory=lambda: Line(LINE_TOKEN, LINE_SECRET))
    sms: Sms = field(default_factory=lambda: Sms(SMS_TOKEN, SMS_SECRET))
    towers: tuple[TowerPlan, ...] = ()
    mqtt: Mqtt | None = None
    contacts: tuple[Contact, ...] = ()
    habits: Habits = field(default_factory=Habits)
    line_hook: str | None = None  # where LINE posts events; may be set later on `world.line_hooks.url`
    sms_hook: str | None = None  # where receipts and replies go; may be set later on `world.sms_hooks.url`
    roughness: Roughness = field(default_factory=Roughness)


class World:
    """Start with `async with`; no task is left behind. `now` is the platform's own clock, aware."""

    def __init__(self, settings: WorldSettings | None = None, *, now: Callable[[], datetime]) -> None:
        self.settings = s = settings or WorldSettings()
        self._now = now
        self.book = Book(now)
        self.feeds = FeedServer(now, s.starts or now(), s.night)
        self.line = LineServer(s.line, self.book, now)
        self.line_hooks = Hooks(s.line_hook, s.roughness)
        self.phones = LinePhones(self.line, self.line_hooks, now)
        self.sms_hooks = Hooks(s.sms_hook, s.roughness)
        self.sms = SmsServer(s.sms, self.book, self.sms_hooks, now)
        self.people = People(self.book, self.phones, self.sms, s.habits)
        self.towers = Towers((), s.mqtt or Mqtt("", 0), self.book, now)
        for contact in s.contacts:
            self.people.add(contact)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for part in (self.line_hooks, self.sms_hooks, self.feeds, self.line, self.sms):
                stack.push_async_callback(part.stop)
                await part.start()
            mqtt = self.settings.mqtt
            if mqtt is None:
                broker = await stack.enter_async_context(LoopbackBroker())
                mqtt = Mqtt(broker.host, broker.port)
            self.mqtt = mqtt
            self.towers = Towers(self.settings.towers, mqtt, self.book, self._now)
            stack.push_async_callback(self.towers.stop)
            await self.towers.start()
            stack.push_async_callback(self.people.stop)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def feed_url(self) -> str:
        """Stands where https://api-v3.thaiwater.net stands; the paths are the same."""
        return self.feeds.url

    @property
    def line_url(self) -> str:
        """Stands where https://api.line.me stands."""
        return self.line.url

    @property
    def sms_url(self) -> str:
        """The submit address itself."""
        return self.sms.submit_url

    @property
    def mqtt_host(self) -> str:
        return self.mqtt.host

    @property
    def mqtt_port(self) -> int:
        return self.mqtt.port

    @property
    def line_token(self) -> str:
        return self.settings.line.token

    @property
    def line_secret(self) -> str:
        return self.settings.line.secret

    @property
    def sms_token(self) -> str:
        return self.settings.sms.token

    @property
    def sms_secret(self) -> str:
        return self.settings.sms.secret

    @property
    def tower_keys(self) -> dict[str, str]:
        """Device -> the key its commands are signed with."""
        return self.towers.keys
