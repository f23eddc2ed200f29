"""Messages of gauges as ChirpStack, The Things Network and bare NB-IoT boxes send them; the broker itself is in
tests/services/test_mqtt_sensor.py.
"""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sources.contract import Observation, Payload, Rejected, SourceChanged
from sources.mqtt_sensor import ENVELOPE, MqttSensor
from sources.reading import source_of
from tests.sources.bodies import FETCHED

VALUES: dict[str, Any] = {"level": {"quantity": "stage", "unit": "cm"}}
CHIRPSTACK_4 = {
    "deduplicationId": "x",
    "time": "2026-11-23T12:20:00.123456789+00:00",
    "deviceInfo": {"deviceName": "lora-7", "devEui": "a84041ffff1f8020"},
    "fCnt": 10,
    "data": "AAAA",
    "object": {"level": 135.0, "batV": 3.6},
    "rxInfo": [{"rssi": -57}],
}
CHIRPSTACK_3 = {
    "devEUI": "a84041ffff1f8020",
    "deviceName": "lora-7",
    "rxInfo": [{"time": "2026-11-23T12:20:00Z"}],
    "objectJSON": json.dumps({"level": 135}),
}
TTN = {
    "end_device_ids": {"device_id": "lora-7", "dev_eui": "A84041FFFF1F8020"},
    "received_at": "2026-11-23T12:20:00.9Z",
    "uplink_message": {"f_port": 2, "decoded_payload": {"level": "135"}, "rx_metadata": []},
}
BARE = {"id": "lora-7", "level": 135, "ts": 1795436400}


def read(body: Any, **changes: Any) -> list[Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(source_of("mqtt_sensor", **{"values": VALUES} | changes).read(Payload(raw, FETCHED)))


def kept(*payloads: Any, retain: bool = False) -> dict[str, Any]:
    return {ENVELOPE: [{"topic": "gauges/7", "retain": retain, "payload": json.dumps(p)} for p in payloads]}


def told(readings: list[Any]) -> list[tuple[str, float, str]]:
    return [(r.station, r.value, f"{r.observed_at:%H:%M}") for r in readings if isinstance(r, Observation)]


def why(readings: list[Any]) -> str:
    return " | ".join(r.why for r in readings if isinstance(r, Rejected))


@pytest.mark.parametrize(
    "message", [CHIRPSTACK_4, CHIRPSTACK_3, TTN, BARE], ids=["cs4", "cs3", "ttn", "bare"]
)
@pytest.mark.parametrize(
    "worn", [lambda m: m, lambda m: [m], lambda m: kept(m)], ids=["alone", "list", "kept"]
)
def test_an_uplink_is_read_in_whatever_it_came(message: Any, worn: Any) -> None:
    assert told(read(worn(message))) == [("lora-7", 1.35, "12:20")]


def test_lines_with_their_topics_as_mosquitto_sub_prints_them() -> None:
    body = "\n".join(
        f"gauges/{nth} {json.dumps({'level': nth, 'time': '2026-11-23T19:20+07:00'})}" for nth in (1, 2)
    )
    assert told(read(body.encode())) == [("gauges/1", 0.01, "12:20"), ("gauges/2", 0.02, "12:20")]
    assert told(read(json.dumps(BARE, indent=2).encode())) == [("lora-7", 1.35, "12:20")]


def test_a_repeat_is_one_reading_and_the_station_may_be_renamed() -> None:
    assert told(read(kept(TTN, TTN), stations={"lora-7": "PLG-7"})) == [("PLG-7", 1.35, "12:20")]


def test_a_message_without_a_time_counts_from_its_fetch_unless_the_broker_kept_it() -> None:
    assert told(read(kept({"level": 135}))) == [("gauges/7", 1.35, "12:30")]
    assert "no time is told" in why(read(kept({"level": 135}, retain=True)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"at": "1970-01-01T00:12:00Z"}, "h behind the network's", id="never-set"),
        pytest.param(
            {"at": "2026-11-23T19:20:00Z"}, "as if Bangkok time were added twice", id="local-sold-as-utc"
        ),
        pytest.param({"at": "soon"}, "not a time", id="no-time"),
    ],
)
def test_a_clock_that_is_wrong_beside_the_networks(changes: dict[str, Any], says: str) -> None:
    uplink = TTN | {"uplink_message": {"decoded_payload": {"level": 1, **changes}}}
    assert says in why(read(kept(uplink), time="at"))


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        pytest.param(
            {k: v for k, v in CHIRPSTACK_4.items() if k != "object"}, "set up the decoder", id="not-decoded"
        ),
        pytest.param(
            {"deviceInfo": {"deviceName": "lora-7"}, "devAddr": "01"}, "set up the decoder", id="join"
        ),
        pytest.param("\x01\x02", "no JSON object", id="bytes-of-the-sensor"),
        pytest.param({"temp": 3}, "none of the fields level", id="another-sensor"),
        pytest.param(BARE | {"level": 65535}, "implausible", id="sensor-out-of-range"),
    ],
)
def test_what_holds_no_reading_is_kept_with_its_reason(payload: Any, says: str) -> None:
    readings = read(kept(payload, TTN))
    assert says in why(readings) and len(told(readings)) == 1


def test_nothing_but_strangers_is_a_changed_source() -> None:
    with pytest.raises(SourceChanged, match="5 of 5 rows"):
        read(kept(*[{"temp": 3}] * 5))
    with pytest.raises(SourceChanged):
        read(b"<html>")


@pytest.mark.parametrize("missing", ["values", "topics"])
def test_an_entry_that_cannot_work_says_why(missing: str) -> None:
    entry = {"kind": "mqtt_sensor", "name": "lora", "every": "PT1M", "host": "127.0.0.1", "topics": ["a/#"]}
    MqttSensor.model_validate(entry | {"values": VALUES})
    with pytest.raises(ValidationError, match=f"{missing}: is missing"):
        MqttSensor.model_validate(entry | {"values": VALUES} | {missing: {} if missing == "values" else []})
