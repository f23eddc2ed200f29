"""A claim walked by its forms from nothing to the money, over real HTTP, and what the forms refuse."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
import requests

from tests.web.paper_office import Night, night, served
from tests.web.test_gap_pages import FIGURE
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database

REPAIR = {"item_HOUSE_REPAIR": "๖๐,๐๐๐", "depth_cm": "๘๐", "days_flooded": "2"}
PAYMENT = {"method": "promptpay", "reference": "KTB-778899", "amount": "60,000"}


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


class Home:
    """One home's story page, and its forms as a person presses them."""

    def __init__(self, town: Night, url: str) -> None:
        self.town, (self.id,) = town, town.people(["+66890001111"])
        self.alert = town.flood()
        self.page, self.root = f"{url}/story/{self.id}", url
        self.one, self.two, self.three = (
            town.officer(UserRole.RELIEF_OFFICER, name=f"เจ้าหน้าที่ {n}") for n in (1, 2, 3)
        )

    def opened(self) -> "Home":
        assert press(f"{self.root}/gaps/open", self.one, alert=str(self.alert.id)).status_code == 200
        return self

    def filed(self) -> "Home":
        assert self.press(self.opened().one).status_code == 200
        return self

    def press(self, token: str, to: str = "", **typed: str) -> requests.Response:
        """Press the button on the page as it stands now: its hidden fields, and what is typed. Other moves go with `to`."""
        self.town.clock.forward(timedelta(minutes=5))
        return press(
            f"{self.page}/claim", token, **{**self.fields(token), **({"to": to} if to else {}), **typed}
        )

    def fields(self, token: str) -> dict[str, str]:
        form = see(self.page, token).text.split('/claim">', 1)[1].split("</form>")[0]
        inputs = (
            dict(re.findall(r'(name|value)="([^"]*)"', tag)) for tag in re.findall("<input[^>]*>", form)
        )
        hidden = {i["name"]: unescape(i["value"]) for i in inputs if "value" in i}
        return {k: v for k, v in hidden.items() if k in ("event", "claim", "mark", "to", "damage_on")}

    def state(self) -> str:
        rows = self.town.rows("SELECT state FROM claim")
        return rows[0].state if rows else ""


def test_the_forms_lead_from_the_gauge_to_the_money(town: Night, url: str) -> None:
    home = Home(town, url)
    assert 'id="relief"' not in see(home.page, home.one).text  # no event yet: nothing to ask for
    home.opened()
    steps = [
        (home.one, {}, "SUBMITTED"),
        (home.one, {"minutes": "3/2569"}, "VILLAGE_ENDORSED"),
        (home.two, REPAIR, "SURVEYED"),
        (home.three, {}, "DISTRICT_APPROVED"),
        (home.three, {}, "PROVINCE_APPROVED"),
        (home.three, {}, "IN_PAYMENT"),
        (home.three, PAYMENT, "PAID"),
        (home.one, {}, "CONFIRMED"),
    ]
    for token, typed, state in steps:
        answer = home.press(token, **typed)
        assert answer.status_code == 200 and 'role="status"' in answer.text, state
        assert home.state() == state
    (paid,) = town.rows("SELECT amount, method, reference, paid_by, state FROM payment")
    assert (int(paid.amount), paid.method, paid.reference, paid.state) == (
        60_000,
        "PROMPTPAY",
        "KTB-778899",
        "PAID",
    )
    (found,) = town.rows("SELECT depth_cm, days_flooded, amount FROM damage_assessment")
    assert (found.depth_cm, found.days_flooded, int(found.amount)) == (80, 2, 60_000)
    told = see(home.page, home.one, lang="en").text
    for said in ("18.9", "Issued", "damage assessed, 60,000.00 baht", "paid 60,000.00 baht (PromptPay)"):
        assert said in told, said
    assert "KTB-778899" not in told
    row = see(f"{url}/gaps", home.one).text.split("<tfoot")[1]
    assert re.findall(FIGURE, row)[:2] == ["1", "1"]  # exposed, paid


def test_three_people_are_needed_and_the_page_says_so(town: Night, url: str) -> None:
    home = Home(town, url).filed()
    home.press(home.one)
    refused = home.press(home.one, **REPAIR)
    assert refused.status_code == 422 and "ท่านเป็นผู้รับรองคำขอนี้แล้ว ต้องเป็นคนอื่น" in refused.text
    assert 'role="alert"' in refused.text and home.state() == "VILLAGE_ENDORSED"
    home.press(home.two, **REPAIR)
    for same in (home.one, home.two):
        assert home.press(same).status_code == 422 and home.state() == "SURVEYED"
    for _ in range(3):
        home.press(home.three)
    surveyor_pays = home.press(home.two, **PAYMENT)
    assert surveyor_pays.status_code == 422 and "ผู้สำรวจจ่ายเงินเองไม่ได้" in surveyor_pays.text
    assert town.rows("SELECT 1 FROM payment") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({}, "ต้องมีรายการความเสียหายอย่างน้อยหนึ่งรายการ", id="nothing-found"),
        pytest.param({"item_HOUSE_REPAIR": "sixty"}, "ไม่ใช่จำนวน", id="words-for-money"),
        pytest.param({"item_HOUSE_REPAIR": "NaN"}, "ไม่ใช่จำนวน", id="not-a-number"),
        pytest.param({"item_HOUSE_REPAIR": "-5"}, "ไม่ใช่จำนวน", id="below-zero"),
        pytest.param({"item_LIVING_PART": "2"}, "ไม่อยู่ในเกณฑ์", id="over-the-limit"),
    ],
)
def test_a_survey_that_cannot_stand_is_refused(
    town: Night, url: str, typed: dict[str, str], said: str
) -> None:
    home = Home(town, url).filed()
    home.press(home.one)
    refused = home.press(home.two, **typed)
    assert refused.status_code == 422 and said in refused.text
    assert town.rows("SELECT 1 FROM damage_assessment") == [] and home.state() == "VILLAGE_ENDORSED"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"amount": "59,000"}, "ไม่ตรงกับที่อนุมัติ", id="another-amount"),
        pytest.param({"reference": "  "}, "ต้องมีเลขอ้างอิง", id="no-reference"),
        pytest.param({"method": "shells"}, "กรุณาเลือกวิธีจ่าย", id="no-such-way"),
        pytest.param({"paid_at": "2599-01-01T08:00"}, "เวลาจ่ายอยู่ในอนาคต", id="in-the-future"),
        pytest.param({"to": "pay_failed"}, "กรุณาเลือกสาเหตุ", id="failed-without-why"),
    ],
)
def test_a_payment_without_its_proof_is_refused(
    town: Night, url: str, typed: dict[str, str], said: str
) -> None:
    home = in_payment(town, url)
    refused = home.press(home.three, **{**PAYMENT, **typed})
    assert refused.status_code == 422 and said in refused.text
    assert town.rows("SELECT 1 FROM payment") == [] and home.state() == "IN_PAYMENT"


def in_payment(town: Night, url: str) -> Home:
    home = Home(town, url).filed()
    home.press(home.one)
    home.press(home.two, **REPAIR)
    for _ in range(3):
        home.press(home.three)
    return home


def test_a_payment_that_came_back_is_paid_again(town: Night, url: str) -> None:
    home = in_payment(town, url)
    assert home.press(home.three, "pay_failed", **PAYMENT, failure="account_closed").status_code == 200
    assert home.state() == "PAY_FAILED"
    home.press(home.three)
    home.press(home.three, **{**PAYMENT, "method": "cash", "reference": "ใบสำคัญ 12"})
    assert [tuple(r) for r in town.rows("SELECT state, failure FROM payment ORDER BY nth")] == [
        ("FAILED", "ACCOUNT_CLOSED"), ("PAID", None),
    ]  # fmt: skip


def test_a_form_kept_open_moves_nothing_twice(town: Night, url: str) -> None:
    home = Home(town, url).filed()
    old = home.fields(home.one)
    gone = {**old, "to": "unreachable"}
    for _ in range(2):
        assert press(f"{home.page}/claim", home.one, **gone).status_code == 200
    assert town.rows("SELECT attempts FROM claim")[0].attempts == 1
    late = press(f"{home.page}/claim", home.two, **old)
    assert late.status_code == 422 and "เปลี่ยนไปแล้ว" in late.text and home.state() == "UNREACHABLE"


def test_a_refusal_needs_its_reason(town: Night, url: str) -> None:
    home = Home(town, url).filed()
    assert "กรุณาบอกเหตุผล" in home.press(home.one, "returned").text and home.state() == "SUBMITTED"
    assert home.press(home.one, "returned", reason="ขาดสำเนาทะเบียนบ้าน").status_code == 200
    assert home.state() == "RETURNED"


@pytest.mark.parametrize(
    "wrong", ["csrf", "duty", "nobody", "another-home", "no-claim", "no-step", "no-event"]
)
def test_what_no_page_of_ours_sends_changes_nothing(town: Night, url: str, wrong: str) -> None:
    home = Home(town, url)
    if wrong == "no-event":
        home.opened()
        answer = press(f"{home.page}/claim", home.one, event=str(UUID(int=1)))
        assert answer.status_code == 422 and home.state() == ""
        return
    fields, page = home.filed().fields(home.one), home.page
    token = {"duty": town.officer(), "nobody": None}.get(wrong, home.one)
    if wrong == "csrf":
        fields["csrf"] = "0" * 32
    elif wrong == "another-home":
        (other,) = town.people([None])
        page = f"{url}/story/{other}"
    elif wrong == "no-claim":
        fields["claim"] = str(UUID(int=1))
    elif wrong == "no-step":
        fields["to"] = "heaven"
    expected = {"csrf": 409, "duty": 409, "nobody": 401}.get(wrong, 422)
    assert press(f"{page}/claim", token, **fields).status_code == expected
    assert home.state() == "SUBMITTED"


def test_an_event_is_opened_from_the_alerts_page(town: Night, url: str) -> None:
    home, duty = Home(town, url), town.officer(UserRole.DUTY_OFFICER)
    page = f"{url}/alerts/{home.alert.id}"
    for lang, said in (("th", "เปิดเหตุการณ์เยียวยา"), ("en", "Open the relief event")):
        assert said in see(page, duty, lang=lang).text
    assert "/gaps/open" not in see(page, town.officer(UserRole.APPROVER)).text
    for _ in range(2):
        opened = press(f"{url}/gaps/open", duty, alert=str(home.alert.id))
        assert opened.status_code == 200 and "/gaps?event=" in opened.url
    assert len(town.rows("SELECT 1 FROM disaster_event")) == 1
    assert (
        press(f"{url}/gaps/open", town.officer(UserRole.APPROVER), alert=str(home.alert.id)).status_code
        == 409
    )


def test_the_duty_officer_reads_and_does_not_press(town: Night, url: str) -> None:
    home = Home(town, url).filed()
    text = see(home.page, town.officer()).text
    assert "เจ้าหน้าที่เยียวยาเป็นผู้ทำขั้นต่อไป" in text and '/claim"' not in text
