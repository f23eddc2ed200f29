"""Every table of the platform in one metadata: import this where the whole schema is wanted."""

from importlib import import_module

from sqlalchemy import MetaData
from sqlmodel import SQLModel

MODULES = (
    "geo.people",
    "geo.institution",
    "teams.response.team",
    "teams.response.mission",
    "teams.response.village_water",
    "teams.response.village_photo",
    "teams.relief.event",
    "teams.relief.rates",
    "teams.relief.claim",
    "teams.relief.damage",
    "teams.relief.payment",
    "warning.observation",
    "warning.judging",
    "warning.source_state",
    "warning.assess",
    "warning.release",
    "warning.alert",
    "warning.silence",
    "warning.received",
    "warning.voices",
    "warning.voice_answer",
    "warning.held_back",
    "warning.keyed",
    "warning.delivery",
    "warning.dead_letters",
    "warning.chain",
    "warning.coverage_history",
    "warning.door_knock_sheet",
    "warning.parts",
    "warning.safe_ways",
    "warning.posted",
    "warning.translation",
    "warning.caller",
    "warning.speech.clip",
    "warning.tower_test",
    "warning.cell_broadcast.record",
    "warning.people_upload",
    "warning.accounts.user",
    "warning.fault",
    "warning.audit",
    "warning.audited",
)


def metadata() -> MetaData:
    for name in MODULES:
        import_module(name)
    return SQLModel.metadata
