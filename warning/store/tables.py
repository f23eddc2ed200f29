"""Every table of the platform in one metadata: import this where the whole schema is wanted."""

from importlib import import_module

from sqlalchemy import MetaData
from sqlmodel import SQLModel

MODULES = (
    "geo.people",
    "teams.response.mission",
    "teams.response.village_water",
    "teams.relief.event",
    "teams.relief.claim",
    "warning.observe",
    "warning.assess",
    "warning.alert",
    "warning.delivery",
    "warning.audit",
    "warning.accounts",
    "warning.fault",
)


def metadata() -> MetaData:
    for name in MODULES:
        import_module(name)
    return SQLModel.metadata
