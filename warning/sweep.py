"""What is due though nobody rang: a lost wake-up, a wait that is over, the work of a process that died."""

from collections.abc import Mapping

from sqlalchemy import text

from warning import assess, chain_turn, clock_back, cover, failing, issue, people_forget, stand_down
from warning.chain import PROOF
from warning.engine.app import defer
from warning.office import Office
from warning.step import Next

# (step, query giving work ids and a priority). A live job of the same work is left alone.
OVERDUE: Mapping[str, str] = {
    "assess": assess.OVERDUE,
    "draft": issue.OVERDUE,
    "stand_down": stand_down.OVERDUE,
    "issue": "SELECT id::text, 30 FROM alert WHERE state = 'APPROVED'",
    "address_contacts": "SELECT a.id::text, 30 FROM alert a WHERE a.state = 'ISSUED' AND a.expires_at > :now "
    "AND NOT EXISTS (SELECT 1 FROM segment s WHERE s.alert_id = a.id AND s.channel = 'person')",
    "deliver": "SELECT id::text, priority FROM segment WHERE (state = 'WAITING' AND due_at <= :now) OR state = 'SENDING' "
    "ORDER BY priority DESC, due_at LIMIT 2000",
    "ring": chain_turn.RING_OVERDUE,
    "chain": chain_turn.CHAIN_OVERDUE,
    "cover": cover.OVERDUE,
    "expire": "SELECT id::text, 30 FROM alert WHERE state = 'ISSUED' AND expires_at <= :now",
    "heard": "SELECT id::text, 30 FROM reply WHERE NOT heard",
    "parked": "SELECT DISTINCT r.provider_id, 20 FROM receipt r JOIN delivery d ON d.provider_id = r.provider_id "
    "JOIN segment s ON s.id = d.segment_id AND s.channel = r.channel WHERE NOT r.matched "
    "UNION SELECT DISTINCT r.provider_id, 20 FROM receipt r JOIN sms_part p USING (channel, provider_id) "
    "WHERE NOT r.matched LIMIT 500",
    "forget_people": people_forget.OVERDUE,
    "forget_payloads": "SELECT 'old', 0 FROM payload WHERE fetched_at < :forget LIMIT 1",
}


def sweep(office: Office) -> int:
    """Wake whatever is overdue and has no live job. Returns how many wake-ups were made."""
    now = office.clock.now()
    made = 0
    with office.database.session() as session:
        back, config = office.last_look.back_by(now), office.config
        clock_back.mend(session, back, now, wait=config.ladder.wait, again=config.chain.again)
        live = {
            (step, one)
            for step, work in session.execute(
                text(
                    "SELECT args->>'step', args->>'work' FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
                )
            )
            for one in work.split()
        }
        live |= {
            ("address_contacts", work) for step, work in live if step.startswith("address_")
        }  # one plan, in three steps
        values = {
            "now": now,
            "coverage_every": office.coverage_every,
            "call_lost": now - chain_turn.LOST_AFTER * office.clock.rate,
            "proof": [answer.value for answer in PROOF],
            "forget": now - office.config.retention.payloads,
            "people_before": now - office.config.retention.people,
        }
        for step, query in OVERDUE.items():
            due = session.execute(
                text(query),
                {name: value for name, value in values.items() if f":{name}" in query},
            )
            made += defer(session, [Next(step, w, priority) for w, priority in due if (step, w) not in live])
        failing.let_go(session, live, now)
    return made
