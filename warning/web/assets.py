"""Built script, style and fonts: their hashed names, and serving them pressed.

Vite's manifest says which file a source became. File names carry a hash of their content, so a browser may keep them
for ever; the pages that name them are never kept.
"""

import json
from functools import cache
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.responses import FileResponse, Response
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
BASE = "/static/"


class NotBuilt(RuntimeError):
    """The pages were never built; the message says which command does it."""


@cache
def _manifest() -> dict[str, dict[str, str]]:
    path = STATIC / ".vite" / "manifest.json"
    try:
        manifest: dict[str, dict[str, str]] = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotBuilt("the pages are not built: run `make setup` (or `pip install -e .`)") from error
    return manifest


def asset(name: str) -> str:
    """The address of one entry of `ui/src`, e.g. `asset("console.ts")` -> `/static/assets/console-Br3.js`.

    Raises NotBuilt when nothing was built, KeyError when `name` is no entry of `vite.config.js`.
    """
    return BASE + _manifest()[f"src/{name}"]["file"]


class Pressed(StaticFiles):
    """Static files, answered as .br or .gz where the browser takes it and the build wrote one."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        wants = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and response.status_code == 200:
            for ending, name in ((".br", "br"), (".gz", "gzip")):
                if name not in wants or not Path(f"{response.path}{ending}").is_file():
                    continue
                headers = {"Content-Encoding": name, "Vary": "Accept-Encoding"}
                response = FileResponse(
                    f"{response.path}{ending}", media_type=response.media_type, headers=headers
                )
                break
        if response.status_code == 200 and path.startswith("assets/"):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
