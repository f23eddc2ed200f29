"""The office's settings, read once at the start. A mistake stops the start with its line and the mend."""

import ipaddress
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationInfo, field_validator, model_validator

from channels.contract import Channel
from geo.errors import ConfigError
from geo.gazetteer import Gazetteer, Reach, gazetteer
from geo.rivers import refuse_circles
from sources.contract import Source
from warning.alert import ApprovalPolicy
from warning.chain_settings import ChainSettings
from warning.condition import TambonCode
from warning.config_entries import entries, refuse_twins, section
from warning.config_lines import Document, read
from warning.config_rules import rules_beside
from warning.config_words import unknown_key
from warning.hazards import HazardSettings, take_in
from warning.impact import ImpactSettings
from warning.rule import Rule, Severity
from warning.talk.desk import HelpDeskSettings


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class OfficeSettings(_Settings):
    """Who speaks, and where the pages are served."""

    name_th: str = Field(min_length=3)
    name_en: str = Field(min_length=3)
    province: str = "93"
    phone: str = Field(min_length=3)  # printed in alerts: the number to check them
    broadcast_phone: str = Field(default="1784", min_length=3)  # DDPM's desk for cell broadcasts
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)  # 0: any free one
    shift_changes: list[time] = Field(
        default=[time(8, 30), time(16, 30)], min_length=1
    )  # Bangkok; a silence ends within its shift
    public_url: HttpUrl | None = None  # where people outside reach the pages and providers the webhooks

    @field_validator("host")
    @classmethod
    def _loopback(cls, host: str) -> str:
        try:
            inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            inside = False
        if not inside:
            raise ValueError(
                f"{host} is open to others; write 127.0.0.1 and put a reverse proxy with TLS in front"
            )
        return host

    @field_validator("public_url")
    @classmethod
    def _for_others(cls, url: HttpUrl | None) -> HttpUrl | None:
        if url is None:
            return url
        if url.username or url.password or url.query or url.fragment:
            raise ValueError("a user, password or query in it would be printed in every link; take it out")
        if url.scheme != "https" and url.host not in ("127.0.0.1", "localhost"):
            raise ValueError("links of village heads must not travel in the clear; write https://")
        return url

    @field_validator("province")
    @classmethod
    def _ours(cls, code: str) -> str:
        if code != "93":
            raise ValueError(f'{code} has no places in this edition; write "93" (Phatthalung)')
        return code


class ReachSettings(_Settings):
    """The office's own travel time between two tambon; it replaces the built-in estimate of the same pair."""

    river: str
    start: TambonCode = Field(alias="from")
    end: TambonCode = Field(alias="to")
    minutes: int = Field(gt=0)
    estimate: bool = False

    def reach(self) -> Reach:
        return Reach(self.river, self.start, self.end, self.minutes, self.estimate)


class GeoSettings(_Settings):
    reaches: tuple[ReachSettings, ...] = ()

    @model_validator(mode="after")
    def _no_circle(self, info: ValidationInfo) -> "GeoSettings":
        places: Gazetteer | None = (info.context or {}).get("places")
        if places is not None:
            try:
                refuse_circles(self.over(places.reaches))
            except ConfigError as error:
                raise ValueError(str(error)) from error
        return self

    def over(self, built_in: Iterable[Reach]) -> tuple[Reach, ...]:
        """The built-in reaches with the office's own in their place: what `geo.rivers.downstream` takes."""
        own = {(r.river, r.start, r.end): r.reach() for r in self.reaches}
        return (*(r for r in built_in if (r.river, r.start, r.end) not in own), *own.values())


class LadderSettings(_Settings):
    """Below Severe the channels take turns; Severe and Extreme go out on all of them at once."""

    wait: timedelta = Field(
        default=timedelta(seconds=90), gt=timedelta(0)
    )  # without proof, then the next channel
    patience: timedelta = Field(
        default=timedelta(minutes=10), gt=timedelta(0)
    )  # of silence, then somebody's task


class EngineSettings(_Settings):
    """How much one worker process does at a time."""

    concurrency: int = Field(default=32, ge=1, le=256)


class ApprovalSettings(_Settings):
    """Who must agree to an alert a person writes; a rule names its own."""

    extreme: ApprovalPolicy = Field(default=ApprovalPolicy.SEND_THEN_REVIEW, alias="Extreme")
    severe: ApprovalPolicy = Field(default=ApprovalPolicy.DUTY_OFFICER, alias="Severe")
    moderate: ApprovalPolicy = Field(default=ApprovalPolicy.DUTY_OFFICER, alias="Moderate")
    minor: ApprovalPolicy = Field(default=ApprovalPolicy.DUTY_OFFICER, alias="Minor")
    unknown: ApprovalPolicy = Field(default=ApprovalPolicy.TWO_PERSON, alias="Unknown")
    review_within: timedelta = Field(default=timedelta(minutes=15), gt=timedelta(0))
    send_first_under: timedelta = Field(
        default=timedelta(minutes=60), gt=timedelta(0)
    )  # less time than this to go

    def policy(self, severity: str) -> ApprovalPolicy:
        """severity: the CAP word. Raises ValueError for any other word."""
        return ApprovalPolicy(getattr(self, Severity(severity).value.lower()))

    def policy_at(self, severity: str, water_by: datetime | None, now: datetime) -> ApprovalPolicy:
        """Sent first and reviewed after only where under `send_first_under` is left; else two people agree to it."""
        policy = self.policy(severity)
        time_left = water_by is None or water_by - now >= self.send_first_under
        return (
            ApprovalPolicy.TWO_PERSON if policy is ApprovalPolicy.SEND_THEN_REVIEW and time_left else policy
        )

    @field_validator("severe", "moderate", "minor", "unknown")
    @classmethod
    def _extreme_only(cls, policy: ApprovalPolicy) -> ApprovalPolicy:
        if policy is ApprovalPolicy.SEND_THEN_REVIEW:
            raise ValueError("send_then_review is for Extreme only; write duty_officer or two_person")
        return policy


class RetentionSettings(_Settings):
    """How long what may be forgotten is kept. Observations, alerts, receipts and the audit are for ever."""

    payloads: timedelta = Field(
        default=timedelta(days=400), gt=timedelta(days=1)
    )  # a whole rainy season, and more
    people: timedelta = Field(
        default=timedelta(days=400), gt=timedelta(days=30)
    )  # what strangers wrote, and their numbers: longer than a bound number keeps its village (warning/caller.py)


class Waiting(NamedTuple):
    """An entry that is off and would need these names of the environment before it can be switched on."""

    section: str  # sources | channels
    kind: str
    name: str
    needs: tuple[str, ...]
    line: int


class Config(BaseModel):
    """Everything the office decided. Its repr holds no secret."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    office: OfficeSettings
    geo: GeoSettings = GeoSettings()
    sources: tuple[Source, ...] = ()  # those that are off too, where they can be made without their secrets
    channels: tuple[Channel, ...] = ()
    hazards: tuple[HazardSettings, ...] = ()  # the office's own, beside the shipped ones
    rules: tuple[Rule, ...] = ()
    ladder: LadderSettings = LadderSettings()
    chain: ChainSettings = ChainSettings()
    engine: EngineSettings = EngineSettings()
    approval: ApprovalSettings = ApprovalSettings()
    retention: RetentionSettings = RetentionSettings()
    impact: ImpactSettings = ImpactSettings()
    help_desk: HelpDeskSettings = HelpDeskSettings()
    waiting: tuple[Waiting, ...] = ()


_SETTINGS: dict[str, type[BaseModel]] = {
    "office": OfficeSettings,
    "geo": GeoSettings,
    "ladder": LadderSettings,
    "chain": ChainSettings,
    "engine": EngineSettings,
    "approval": ApprovalSettings,
    "retention": RetentionSettings,
    "impact": ImpactSettings,
    "help_desk": HelpDeskSettings,
}
_LISTS = ("sources", "channels", "hazards", "rules")
_NOTHING = {"sources": "the office sees nothing", "channels": "the office can tell no one"}


def load(
    path: Path,
    env: Mapping[str, str],
    *,
    source_kinds: Mapping[str, type[Source]] | None = None,
    channel_kinds: Mapping[str, type[Channel]] | None = None,
    places: Gazetteer | None = None,
) -> Config:
    """Read and check the settings. Kinds are the installed ones unless given.

    Raises ConfigError with one line a mistake, in the order of the file: `config.yaml:23: where: what; mend`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path.name}: cannot be read ({error.strerror}); give its place with --config"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8 text; save it as UTF-8") from error
    document = read(text)
    beside: list[str] = []
    made = _made(document, env, source_kinds, channel_kinds, places or gazetteer(), path.parent, beside)
    lines = [c.sentence(path.name) for c in sorted(set(document.complaints), key=lambda c: c.line)]
    if lines or beside:
        raise ConfigError("\n".join(dict.fromkeys(lines + beside)))
    return Config(**made)


def _made(
    document: Document,
    env: Mapping[str, str],
    source_kinds: Mapping[str, type[Source]] | None,
    channel_kinds: Mapping[str, type[Channel]] | None,
    places: Gazetteer,
    folder: Path,
    beside: list[str],
) -> dict[str, Any]:
    """folder: of the config; beside: takes the complaints of the files of rules it names."""
    if document.complaints and not document.value:
        return {}
    context = {"places": places}
    for key in document.value:
        if key not in _SETTINGS and key not in _LISTS:
            document.complain((key,), unknown_key(key, (*_SETTINGS, *_LISTS)))
    made: dict[str, Any] = {}
    for key, model in _SETTINGS.items():
        if key in document.value or key == "office":
            made[key] = section(document, (key,), model, env, context)
    kinds: dict[str, Mapping[str, type[BaseModel]] | type[BaseModel]] = {
        "sources": source_kinds if source_kinds is not None else _source_kinds(),
        "channels": channel_kinds if channel_kinds is not None else _channel_kinds(),
    }
    waiting: list[Waiting] = []
    for key in kinds:
        found = entries(document, key, kinds[key], env, context)
        made[key] = tuple(entry.value for entry in found if entry.value is not None)
        waiting += [Waiting(key, e.kind, e.name, e.needs, e.line) for e in found if e.needs]
        if key in _NOTHING and not document.value.get(key):
            document.complain((key,), f"no entry: {_NOTHING[key]}; see docs/config.md")
        refuse_twins(document, key)
    found = entries(document, "hazards", HazardSettings, env, context)
    made["hazards"] = tuple(e.value for e in found if isinstance(e.value, HazardSettings))
    refuse_twins(document, "hazards")
    take_in(made["hazards"])
    made["rules"], said = rules_beside(document, folder, env, places)
    beside += said
    refuse_twins(document, "rules")
    return {**made, "waiting": tuple(waiting)}


def _source_kinds() -> Mapping[str, type[Source]]:
    from sources.kinds import kinds  # at the first reading of a config, not at import: it looks for plugins

    return kinds()


def _channel_kinds() -> Mapping[str, type[Channel]]:
    from channels.kinds import kinds

    return kinds()
