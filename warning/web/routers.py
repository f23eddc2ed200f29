"""Every face of the platform, in the order in which addresses are tried."""

from fastapi import APIRouter

from warning.web import api, sign_in
from warning.web.console import routes as console
from warning.web.hooks import routes as hooks

ROUTERS: list[APIRouter] = [hooks.router, api.router, sign_in.router, console.router]
