"""The first schema: procrastinate's, then ours, written out. What is released is never edited: the next change is a migration
of its own (`python -m warning.store.next_migration "why"`).
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import ENUM

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ADDRESSKIND = ENUM('SMS', 'LINE', 'TOWER', name='addresskind', create_type=False)
ALERTSTATE = ENUM('DRAFT', 'APPROVED', 'ISSUED', 'SUPERSEDED', 'CANCELLED', 'EXPIRED', 'REJECTED', name='alertstate', create_type=False)
APPROVALPOLICY = ENUM('NONE', 'DUTY_OFFICER', 'TWO_PERSON', 'SEND_THEN_REVIEW', name='approvalpolicy', create_type=False)
AUDIENCE = ENUM('CONTACT', 'RESIDENT', name='audience', create_type=False)
CLAIMSTATE = ENUM('DRAFT', 'SUBMITTED', 'VILLAGE_ENDORSED', 'SURVEYED', 'DISTRICT_APPROVED', 'PROVINCE_APPROVED', 'IN_PAYMENT', 'PAID', 'CONFIRMED', 'RETURNED', 'UNREACHABLE', 'REFERRED', 'REJECTED', 'APPEALED', 'REJECTED_FINAL', 'PAY_FAILED', 'WITHDRAWN', 'DUPLICATE', name='claimstate', create_type=False)
FAILURE = ENUM('NO_PROMPTPAY', 'ACCOUNT_CLOSED', 'NAME_MISMATCH', 'ID_INVALID', 'DECEASED', 'BANK_ERROR', 'OTHER', name='failure', create_type=False)
METHOD = ENUM('PROMPTPAY', 'BANK', 'CHEQUE', 'CASH', name='method', create_type=False)
MISSIONKIND = ENUM('TELL_VILLAGE', 'SILENT_HOMES', 'VULNERABLE_HOME', 'RESCUE', name='missionkind', create_type=False)
MISSIONSTATE = ENUM('REQUESTED', 'ACCEPTED', 'EN_ROUTE', 'ON_SCENE', 'DONE', 'CANCELLED', name='missionstate', create_type=False)
MODE = ENUM('ACTUAL', 'EXERCISE', name='mode', create_type=False)
PAYMENTSTATE = ENUM('PAID', 'FAILED', name='paymentstate', create_type=False)
ROLE = ENUM('HEAD', 'ASSISTANT', 'KEY_HOLDER', 'HEALTH_VOLUNTEER', name='role', create_type=False)
SEGMENTSTATE = ENUM('WAITING', 'SENDING', 'SENT', 'CLOSED', name='segmentstate', create_type=False)
TOWERKIND = ENUM('MICROPHONE', 'MQTT', name='towerkind', create_type=False)
VULNERABILITY = ENUM('BEDRIDDEN', 'DIALYSIS_OXYGEN', 'DISABLED', 'PREGNANT', 'ELDERLY', 'YOUNG_CHILD', name='vulnerability', create_type=False)
WATERSTATE = ENUM('NONE', 'ON_ROAD', 'IN_HOMES', 'CUT_OFF', 'FALLING', name='waterstate', create_type=False)
ENUMS = (ADDRESSKIND, ALERTSTATE, APPROVALPOLICY, AUDIENCE, CLAIMSTATE, FAILURE, METHOD, MISSIONKIND, MISSIONSTATE, MODE, PAYMENTSTATE, ROLE, SEGMENTSTATE, TOWERKIND, VULNERABILITY, WATERSTATE)

DELIVERY_STATUS = """
CREATE VIEW delivery_status AS
SELECT d.id, d.segment_id, s.alert_id, s.mode, s.channel, s.audience, s.rung, d.owner_id, d.address_id,
       d.household_id, d.village_code, COALESCE(d.state, s.outcome) AS state,
       CASE WHEN d.state IS NULL THEN s.why ELSE d.why END AS why,
       d.provider_id, COALESCE(d.changed_at, s.sent_at) AS changed_at
FROM delivery d JOIN segment s ON s.id = d.segment_id
"""

# Nobody edits, removes or empties the trail: not by our code, and not by a slip in psql.
AUDIT_STAYS = (
    "CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit trail is never changed'; END $$",
    "CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()",
    "CREATE TRIGGER audit_entry_stays_whole BEFORE TRUNCATE ON audit_entry EXECUTE FUNCTION audit_entry_stays()",
)


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(SchemaManager.get_schema())  # many statements at once: psycopg's own call takes them
    for enum in ENUMS:
        enum.create(op.get_bind())
    tables()
    op.execute(DELIVERY_STATUS)
    for statement in AUDIT_STAYS:
        op.execute(statement)


def tables() -> None:
    op.create_table('account',
        sa.Column('channel', sa.String(), nullable=False),
        sa.Column('tokens', sa.Float(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('paused_until', MOMENT),
        sa.Column('paused_why', sa.String()),
        sa.PrimaryKeyConstraint('channel'),
    )
    op.create_table('alert',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', MODE, nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('identifier', sa.String(), nullable=False),
        sa.Column('msg_type', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('state', ALERTSTATE, nullable=False),
        sa.Column('event', sa.String(), nullable=False),
        sa.Column('severity', sa.String(), nullable=False),
        sa.Column('urgency', sa.String(), nullable=False),
        sa.Column('certainty', sa.String(), nullable=False),
        sa.Column('response_type', sa.String(), nullable=False),
        sa.Column('tambons', sa.JSON(), nullable=False),
        sa.Column('villages', sa.JSON(), nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('words', sa.JSON(), nullable=False),
        sa.Column('cap_xml', sa.LargeBinary()),
        sa.Column('approval', APPROVALPOLICY, nullable=False),
        sa.Column('untested', sa.Boolean(), nullable=False),
        sa.Column('assessment_id', sa.Uuid()),
        sa.Column('rule', sa.String()),
        sa.Column('references', sa.JSON(), nullable=False),
        sa.Column('drafted_by', sa.String(), nullable=False),
        sa.Column('drafted_at', MOMENT, nullable=False),
        sa.Column('issued_at', MOMENT),
        sa.Column('water_by', MOMENT),
        sa.Column('expires_at', MOMENT, nullable=False),
        sa.Column('review_due_at', MOMENT),
        sa.Column('reviewed_by', sa.String()),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('mode', 'number'),
    )
    op.create_table('audit_entry',
        sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('actor', sa.String(), nullable=False),
        sa.Column('action', sa.String(), nullable=False),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('subject_id', sa.String(), nullable=False),
        sa.Column('data', sa.Text(), nullable=False),
        sa.Column('prev_hash', sa.String(64), nullable=False),
        sa.Column('hash', sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint('seq'),
    )
    op.create_index('audit_subject', 'audit_entry', ['subject', 'subject_id'])
    op.create_table('bulletin',
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('title_th', sa.String(), nullable=False),
        sa.Column('title_en', sa.String()),
        sa.Column('text_th', sa.String(), nullable=False),
        sa.Column('text_en', sa.String()),
        sa.Column('announced_at', MOMENT, nullable=False),
        sa.Column('effective_from', MOMENT),
        sa.Column('effective_to', MOMENT),
        sa.Column('areas', sa.String(), nullable=False),
        sa.Column('severity', sa.String()),
        sa.Column('url', sa.String()),
        sa.PrimaryKeyConstraint('source', 'key'),
    )
    op.create_table('contact',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('role', ROLE, nullable=False),
        sa.Column('rank', sa.Integer(), nullable=False),
        sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
        sa.Column('verified_on', sa.Date()),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_contact_village_code', 'contact', ['village_code'])
    op.create_table('delivery',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('segment_id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid()),
        sa.Column('address_id', sa.Uuid()),
        sa.Column('household_id', sa.Uuid()),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('state', sa.String()),
        sa.Column('why', sa.String()),
        sa.Column('provider_id', sa.String()),
        sa.Column('changed_at', MOMENT),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('delivery_household', 'delivery', ['household_id'], postgresql_where=sa.text('household_id IS NOT NULL'))
    op.create_index('delivery_provider', 'delivery', ['provider_id'], postgresql_where=sa.text('provider_id IS NOT NULL'))
    op.create_index('delivery_segment', 'delivery', ['segment_id'])
    op.create_table('disaster_event',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', sa.String(), nullable=False),
        sa.Column('name_th', sa.String(), nullable=False),
        sa.Column('name_en', sa.String(), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('tambons', sa.JSON(), nullable=False),
        sa.Column('alerts', sa.JSON(), nullable=False),
        sa.Column('assistance_tambons', sa.JSON(), nullable=False),
        sa.Column('assistance_document', sa.String()),
        sa.Column('assistance_at', MOMENT),
        sa.Column('opened_by', sa.String(), nullable=False),
        sa.Column('opened_at', MOMENT, nullable=False),
        sa.Column('closed_at', MOMENT),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.CheckConstraint('level BETWEEN 1 AND 4'),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('disaster_event_open', 'disaster_event', ['mode'], postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('fault',
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('since', MOMENT, nullable=False),
        sa.Column('last_at', MOMENT, nullable=False),
        sa.Column('times', sa.Integer(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('key'),
    )
    op.create_table('forecast',
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('place', sa.String(), nullable=False),
        sa.Column('quantity', sa.String(), nullable=False),
        sa.Column('valid_at', MOMENT, nullable=False),
        sa.Column('issued_at', MOMENT, nullable=False),
        sa.Column('value', sa.Float(), nullable=False),
        sa.Column('unit', sa.String(), nullable=False),
        sa.Column('tambon', sa.String()),
        sa.PrimaryKeyConstraint('source', 'place', 'quantity', 'valid_at', 'issued_at'),
    )
    op.create_table('hazard_assessment',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('rule', sa.String(), nullable=False),
        sa.Column('rule_version', sa.String(), nullable=False),
        sa.Column('station', sa.String(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('value', sa.Float()),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('fires', sa.Boolean(), nullable=False),
        sa.Column('tambons', sa.JSON(), nullable=False),
        sa.Column('observations', sa.JSON(), nullable=False),
        sa.Column('water_by', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_hazard_assessment_rule', 'hazard_assessment', ['rule'])
    op.create_table('household',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('house_no_sealed', sa.LargeBinary()),
        sa.Column('people', sa.Integer(), nullable=False),
        sa.Column('vulnerable', sa.Integer(), nullable=False),
        sa.Column('lat', sa.Float()),
        sa.Column('lon', sa.Float()),
        sa.Column('source', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_household_village_code', 'household', ['village_code'])
    op.create_table('latest',
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('station', sa.String(), nullable=False),
        sa.Column('quantity', sa.String(), nullable=False),
        sa.Column('value', sa.Float(), nullable=False),
        sa.Column('unit', sa.String(), nullable=False),
        sa.Column('observed_at', MOMENT, nullable=False),
        sa.Column('received_at', MOMENT, nullable=False),
        sa.Column('tambon', sa.String(length=6, collation='C')),
        sa.Column('station_name', sa.String()),
        sa.Column('lat', sa.Float()),
        sa.Column('lon', sa.Float()),
        sa.Column('bank_m', sa.Float()),
        sa.PrimaryKeyConstraint('source', 'station', 'quantity'),
    )
    op.create_index('latest_tambon', 'latest', ['tambon'])
    op.create_table('mission',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', sa.String(), nullable=False),
        sa.Column('alert_id', sa.Uuid()),
        sa.Column('kind', MISSIONKIND, nullable=False),
        sa.Column('state', MISSIONSTATE, nullable=False),
        sa.Column('priority', sa.Integer(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('household_id', sa.Uuid()),
        sa.Column('homes', sa.Integer(), nullable=False),
        sa.Column('people', sa.Integer()),
        sa.Column('assigned_to', sa.Uuid()),
        sa.Column('assigned_role', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('outcome', sa.String()),
        sa.Column('head_count', sa.Integer()),
        sa.Column('requested_at', MOMENT, nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_mission_village_code', 'mission', ['village_code'])
    op.create_index('mission_open', 'mission', ['mode', 'state', 'priority'])
    op.create_table('observation',
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('station', sa.String(), nullable=False),
        sa.Column('quantity', sa.String(), nullable=False),
        sa.Column('observed_at', MOMENT, nullable=False),
        sa.Column('value', sa.Float(), nullable=False),
        sa.Column('unit', sa.String(), nullable=False),
        sa.Column('payload_id', sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint('source', 'station', 'quantity', 'observed_at'),
    )
    op.create_table('office_user',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('roles', sa.JSON(), nullable=False),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.Column('made_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_table('payload',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('fetched_at', MOMENT, nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('fault', sa.String()),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_payload_fetched_at', 'payload', ['fetched_at'])
    op.create_index('ix_payload_source', 'payload', ['source'])
    op.create_table('rate_confirmation',
        sa.Column('version', sa.String(), nullable=False),
        sa.Column('amount', sa.String(), nullable=False),
        sa.Column('document', sa.String(), nullable=False),
        sa.Column('confirmed_by', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('version'),
    )
    op.create_table('receipt',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('channel', sa.String(), nullable=False),
        sa.Column('delivery_id', sa.Uuid()),
        sa.Column('provider_id', sa.String()),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('received_at', MOMENT, nullable=False),
        sa.Column('matched', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('receipt_delivery', 'receipt', ['delivery_id'])
    op.create_index('receipt_parked', 'receipt', ['provider_id'], postgresql_where=sa.text('NOT matched'))
    op.create_table('rejected',
        sa.Column('payload_id', sa.Uuid(), nullable=False),
        sa.Column('nth', sa.Integer(), nullable=False),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('raw', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('payload_id', 'nth'),
    )
    op.create_index('ix_rejected_source', 'rejected', ['source'])
    op.create_table('reply',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('alert_id', sa.Uuid()),
        sa.Column('mode', MODE, nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C')),
        sa.Column('household_id', sa.Uuid()),
        sa.Column('delivery_id', sa.Uuid()),
        sa.Column('contact_id', sa.Uuid()),
        sa.Column('answer', sa.String(), nullable=False),
        sa.Column('homes', sa.Integer()),
        sa.Column('people', sa.Integer()),
        sa.Column('via', sa.String(), nullable=False),
        sa.Column('keyed_by', sa.String()),
        sa.Column('heard_from', sa.String()),
        sa.Column('text_sealed', sa.LargeBinary()),
        sa.Column('heard', sa.Boolean(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('received_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('reply_alert', 'reply', ['alert_id', 'village_code'])
    op.create_table('rule_state',
        sa.Column('rule', sa.String(), nullable=False),
        sa.Column('station', sa.String(), nullable=False),
        sa.Column('state', sa.JSON(), nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('rule', 'station'),
    )
    op.create_table('source_state',
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('tried_at', MOMENT, nullable=False),
        sa.Column('answered_at', MOMENT),
        sa.Column('newest_at', MOMENT),
        sa.Column('rows', sa.Integer(), nullable=False),
        sa.Column('rejected', sa.Integer(), nullable=False),
        sa.Column('fault', sa.String()),
        sa.Column('fault_since', MOMENT),
        sa.PrimaryKeyConstraint('source'),
    )
    op.create_table('village_water',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', sa.String(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('state', WATERSTATE, nullable=False),
        sa.Column('since', MOMENT, nullable=False),
        sa.Column('reported_at', MOMENT, nullable=False),
        sa.Column('reported_by', sa.String(), nullable=False),
        sa.Column('alert_id', sa.Uuid()),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_village_water_village_code', 'village_water', ['village_code'])
    op.create_table('address',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('audience', AUDIENCE, nullable=False),
        sa.Column('kind', ADDRESSKIND, nullable=False),
        sa.Column('tambon_code', sa.String(length=6, collation='C'), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('nth', sa.Integer(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('household_id', sa.Uuid()),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('hash', sa.String(64), nullable=False),
        sa.Column('verified_on', sa.Date()),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['household_id'], ['household.id'],),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('address_hash', 'address', ['hash'])
    op.create_index('address_household', 'address', ['household_id'])
    op.create_index('address_owner', 'address', ['owner_id'])
    op.create_index('address_roll', 'address', ['audience', 'kind', 'tambon_code', 'nth'], unique=True)
    op.create_table('approval',
        sa.Column('alert_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.String(), nullable=False),
        sa.Column('user_name', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['alert_id'], ['alert.id'],),
        sa.PrimaryKeyConstraint('alert_id', 'user_id'),
    )
    op.create_table('claim',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', sa.String(), nullable=False),
        sa.Column('event_id', sa.Uuid(), nullable=False),
        sa.Column('scheme', sa.String(), nullable=False),
        sa.Column('household_id', sa.Uuid(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('state', CLAIMSTATE, nullable=False),
        sa.Column('damage_on', sa.Date(), nullable=False),
        sa.Column('amount', sa.Numeric(precision=12, scale=2)),
        sa.Column('rate_versions', sa.JSON(), nullable=False),
        sa.Column('draft_rates', sa.Boolean(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('filed_by', sa.String(), nullable=False),
        sa.Column('endorsed_by', sa.String()),
        sa.Column('surveyed_by', sa.String()),
        sa.Column('approved_by', sa.String()),
        sa.Column('filed_at', MOMENT, nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['event_id'], ['disaster_event.id'],),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('mode', 'event_id', 'scheme', 'household_id'),
    )
    op.create_index('claim_household', 'claim', ['household_id'])
    op.create_index('ix_claim_village_code', 'claim', ['village_code'])
    op.create_table('coverage',
        sa.Column('alert_id', sa.Uuid(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('mode', MODE, nullable=False),
        sa.Column('homes', sa.Integer(), nullable=False),
        sa.Column('registered', sa.Integer(), nullable=False),
        sa.Column('reached', sa.Integer(), nullable=False),
        sa.Column('reached_by_announcement', sa.Integer(), nullable=False),
        sa.Column('waiting', sa.Integer(), nullable=False),
        sa.Column('sent_unconfirmed', sa.Integer(), nullable=False),
        sa.Column('unreached', sa.Integer(), nullable=False),
        sa.Column('vulnerable_unreached', sa.Integer(), nullable=False),
        sa.Column('contacts', sa.Integer(), nullable=False),
        sa.Column('answered', sa.Boolean(), nullable=False),
        sa.Column('announced', sa.Boolean(), nullable=False),
        sa.Column('last_word', sa.String()),
        sa.Column('last_word_at', MOMENT),
        sa.Column('by_channel', sa.String(), nullable=False),
        sa.Column('counted_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['alert_id'], ['alert.id'],),
        sa.PrimaryKeyConstraint('alert_id', 'village_code'),
    )
    op.create_table('relay_claim',
        sa.Column('alert_id', sa.Uuid(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('user_name', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['alert_id'], ['alert.id'],),
        sa.PrimaryKeyConstraint('alert_id', 'village_code'),
    )
    op.create_table('resident',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('household_id', sa.Uuid(), nullable=False),
        sa.Column('name_sealed', sa.LargeBinary(), nullable=False),
        sa.Column('vulnerability', VULNERABILITY),
        sa.ForeignKeyConstraint(['household_id'], ['household.id'],),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_resident_household_id', 'resident', ['household_id'])
    op.create_table('segment',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('alert_id', sa.Uuid(), nullable=False),
        sa.Column('mode', MODE, nullable=False),
        sa.Column('channel', sa.String(), nullable=False),
        sa.Column('audience', sa.String(), nullable=False),
        sa.Column('tambon_code', sa.String(length=6, collation='C'), nullable=False),
        sa.Column('first_nth', sa.Integer(), nullable=False),
        sa.Column('last_nth', sa.Integer(), nullable=False),
        sa.Column('priority', sa.Integer(), nullable=False),
        sa.Column('rung', sa.Integer(), nullable=False),
        sa.Column('state', SEGMENTSTATE, nullable=False),
        sa.Column('expanded', sa.Boolean(), nullable=False),
        sa.Column('outcome', sa.String(), nullable=False),
        sa.Column('why', sa.String(), nullable=False),
        sa.Column('retry_key', sa.Uuid(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('expires_at', MOMENT, nullable=False),
        sa.Column('job', sa.Integer()),
        sa.Column('sent_at', MOMENT),
        sa.ForeignKeyConstraint(['alert_id'], ['alert.id'],),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('segment_alert', 'segment', ['alert_id'])
    op.create_index('segment_due', 'segment', ['due_at'], postgresql_where=sa.text("state = 'WAITING'"))
    op.create_table('sign_in_link',
        sa.Column('hash', sa.String(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('expires_at', MOMENT, nullable=False),
        sa.Column('used_at', MOMENT),
        sa.ForeignKeyConstraint(['user_id'], ['office_user.id'],),
        sa.PrimaryKeyConstraint('hash'),
    )
    op.create_table('signed_in',
        sa.Column('hash', sa.String(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('expires_at', MOMENT, nullable=False),
        sa.Column('last_seen_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['office_user.id'],),
        sa.PrimaryKeyConstraint('hash'),
    )
    op.create_table('tower',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
        sa.Column('kind', TOWERKIND, nullable=False),
        sa.Column('device_id', sa.String()),
        sa.Column('device_key_sealed', sa.LargeBinary()),
        sa.Column('homes_in_earshot', sa.Integer()),
        sa.Column('key_holder_id', sa.Uuid()),
        sa.Column('last_heard_at', MOMENT),
        sa.Column('online', sa.Boolean()),
        sa.ForeignKeyConstraint(['key_holder_id'], ['contact.id'],),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_tower_village_code', 'tower', ['village_code'])
    op.create_table('claim_move',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('claim_id', sa.Uuid(), nullable=False),
        sa.Column('nth', sa.Integer(), nullable=False),
        sa.Column('was', CLAIMSTATE, nullable=False),
        sa.Column('became', CLAIMSTATE, nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('role', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('evidence', sa.JSON(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['claim_id'], ['claim.id'],),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_claim_move_claim_id', 'claim_move', ['claim_id'])
    op.create_table('damage_assessment',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('claim_id', sa.Uuid(), nullable=False),
        sa.Column('nth', sa.Integer(), nullable=False),
        sa.Column('damage_on', sa.Date(), nullable=False),
        sa.Column('depth_cm', sa.Integer()),
        sa.Column('days_flooded', sa.Integer()),
        sa.Column('items', sa.JSON(), nullable=False),
        sa.Column('lines', sa.JSON(), nullable=False),
        sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column('photos', sa.JSON(), nullable=False),
        sa.Column('surveyed_by', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['claim_id'], ['claim.id'],),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_damage_assessment_claim_id', 'damage_assessment', ['claim_id'])
    op.create_table('payment',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('mode', sa.String(), nullable=False),
        sa.Column('claim_id', sa.Uuid(), nullable=False),
        sa.Column('event_id', sa.Uuid(), nullable=False),
        sa.Column('scheme', sa.String(), nullable=False),
        sa.Column('household_id', sa.Uuid(), nullable=False),
        sa.Column('nth', sa.Integer(), nullable=False),
        sa.Column('state', PAYMENTSTATE, nullable=False),
        sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column('method', METHOD, nullable=False),
        sa.Column('reference', sa.String(), nullable=False),
        sa.Column('failure', FAILURE),
        sa.Column('paid_by', sa.String(), nullable=False),
        sa.Column('paid_at', MOMENT, nullable=False),
        sa.Column('recorded_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['claim_id'], ['claim.id'],),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_payment_claim_id', 'payment', ['claim_id'])
    op.create_index('payment_household', 'payment', ['household_id'])
    op.create_index('payment_once', 'payment', ['claim_id'], unique=True, postgresql_where=sa.text("state = 'PAID'"))


def downgrade() -> None:
    raise NotImplementedError("the first schema is not undone: drop the database instead")
