"""The first page of the demo, asked for several times at once: one trainee, one team, nobody refused."""

from concurrent.futures import ThreadPoolExecutor, wait

from sqlalchemy import text

from tests.web.paper_office import night
from warning.accounts.user import who
from warning.clock import HandClock
from warning.store.database import Database
from warning.web.demo_visitor import TEAM, TRAINEE, demo_token


def test_a_browser_that_asks_for_many_things_at_once_is_one_trainee(
    database: Database, clock: HandClock
) -> None:
    town = night(database, clock)
    with ThreadPoolExecutor(4) as browser:
        with database.session() as session:
            session.execute(
                text("LOCK TABLE team, office_user IN SHARE MODE")
            )  # read by all, made by none yet
            asked = [browser.submit(demo_token, town.office) for _ in range(4)]
            wait(asked, timeout=0.5)
        tokens = {answer.result(timeout=20) for answer in asked}
    assert [team.name for team in town.rows("SELECT name FROM team")] == [TEAM]
    assert [user.name for user in town.rows("SELECT name FROM office_user")] == [TRAINEE]
    with database.session() as session:
        assert len(tokens) == 4 and all(who(session, token, clock.now()) for token in tokens)
