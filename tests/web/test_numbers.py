"""One form of an alert's number a language, on every page; whichever somebody read on a message, the check finds it."""

import re

import pytest

from tests.warning.town import VILLAGE
from tests.web.paper_office import Night, night, served
from tests.web.visitor import press, see
from warning.accounts.user import UserRole
from warning.clock import HandClock
from warning.store.database import Database

# What was composed for Thai readers (script, SMS, LINE) stays as it was composed on an English page.
OWN_LANGUAGE = re.compile(
    r'<(textarea)\b.*?</\1>|<(div) class="script".*?</\2>|<(p) class="pre".*?</\3>', re.DOTALL
)
THAI, LATIN = "ฝึก-พท-2569-0012", "EX-PT-2569-0012"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    made = night(database, clock)
    made.contacts()
    return made


def test_every_page_writes_the_number_as_its_language_does(town: Night) -> None:
    alert = town.flood(number=THAI)
    with town.database.session() as session:
        session.connection().exec_driver_sql("UPDATE alert SET review_due_at = expires_at")
    token = town.officer(UserRole.DUTY_OFFICER, UserRole.RELIEF_OFFICER)
    head = f"/h/{town.head_token()}"
    pages = ["/", f"/alerts/{alert.id}", f"/a/{alert.id}", "/a", "/check", head, "/relay", "/relay/print",
             f"/relay/{alert.id}/{VILLAGE}", f"/relay/{alert.id}/texts", "/gaps"]  # fmt: skip
    wrong = []
    with served(town) as url:
        for path in pages:
            for lang, right, other in (("th", THAI, LATIN), ("en", LATIN, THAI)):
                text = see(url + path, token, lang=lang).text
                shown = re.sub(r"<[^>]+>", " ", OWN_LANGUAGE.sub("", text))
                if other in shown:
                    wrong.append((path, lang, "the other language's number"))
                if right not in shown and path not in (f"/relay/{alert.id}/{VILLAGE}",):
                    wrong.append((path, lang, "no number"))
    assert wrong == []


@pytest.mark.parametrize(
    "typed",
    [THAI, LATIN, "ex-pt-2569-0012", " EX-PT-๒๕๖๙-๐๐๑๒ ", "ฝึก - พท - 2569 - 0012", "EX–PT–2569–0012"],
    ids=["thai", "latin", "small-letters", "thai-digits", "spaces", "dashes"],
)
@pytest.mark.parametrize("at", ["/a", "/check"])
def test_either_number_is_found(town: Night, typed: str, at: str) -> None:
    alert = town.flood(number=THAI)
    with served(town) as url:
        found = see(url + at, number=typed)
        assert found.status_code == 200 and alert.words["headline_th"] in found.text
        assert see(url + at, number="EX-PT-2569-9999").status_code == 404


def test_a_refusal_names_the_number_once_in_each_language(town: Night) -> None:
    alert = town.flood(number=THAI)
    with town.database.session() as session:
        session.connection().exec_driver_sql("UPDATE alert SET expires_at = issued_at, state = 'EXPIRED'")
    with served(town) as url:
        officer, door = town.officer(UserRole.APPROVER), f"{url}/alerts/{alert.id}/follow-up"
        th, en = (
            press(f"{door}?lang={lang}", officer, kind="cancel").text.replace("&nbsp;", " ")
            for lang in ("th", "en")
        )
    assert THAI in th and LATIN not in th
    assert f"alert {LATIN}" in en and THAI not in en
