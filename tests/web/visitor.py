"""Somebody at a browser without a screen: looks at a page, presses a button."""

import requests

from warning.accounts.user import csrf_of
from warning.web.render import COOKIE


def press(url: str, token: str | None = None, **form: str) -> requests.Response:
    given = {"csrf": csrf_of(token), **form} if token else form
    return requests.post(url, data=given, cookies={COOKIE: token} if token else None, timeout=30)


def see(url: str, token: str | None = None, **query: str) -> requests.Response:
    return requests.get(url, params=query, cookies={COOKIE: token} if token else None, timeout=30)
