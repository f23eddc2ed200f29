"""Notifications of a browser: asked for without a name, kept sealed, given back as easily; only real push services are called."""

import base64
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid
from sqlalchemy import text

from channels.web_push import WebPush
from tests.warning.town import TAMBON, VILLAGE
from tests.web.paper_office import FAR, Night, night, served
from tests.web.visitor import see
from warning.clock import HandClock
from warning.compose import push_mark
from warning.store.database import Database

SERVICE = "https://updates.push.services.mozilla.com/wpush/v2/abc"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    config: Any = made.office.config
    config.sources = []
    vapid = Vapid()
    vapid.generate_keys()
    key = vapid.private_pem().decode()
    push = WebPush(kind="web_push", name="push", key=key, contact="mailto:a@b.example", simulated=True)
    config.channels = [*config.channels, push]
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def subscription(endpoint: str = SERVICE) -> dict[str, Any]:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return {
        "endpoint": endpoint,
        "expirationTime": None,
        "keys": {"p256dh": b64(raw), "auth": b64(os.urandom(16))},
    }


def ask(url: str, path: str, **told: Any) -> int:
    return requests.post(f"{url}{path}", data=json.dumps(told), timeout=10).status_code


def kept(town: Night) -> list[tuple[str, bool]]:
    rows = town.rows("SELECT village_code, active FROM address WHERE kind = 'WEB_PUSH' ORDER BY village_code")
    return [(r.village_code, r.active) for r in rows]


def test_asked_for_twice_moved_and_given_back(town: Night, url: str) -> None:
    mine = subscription()
    assert ask(url, "/push/subscribe", code=VILLAGE, subscription=mine) == 201
    assert ask(url, "/push/subscribe", code=VILLAGE, subscription=mine) == 201
    assert kept(town) == [(VILLAGE, True)]
    assert ask(url, "/push/subscribe", code=FAR, subscription=mine) == 201  # one browser, one place
    assert kept(town) == [(f"{FAR}00", True), (VILLAGE, False)]
    assert ask(url, "/push/subscribe", code=VILLAGE, subscription=mine) == 201
    assert kept(town) == [(f"{FAR}00", False), (VILLAGE, True)]
    assert ask(url, "/push/stop", endpoint=SERVICE) == 204
    assert not any(active for _, active in kept(town))
    (sealed,) = [r.sealed for r in town.rows("SELECT sealed FROM address WHERE kind = 'WEB_PUSH' LIMIT 1")]
    assert SERVICE.encode() not in bytes(sealed) and SERVICE in town.office.keyring.open(sealed)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        pytest.param(
            {"code": VILLAGE, "subscription": subscription("https://10.0.0.1/x")},
            400,
            id="no-address-of-ours",
        ),
        pytest.param(
            {"code": VILLAGE, "subscription": subscription("http://fcm.googleapis.com/x")},
            400,
            id="not-secured",
        ),
        pytest.param(
            {"code": VILLAGE, "subscription": subscription("https://evilfcm.googleapis.com.x.org/x")},
            400,
            id="looks-like-one",
        ),
        pytest.param({"code": VILLAGE, "subscription": "me"}, 400, id="no-subscription"),
        pytest.param({"code": "999999", "subscription": subscription()}, 404, id="no-such-place"),
        pytest.param({"code": f"{TAMBON}99", "subscription": subscription()}, 404, id="no-such-village"),
        pytest.param(
            {"code": VILLAGE, "subscription": subscription(SERVICE + "x" * 5000)}, 413, id="too-much"
        ),
    ],
)
def test_what_is_none_is_refused(town: Night, url: str, told: dict[str, Any], status: int) -> None:
    assert ask(url, "/push/subscribe", **told) == status
    assert kept(town) == []


def test_only_the_browser_it_went_to_may_say_that_it_was_shown(town: Night, url: str) -> None:
    town.people(["+66890001111"])
    town.flood()
    (row,) = town.rows(
        "SELECT id FROM delivery WHERE household_id IS NOT NULL AND address_id IS NOT NULL LIMIT 1"
    )
    with town.database.session() as session:
        session.execute(text("UPDATE segment SET channel = 'push', outcome = 'accepted'"))
        session.execute(text("UPDATE delivery SET state = NULL"))
    assert ask(url, "/push/shown", id=str(row.id), mark="0" * 24) == 404
    assert ask(url, "/push/shown", id="nonsense", mark="") == 400
    assert ask(url, "/push/shown", id=str(row.id), mark=push_mark(row.id, town.office.keyring)) == 204
    (after,) = town.rows("SELECT state, why FROM delivery_status WHERE id = :id", id=row.id)
    assert (after.state, after.why) == ("delivered", "shown")


def test_the_page_offers_it_only_where_there_is_a_channel(town: Night, url: str) -> None:
    page = see(f"{url}/now/{VILLAGE}").text
    assert f'data-push="{VILLAGE}" hidden' in page and '<script type="module"' in page
    assert (
        len(base64.urlsafe_b64decode(requests.get(f"{url}/push/key", timeout=10).json()["key"] + "=")) == 65
    )
    worker = requests.get(f"{url}/push-worker.js", timeout=10)
    assert worker.headers["Content-Type"].startswith("text/javascript") and "showNotification" in worker.text
    config: Any = town.office.config
    config.channels = config.channels[:-1]
    assert requests.get(f"{url}/push/key", timeout=10).status_code == 404
    assert ask(url, "/push/subscribe", code=VILLAGE, subscription=subscription()) == 404
    assert "data-push" not in see(f"{url}/now/{VILLAGE}", lang="th").text
