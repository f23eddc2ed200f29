"""A reading and a picture from the water: on a head's link, and typed in at the relay desk."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from teams.response.village_photo import MOST_BYTES
from tests.teams.test_village_photo import JPEG, PLACE, with_place
from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.visitor import see
from warning.accounts.user import csrf_of
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.render import COOKIE


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    made.flood()
    return made


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def send(to: str, token: str | None = None, photo: bytes = b"", **form: str) -> requests.Response:
    """A form as a browser sends it that may carry a picture."""
    fields = {"event": uuid4().hex, **form} | ({"csrf": csrf_of(token)} if token else {})
    parts: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
    parts["photo"] = ("IMG_1.jpg" if photo else "", photo, "image/jpeg")
    return requests.post(to, files=parts, cookies={COOKIE: token} if token else None, timeout=10)


def read(town: Night) -> list[tuple[str, str, float]]:
    town.run()
    rows = town.rows("SELECT station, quantity, value FROM observation ORDER BY station")
    return [(r.station, r.quantity, r.value) for r in rows]


def kept(town: Night) -> list[Any]:
    return town.rows("SELECT id, village_code, sha256, body_sealed, reported_by, via FROM village_photo")


def test_a_head_reads_a_staff_and_sends_a_picture(town: Night, url: str) -> None:
    link = f"{url}/h/{town.head_token()}"
    assert 'enctype="multipart/form-data"' in see(link).text
    form = {"gauge": "X.170", "value": "135", "unit": "cm", "event": uuid4().hex}
    for _ in range(2):  # pressed twice
        answer = send(f"{link}/report", photo=with_place(), **form)
        assert answer.url == f"{link}/reported" and answer.status_code == 200
    assert read(town) == [("X.170", "stage", 1.35)]
    assert "Report from the water" in see(link, lang="en").text
    (photo,) = kept(town)
    assert (photo.village_code, photo.reported_by, photo.via) == (VILLAGE, "head", "link")
    assert JPEG not in bytes(photo.body_sealed)  # sealed
    body = town.office.keyring.open_bytes(photo.body_sealed)
    assert body == JPEG and PLACE not in body


@pytest.mark.parametrize(
    ("form", "photo", "says"),
    [
        pytest.param({}, b"", "Give a reading or choose a picture", id="nothing"),
        pytest.param({"value": "1.35"}, b"", "which gauge?", id="no-gauge"),
        pytest.param({"gauge": "X.170", "value": "deep"}, b"", "say the unit", id="words"),
        pytest.param({"gauge": "X.170", "value": "900", "unit": "m"}, b"", "not a reading", id="too-high"),
        pytest.param({"gauge": "X.170", "value": "1", "unit": "ft"}, b"", "choose m or cm", id="unit"),
        pytest.param({}, b"GIF89a", "only JPEG or PNG", id="gif"),
        pytest.param({}, JPEG[:-4], "broken", id="half-a-picture"),
        pytest.param({}, b"\xff\xd8" + b"x" * (MOST_BYTES + 30_000), "larger than 6 MB", id="too-large"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_kept(
    town: Night, url: str, form: dict[str, str], photo: bytes, says: str
) -> None:
    answer = send(f"{url}/h/{town.head_token()}/report?lang=en", photo=photo, **form)
    assert answer.status_code == 422 and says in answer.text
    assert (read(town), kept(town)) == ([], [])
    assert send(f"{url}/h/nobody/report", photo=JPEG).status_code == 404


def test_an_officer_writes_down_what_somebody_saw_without_any_alert(town: Night, url: str) -> None:
    officer, page = town.officer(), f"{url}/relay/report"
    form = {
        "village": VILLAGE,
        "via": "phone",
        "heard_from": "อสม.",
        "gauge": "X.170",
        "value": "1,35",
        "unit": "m",
    }
    answer = send(page, officer, photo=with_place(), water="on_road", **form)
    assert answer.url.endswith("saved=yes") and "SHA-256" in answer.text
    assert read(town) == [(VILLAGE, "water_seen", 1.0), ("X.170", "stage", 1.35)]
    assert "23 พ.ย. 2569" in answer.text  # 19:00 UTC of the 22nd
    (water,) = town.rows("SELECT lower(state::text) AS state, reported_by FROM village_water")
    assert tuple(water) == ("on_road", "อสม.")
    (photo,) = kept(town)
    link = re.search(r"/relay/report/photo/[0-9a-f-]+", answer.text)
    assert link is not None and UUID(link[0].rsplit("/", 1)[1]) == photo.id
    shown = see(url + link[0], officer)
    assert (shown.content, shown.headers["Content-Type"], shown.headers["Cache-Control"]) == (
        JPEG,
        "image/jpeg",
        "no-store",
    )
    looks = town.rows("SELECT action FROM audit_entry WHERE action LIKE 'photo.%' ORDER BY action")
    assert [row.action for row in looks] == ["photo.kept", "photo.shown"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"village": ""}, "choose the village"),
        ({"heard_from": " "}, "who said so"),
        ({"gauge": "", "value": ""}, "at least one"),
        ({"event": "x"}, "this form is old"),
    ],
)
def test_the_desk_says_what_is_missing(town: Night, url: str, changes: dict[str, str], says: str) -> None:
    form = {
        "village": VILLAGE,
        "via": "phone",
        "heard_from": "อสม.",
        "gauge": "X.170",
        "value": "1.35",
        "unit": "m",
    }
    answer = send(f"{url}/relay/report?lang=en", town.officer(), **(form | changes))
    assert answer.status_code == 422
    assert says in answer.text or "give a reading" in answer.text
    assert read(town) == []


def test_pictures_and_the_desk_are_for_officers(town: Night, url: str) -> None:
    send(f"{url}/h/{town.head_token()}/report", photo=JPEG)
    (photo,) = kept(town)
    assert see(f"{url}/relay/report/photo/{photo.id}").status_code in (401, 403)
    assert see(f"{url}/relay/report").status_code in (401, 403)
    assert see(f"{url}/relay/report/photo/{uuid4()}", town.officer()).status_code == 404
