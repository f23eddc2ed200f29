"""The relay desk shows everybody's villages, and numbers in full only of one's own area: as the contacts' pages do."""

from tests.warning.town import VILLAGE
from tests.web.paper_office import night, served
from tests.web.visitor import press, see
from warning.clock import HandClock
from warning.store.database import Database

NUMBER = "081-234-5678"


def test_numbers_in_full_are_of_ones_own_area(database: Database, clock: HandClock) -> None:
    town = night(database, clock)
    town.contacts()
    alert = town.flood()
    own, far = town.officer(), town.officer(name="อีกอำเภอ")
    town.rows("UPDATE office_user SET areas = '[\"9306\"]' WHERE name = 'อีกอำเภอ' RETURNING id")
    with served(town) as url:
        card = f"{url}/relay/{alert.id}/{VILLAGE}"
        refused = press(f"{card}/take", far, lang="en")
        assert refused.status_code == 409 and NUMBER not in refused.text
        assert NUMBER not in see(card, far).text and NUMBER not in see(f"{url}/relay/print", far).text
        saved = press(f"{card}/contact", far, slot="head", name="นายอื่น", phone="0891112222")
        assert saved.status_code == 422 and not town.rows(
            "SELECT 1 FROM address WHERE kind = 'SMS' AND verified_on IS NOT NULL"
        )
        assert NUMBER in see(f"{url}/relay/print", own).text
        assert NUMBER in press(f"{card}/take", own).text
        town.rows("UPDATE office_user SET areas = '[\"9306\"]' RETURNING id")
        assert NUMBER not in see(card, own).text  # taken before the area was
