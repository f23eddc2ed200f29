"""A one-time link as it is handed over: an address to send, and for a team member's phone a code to read aloud."""

from typing import NamedTuple

from fastapi import Request

from warning.web.render import office_of


class Handed(NamedTuple):
    """`code` is in groups of four, or empty where the link is too long to be read aloud; `at` is where it is typed."""

    name: str
    address: str
    code: str
    at: str


def handed(request: Request, name: str, token: str) -> Handed:
    """The addresses begin as people outside reach us (`office.public_url`), or as this page was reached."""
    base = str(office_of(request).config.office.public_url or request.base_url).rstrip("/")
    code = " ".join(token[n : n + 4] for n in range(0, len(token), 4)) if token.isdecimal() else ""
    return Handed(name, f"{base}/sign-in/{token}", code, f"{base}/sign-in")
