"""The rules of the config: entries of `rules:`, or files of entries beside it, so that one hazard stands on one page."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from geo.errors import ConfigError
from geo.gazetteer import Gazetteer, gazetteer
from warning.config_entries import entries
from warning.config_lines import Document, read
from warning.hazards import HazardSettings, take_in
from warning.rule import Rule

KEY = "rules"


class RulesRead(NamedTuple):
    rules: tuple[Rule, ...]
    complaints: list[str]  # of the files beside the config, each with its file and line


def rules_beside(document: Document, folder: Path, env: Mapping[str, str], places: Gazetteer) -> RulesRead:
    """The rules of a document and of the files it names (`- file: rules/lake.yaml`), in the order they are written.

    Mistakes of the document itself are told to it; a rule's name counts once over all files.
    """
    raw = document.value.get(KEY)
    named = {
        nth: str(item["file"]) for nth, item in enumerate(raw if isinstance(raw, list) else [])
        if isinstance(item, dict) and set(item) == {"file"}
    }  # fmt: skip
    found = entries(document, KEY, Rule, env, {"places": places}, skip=named)
    here = iter(found)
    rules: list[Rule] = []
    said: list[str] = []
    for nth in range(len(raw) if isinstance(raw, list) else 0):
        if nth not in named:
            value = next(here).value
            rules += [value] if isinstance(value, Rule) else []
            continue
        try:
            rules += _of_file(_found(folder, named[nth]), named[nth], env, places, said)
        except OSError as error:
            document.complain(
                (KEY, nth, "file"),
                f"{named[nth]} cannot be read ({error.strerror}); give its place from here",
            )
        except UnicodeDecodeError:
            document.complain((KEY, nth, "file"), f"{named[nth]} is not UTF-8 text; save it as UTF-8")
    twice = [name for name, count in Counter(rule.name for rule in rules).items() if count > 1]
    if twice and named:
        document.complain((KEY,), f"`{twice[0]}` is the name of two rules; give another name")
    return RulesRead(tuple(rules), said)


def _found(folder: Path, name: str) -> Path:
    """Beside the config; a copy of the config, tried elsewhere, takes those of the folder one stands in."""
    return folder / name if (folder / name).exists() else Path(name)


def _of_file(path: Path, name: str, env: Mapping[str, str], places: Gazetteer, said: list[str]) -> list[Rule]:
    document = read(path.read_text(encoding="utf-8"))
    for key in document.value if not document.complaints else ():
        if key != KEY:
            document.complain(
                (key,), f"`{key}` has no place here; a file of rules holds `rules:` and nothing else"
            )
    found = [] if document.complaints else entries(document, KEY, Rule, env, {"places": places})
    said += [c.sentence(name) for c in sorted(set(document.complaints), key=lambda c: c.line)]
    return [e.value for e in found if isinstance(e.value, Rule)]


def rules_of(path: Path, env: Mapping[str, str] | None = None) -> tuple[Rule, ...]:
    """The rules of a config, or of a file of rules, whatever else in it is right or wrong.

    Raises ConfigError with one line a mistake, as `warning.config.load` does.
    """
    try:
        document = read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path.name}: cannot be read ({error.strerror}); give its place with --config"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8 text; save it as UTF-8") from error
    own = entries(document, "hazards", HazardSettings, env or {}, {})
    take_in(tuple(e.value for e in own if isinstance(e.value, HazardSettings)))
    found = (
        rules_beside(document, path.parent, env or {}, gazetteer()) if document.value else RulesRead((), [])
    )
    said = [
        c.sentence(path.name) for c in sorted(set(document.complaints), key=lambda c: c.line)
    ] + found.complaints
    if said:
        raise ConfigError("\n".join(dict.fromkeys(said)))
    return found.rules
