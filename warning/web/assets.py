"""Built files by their source's name: `asset("console.ts")` -> `/static/assets/console-x1y2.js`. From Vite's manifest."""

import json
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


class NotBuilt(Exception):
    """The pages' files are missing: the package was not built with its hook."""


@cache
def _manifest() -> dict[str, dict[str, object]]:
    path = STATIC / ".vite" / "manifest.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise NotBuilt("the pages' script and styles are not built: run `make setup`") from error


def asset(name: str) -> str:
    """The address of one entry of `ui/src`. Raises NotBuilt, or KeyError for a name that is no entry."""
    return f"/static/{_manifest()[f'src/{name}']['file']}"
