"""Institutions are recipients; what may be kept of a household, why, and who may see it."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TYPE audience ADD VALUE IF NOT EXISTS 'INSTITUTION'")
    op.execute("ALTER TYPE missionkind ADD VALUE IF NOT EXISTS 'CALL_INSTITUTION'")
    op.create_table('institution',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('SCHOOL', 'CLINIC', 'HOSPITAL', 'CARE_HOME', 'WAT', 'MOSQUE', 'DORMITORY', 'PRISON', 'LIVESTOCK', name='institutionkind'), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('village_code', sa.String(length=8, collation='C'), nullable=False),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lon', sa.Float(), nullable=True),
    sa.Column('lead_minutes', sa.Integer(), nullable=True),
    sa.Column('heads_day', sa.Integer(), nullable=True),
    sa.Column('heads_night', sa.Integer(), nullable=True),
    sa.Column('contact_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('landline_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('lang', sa.String(), nullable=True),
    sa.Column('verified_on', sa.Date(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_institution_village_code'), 'institution', ['village_code'], unique=False)
    op.create_table('people_upload',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('skip', sa.JSON(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_people_upload_uploaded_at'), 'people_upload', ['uploaded_at'], unique=False)
    op.create_table('need',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('household_id', sa.Uuid(), nullable=False),
    sa.Column('resident_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Enum('CARRY', 'BOAT', 'POWER', 'MEDICINE', name='needkind'), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('noted_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], ),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_need_household_id'), 'need', ['household_id'], unique=False)
    op.add_column('address', sa.Column('lang', sa.String(), nullable=True))
    op.add_column('address', sa.Column('whose', sa.String(), nullable=True))
    op.add_column('household', sa.Column('told_on', sa.Date(), nullable=True))
    op.add_column('household', sa.Column('lang', sa.String(), nullable=True))
    op.add_column('household', sa.Column('legal_basis', sa.String(), nullable=True))
    op.add_column('household', sa.Column('consent_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('household', sa.Column('consent_by', sa.String(), nullable=True))
    op.add_column('mission', sa.Column('institution_id', sa.Uuid(), nullable=True))
    op.add_column('office_user', sa.Column('areas', sa.JSON(), nullable=True))
    op.add_column('reply', sa.Column('institution_id', sa.Uuid(), nullable=True))
    op.add_column('resident', sa.Column('vulnerability_source', sa.String(), nullable=True))
    op.add_column('resident', sa.Column('vulnerability_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column('resident', 'vulnerability_on')
    op.drop_column('resident', 'vulnerability_source')
    op.drop_column('reply', 'institution_id')
    op.drop_column('office_user', 'areas')
    op.drop_column('mission', 'institution_id')
    op.drop_column('household', 'consent_by')
    op.drop_column('household', 'consent_at')
    op.drop_column('household', 'legal_basis')
    op.drop_column('household', 'lang')
    op.drop_column('household', 'told_on')
    op.drop_column('address', 'whose')
    op.drop_column('address', 'lang')
    op.drop_index(op.f('ix_need_household_id'), table_name='need')
    op.drop_table('need')
    op.drop_index(op.f('ix_people_upload_uploaded_at'), table_name='people_upload')
    op.drop_table('people_upload')
    op.drop_index(op.f('ix_institution_village_code'), table_name='institution')
    op.drop_table('institution')
    op.execute("DROP TYPE needkind")
    op.execute("DROP TYPE institutionkind")  # a word added to a type stays: PostgreSQL takes none away
