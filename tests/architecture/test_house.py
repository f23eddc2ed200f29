"""The house stays as it was drawn: imports, sizes, names, and a README that tells the truth."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from warning.command import COMMANDS

ROOT = Path(__file__).parents[2]
MOST_LINES = 300
# A longer file stands here with its reason, or is cut in two.
LONGER: dict[str, str] = {
    "warning/store/migrations/versions/0001_first.py": "one schema is one list; cut in two it would hide what refers to what",
}
CODE = {".py", ".ts", ".js", ".html", ".css"}
TOP_FOLDERS = {
    "warning", "sources", "channels", "teams", "geo", "tests", "docs", "bench", ".ci", "rules",
}  # fmt: skip
BANNED = {"utils", "util", "helpers", "helper", "services", "models", "common", "misc", "lib", "shared"}
# Test of real servers is called so by the architecture; nothing else may be.
ALLOWED = {"tests/services"}
DOCUMENTS = {".md"}
MACHINE = re.compile(r"(?<![\w.:/}>~-])/(?:home|root|work|Users|mnt|workspace)/[\w.-]+")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@cache
def files() -> tuple[Path, ...]:
    """What git knows and is there: not built, not installed, not being deleted by somebody."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git here: the house is looked at in a checkout")
    found = (ROOT / name for name in listed.decode().split("\0") if name)
    return tuple(file for file in found if file.is_file())


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def words(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def test_imports_go_down_and_the_judge_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", cache_dir=None) == 0, (
        "run `make check` to see who looks up"
    )


def test_no_file_grows_past_what_one_reads_at_a_sitting() -> None:
    lines = {named(f): words(f).count("\n") for f in files() if f.suffix in CODE}
    long = {name: count for name, count in lines.items() if count > MOST_LINES}
    assert set(long) - set(LONGER) == set(), "cut it in two, or give its reason in LONGER"
    assert set(LONGER) - set(long) == set(), "short again: take it out of LONGER"


def test_the_top_of_the_house_is_who_it_is_built_for() -> None:
    top = {f.relative_to(ROOT).parts[0] for f in files() if len(f.relative_to(ROOT).parts) > 1}
    assert top - TOP_FOLDERS == set()


def test_no_room_without_a_purpose() -> None:
    bad = set()
    for file in files():
        inside = file.relative_to(ROOT)
        for place in (inside.with_suffix(""), *inside.parents):
            if place.name in BANNED and place.as_posix() not in ALLOWED:
                bad.add(place.as_posix())
    assert bad == set(), "say what it does, not that it is useful"


def test_every_command_is_in_the_readme_and_in_the_house() -> None:
    readme = words(ROOT / "README.md")
    missing = [c for c in COMMANDS if f"`raksa {c}`" not in readme]
    assert missing == []
    there = {f.stem for f in (ROOT / "warning/command").glob("[a-z]*.py")}
    parts = {
        f for f in there if f.partition("_")[0] in COMMANDS and "_" in f
    }  # of a command: cap_check is `raksa cap check`
    assert there - parts == set(COMMANDS), "a command is a file in warning/command and a name in COMMANDS"


@pytest.mark.parametrize("target", ["run", "setup", "test", "check", "services", "bench"])
def test_every_target_the_newcomer_reads_of_exists(target: str) -> None:
    assert re.search(rf"^{target}:", words(ROOT / "Makefile"), re.MULTILINE)
    assert (
        f"make {target}" in words(ROOT / "README.md") + words(ROOT / "docs/install.md") or target == "bench"
    )


def test_every_link_of_the_documents_leads_somewhere() -> None:
    dead = []
    for file in files():
        if file.suffix not in DOCUMENTS:
            continue
        for link in LINK.findall(words(file)):
            path = link.split("#")[0]
            if "://" in link or link.startswith("mailto:") or not path:
                continue
            if not (file.parent / path).exists():
                dead.append(f"{named(file)}: {link}")
    assert dead == []


def test_every_document_can_be_found() -> None:
    """From the README by links, however many steps."""
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        file = todo.pop()
        if file in seen or not file.exists():
            continue
        seen.add(file)
        if file.suffix in DOCUMENTS:
            links = (link.split("#")[0] for link in LINK.findall(words(file)) if "://" not in link)
            todo += [(file.parent / link).resolve() for link in links if link]
    lost = [
        named(f) for f in files()
        if f.suffix in DOCUMENTS and f.is_relative_to(ROOT / "docs") and "decisions" not in f.parts and f not in seen
    ]  # fmt: skip
    assert lost == []


def test_no_path_of_somebodys_machine() -> None:
    found = []
    for file in files():
        if file == Path(__file__) or file.name == "package-lock.json":
            continue
        for number, line in enumerate(words(file).splitlines(), start=1):
            if hit := MACHINE.search(line):
                found.append(f"{named(file)}:{number}: {hit[0]}")
    assert found == []


def test_every_package_we_stand_on_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads(words(ROOT / "pyproject.toml"))["project"]
    told = words(ROOT / "docs/dependencies.md")
    names = [re.split(r"[\[<>=~! ]", d)[0] for d in project["dependencies"]]
    assert [n for n in names if not re.search(rf"\b{re.escape(n)}\b", told)] == []
    pinned = words(ROOT / "constraints.txt").lower().replace("_", "-")
    assert [n for n in names if f"{n.lower()}==" not in pinned] == []
