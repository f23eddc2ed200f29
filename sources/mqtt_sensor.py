"""Gauges that speak through an MQTT broker: LoRa by way of ChirpStack or The Things Network, or NB-IoT straight.

A tick comes by, takes what the broker kept for us since the last one, and leaves: a session of our own name with QoS 1,
so nothing is lost between ticks and no connection must be kept alive. Notes: docs/sources/mqtt_sensor.md.
"""

import base64
import json
import re
import ssl
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import paho.mqtt.client as mqtt
import requests
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions
from pydantic import Field, JsonValue, SecretStr, model_validator

from sources.checks import Implausible
from sources.contract import Payload, Reading, SourceChanged, SourceUnavailable
from sources.envelope import json_of
from sources.mapped import STATION_WORDS, Mapped, Row, like
from sources.rows import Misshapen, moment, pick, read_each, words

UNSET = "unset"  # stands for the broker where a file is read by hand
ENVELOPE = "raksa_mqtt_sensor"
MOST_MESSAGES = 5_000
MOST_BYTES = 10_000_000
_NETWORK_TIMES = (
    "uplink_message.received_at", "received_at", "rxInfo.0.nsTime", "rxInfo.0.gwTime", "rxInfo.0.time",
    "publishedAt", "time",
)  # fmt: skip
_DEVICES = (
    "end_device_ids.device_id", "deviceInfo.deviceName", "deviceInfo.devEui", "deviceName", "dev_id", "devEUI",
    "devEui", "hardware_serial",
)  # fmt: skip
_OBJECTS = ("uplink_message.decoded_payload", "object", "payload_fields", "decoded_payload", "objectJSON")
_UPLINK = ("uplink_message", "deviceInfo", "devEUI", "dev_id", "end_device_ids")


class MqttSensor(Mapped):
    """Topics of one broker. Field names count inside the decoded object of an uplink, then outside it."""

    signs: ClassVar[tuple[str, ...]] = (
        ENVELOPE,
        '"uplink_message"',
        '"end_device_ids"',
        '"deviceInfo"',
        '"devEUI"',
    )
    may_be_empty: ClassVar[bool] = True

    host: str
    topics: tuple[str, ...] = ()
    port: int = Field(default=1883, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    tls: bool = False
    client_id: str = ""  # fixed, so that the broker knows us again; left out: raksa-NAME
    keep: timedelta = timedelta(days=1)  # how long the broker keeps what came while we were away
    quiet: timedelta = timedelta(seconds=1)  # nothing for so long: all has been handed over
    deadline: timedelta = timedelta(seconds=15)

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.host == UNSET:
            return self
        for needed, told in (("topics", self.topics), ("values", self.values)):
            if not told:
                raise ValueError(f"{needed}: is missing; docs/sources/mqtt_sensor.md has an example")
        return self

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        """What came since the last visit. Raises SourceUnavailable: no broker, or it refuses us."""
        taken: list[dict[str, Any]] = []
        told = _Talk()
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id or f"raksa-{self.name}",
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        if self.username is not None:
            client.username_pw_set(self.username, self.password.get_secret_value() if self.password else None)
        if self.tls:
            client.tls_set_context(ssl.create_default_context())
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        session.SessionExpiryInterval = int(self.keep.total_seconds())

        def connected(_: Any, __: Any, ___: Any, reason: Any, ____: Any) -> None:
            told.refused = str(reason) if reason.is_failure else ""
            if not reason.is_failure:
                told.connected = True
                # A value kept by the broker comes with the first subscription only, not at every tick.
                how = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
                client.subscribe([(topic, how) for topic in self.topics])

        def subscribed(_: Any, __: Any, ___: Any, reasons: Any, ____: Any) -> None:
            told.subscribed = True
            if failed := [str(reason) for reason in reasons if reason.is_failure]:
                told.refused = failed[0]

        def heard(_: Any, __: Any, message: mqtt.MQTTMessage) -> None:
            told.heard_at = time.monotonic()
            told.bytes += len(message.payload)
            taken.append(_kept(message))

        client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, heard
        ends = time.monotonic() + self.deadline.total_seconds()
        try:
            client.connect(self.host, self.port, keepalive=60, clean_start=False, properties=session)
            while time.monotonic() < ends and not told.refused:
                went = client.loop(timeout=0.1)
                if went != mqtt.MQTT_ERR_SUCCESS and not (told.connected or told.refused):
                    raise SourceUnavailable(f"{self.host}: the broker hung up before it let us in")
                quiet = time.monotonic() - told.heard_at > self.quiet.total_seconds()
                full = len(taken) >= MOST_MESSAGES or told.bytes >= MOST_BYTES
                if told.subscribed and (quiet or full):
                    break
            client.disconnect()
        except (OSError, ValueError) as error:  # ValueError: paho's word for a host that cannot be one
            if not taken:
                raise SourceUnavailable(f"{self.host}: no broker ({type(error).__name__})") from None
        if told.refused:
            raise SourceUnavailable(f"{self.host}: the broker refuses us ({told.refused})")
        if not told.subscribed and not taken:
            raise SourceUnavailable(f"{self.host}: the broker did not answer in time")
        if not taken:
            return Payload(b"", fetched_at=now, not_modified=True)
        return Payload(json.dumps({ENVELOPE: taken}, ensure_ascii=False).encode(), fetched_at=now)

    def read(self, payload: Payload) -> list[Reading]:
        def one(raw: JsonValue) -> Iterable[Reading]:
            row = self._row(raw, payload.fetched_at)
            return self.read_row(row, payload.fetched_at)

        messages = self._messages(payload.body)
        if len(messages) > 10 * MOST_MESSAGES:
            raise SourceChanged(f"{self.name}: {len(messages):,} messages; cut the file into smaller ones")
        return read_each(self.name, messages, one)

    def _messages(self, body: bytes) -> list[Any]:
        """Ours, one message, a list of them, or lines of JSON with their topic before them (`mosquitto_sub -v`)."""
        lines = [line.strip() for line in body.splitlines() if line.strip()]
        said = [_LINE.fullmatch(line) for line in lines]
        if all(said) and (len(lines) > 1 or any(found and found[1] for found in said)):
            return [
                {"topic": (found[1] or b"").decode("utf-8", "replace"), "payload": found[2].decode("utf-8", "replace")}
                for found in said
                if found is not None
            ]  # fmt: skip
        told = json_of(body, self.name)
        if isinstance(told, Mapping) and isinstance(told.get(ENVELOPE), list):
            return list(told[ENVELOPE])
        if isinstance(told, list):
            return told
        if isinstance(told, Mapping):
            return [told]
        raise SourceChanged(f"{self.name}: no messages")

    def _row(self, raw: Any, fetched_at: datetime) -> Row:
        """Raises Misshapen for what is no JSON object, Implausible for what holds no measurement."""
        envelope = (
            raw if isinstance(raw, Mapping) and {"topic", "payload"} <= raw.keys() else {"payload": raw}
        )
        inside = envelope["payload"]
        if isinstance(inside, str):
            try:
                inside = json_of(inside.encode("utf-8", "replace"), self.name)
            except SourceChanged:
                inside = None
        if not isinstance(inside, Mapping):
            raise Misshapen("no JSON object; a decoder of the network server must make one")
        told = pick(inside, *_OBJECTS)
        if isinstance(told, str):
            try:
                told = json_of(told.encode("utf-8", "replace"), self.name)
            except SourceChanged:
                told = None
        if not isinstance(told, Mapping) and any(key in inside for key in _UPLINK):
            raise Implausible("an event without a decoded object: set up the decoder at the network server")
        fields = {**inside, **(told if isinstance(told, Mapping) else {})}
        topic = words(envelope.get("topic"))
        by_itself = self.station or like(fields, STATION_WORDS)
        station = words(pick(inside, *_DEVICES)) or (None if by_itself else topic)
        return Row(fields, raw, station, self._network_time(inside, envelope, fetched_at))

    def _network_time(
        self, inside: Mapping[str, Any], envelope: Mapping[str, Any], fetched_at: datetime
    ) -> datetime | None:
        """When the network took the message, as it says; else when we did, for one not kept by the broker."""
        if any(key in inside for key in _UPLINK):
            for path in _NETWORK_TIMES:
                try:
                    return moment(pick(inside, path))
                except Implausible:
                    continue
        if envelope.get("retain") or "topic" not in envelope:
            return None  # the broker hands it on for months: no time of its own, no reading
        return fetched_at


_LINE = re.compile(rb"(?:([^\s{}\[\]\"]+)\s+)?(\{.*\})")


class _Talk:
    """How one visit went."""

    def __init__(self) -> None:
        self.connected = self.subscribed = False
        self.refused = ""
        self.bytes = 0
        self.heard_at = time.monotonic()


def _kept(message: mqtt.MQTTMessage) -> dict[str, Any]:
    kept: dict[str, Any] = {"topic": message.topic, "retain": bool(message.retain)}
    try:
        return kept | {"payload": bytes(message.payload).decode("utf-8")}
    except UnicodeDecodeError:
        return kept | {"payload": None, "payload_b64": base64.b64encode(message.payload).decode()}
