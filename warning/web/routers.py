"""Every face of the platform, in the order in which addresses are tried."""

from fastapi import APIRouter

from warning.web import api, sign_in, users
from warning.web.cell_broadcast import routes as cell_broadcast
from warning.web.clips import routes as clips
from warning.web.console import compose, gauges_page, live, revise, silences, voices, why
from warning.web.console import routes as console
from warning.web.coverage import door_knock_routes
from warning.web.coverage import routes as coverage
from warning.web.field import routes as field
from warning.web.field import team_routes
from warning.web.hooks import pa_clips
from warning.web.ledger import claim_routes
from warning.web.ledger import routes as ledger
from warning.web.people import (
    contacts_routes,
    household_routes,
    import_routes,
    institution_routes,
    person_routes,
)
from warning.web.public import feed_routes, map_routes, place_routes, push_routes, sound_routes
from warning.web.public import report_routes as public_report
from warning.web.public import routes as public
from warning.web.relay import caller_routes, posted_routes, report_routes
from warning.web.relay import routes as relay
from warning.web.towers import routes as towers
from warning.web.translations import routes as translations
from warning.web.undelivered import routes as undelivered
from warning.web.ways import routes as ways

ROUTERS: list[APIRouter] = [
    pa_clips.router,
    api.router,
    sign_in.router,
    users.router,
    live.router,
    console.router,
    compose.router,
    revise.router,
    why.router,
    cell_broadcast.router,
    coverage.router,
    door_knock_routes.router,
    silences.router,
    gauges_page.router,
    voices.router,
    clips.router,
    towers.router,
    public_report.router,
    sound_routes.router,
    place_routes.router,
    feed_routes.router,
    push_routes.router,
    map_routes.router,
    public.router,
    caller_routes.router,
    report_routes.router,
    posted_routes.router,
    relay.router,
    ways.router,
    translations.router,
    undelivered.router,
    team_routes.router,
    field.router,
    ledger.router,
    claim_routes.router,
    import_routes.router,
    institution_routes.router,
    household_routes.router,
    person_routes.router,
    contacts_routes.router,
]
