"""The config file as written: every value with its line, so that a mistake can be shown where it stands.

Keys are always text: YAML 1.1 would read the key `on` as true. Dates stay text too. `${NAME}` is filled in
from the environment and from nowhere else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml
from yaml.constructor import SafeConstructor

from warning.config_words import Where, path_text

_SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")}

MOST_VALUES = 100_000  # ten aliases of ten aliases of ten ... fill a machine's memory


class Complaint(NamedTuple):
    """One mistake. `line` counts from 1."""

    line: int
    where: Where
    text: str

    def sentence(self, file: str) -> str:
        place = path_text(self.where)
        return f"{file}:{self.line}: {place}: {self.text}" if place else f"{file}:{self.line}: {self.text}"


@dataclass
class Document:
    """What stands in the file. `lines` and `written` are by path: ("rules", 0, "when", "above")."""

    value: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    written: dict[Where, str] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    overflowed: bool = False

    def complain(self, where: Where, text: str) -> None:
        """At the line of `where`, or of the nearest thing around it that is written."""
        known = where
        while known and known not in self.lines:
            known = known[:-1]
        self.complaints.append(Complaint(self.lines.get(known, 1), where, text))


def read(text: str) -> Document:
    """Parse YAML and remember where everything stands. What is not YAML at all is one complaint."""
    document = Document(value={})
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        in_quotes = "quoted scalar" in (error.context or "")  # then the fault is where the quotes begin
        mark = error.context_mark if in_quotes else error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        mend = "look at this line and the one before for a tab, a missing quote, colon or bracket"
        document.complaints.append(Complaint(line, (), f"this is not YAML ({error.problem}); {mend}"))
        return document
    except yaml.YAMLError:
        mend = "save the file as UTF-8 text"
        document.complaints.append(Complaint(1, (), f"a character that YAML does not allow; {mend}"))
        return document
    except RecursionError:
        document.complaints.append(Complaint(1, (), "brackets or lines stand inside one another too deep"))
        return document
    if isinstance(node, yaml.MappingNode):
        document.value = _value(node, (), document, frozenset())
        if document.overflowed:
            document.value = {}
            text = f"more than {MOST_VALUES:,} values, the aliases written out; write fewer of them"
            document.complaints[:] = [Complaint(1, (), text)]
    else:
        document.complain(
            (), "the file must hold sections such as `office:` and `sources:`; see docs/config.md"
        )
    return document


def _value(node: yaml.Node, where: Where, document: Document, around: frozenset[int]) -> Any:
    document.lines.setdefault(where, node.start_mark.line + 1)
    if len(document.lines) > MOST_VALUES:
        document.overflowed = True
        return None
    if id(node) in around:
        document.complain(where, "an alias inside itself; write the value out")
        return None
    around |= {id(node)}
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, where, document, around)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*where, nth), document, around) for nth, item in enumerate(node.value)]
    document.written[where] = node.value
    if node.tag not in _PLAIN_TAGS or not isinstance(node, yaml.ScalarNode):
        return node.value
    try:
        return SafeConstructor().construct_object(node)
    except ValueError:  # 0o9 and the like: the field it stands in will say what it wants
        return node.value


def _mapping(
    node: yaml.MappingNode, where: Where, document: Document, around: frozenset[int]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or not key_node.value:
            document.complaints.append(Complaint(line, where, "a key that is no word; write `name: ...`"))
            continue
        key = str(key_node.value)
        place = (*where, key)
        if key in found:
            first = document.lines[place]
            text = f"written twice, first in line {first}; keep one"
            document.complaints.append(Complaint(line, place, text))
            continue
        document.lines[place] = line
        found[key] = _value(value_node, place, document, around)
    return found


class Filled(NamedTuple):
    value: Any
    missing: dict[
        Where, tuple[str, ...]
    ]  # where a name of the environment had no value; `${NAME}` is left there


def fill(value: Any, where: Where, env: Mapping[str, str]) -> Filled:
    """Put the environment's values in for `${NAME}`. A name set to nothing, or to blanks, counts as not set; the
    line break that a copied secret ends with is no part of it.
    """
    values = {name: value.strip() for name, value in env.items()}
    missing: dict[Where, tuple[str, ...]] = {}

    def walk(part: Any, at: Where) -> Any:
        if isinstance(part, dict):
            return {key: walk(inner, (*at, key)) for key, inner in part.items()}
        if isinstance(part, list):
            return [walk(inner, (*at, nth)) for nth, inner in enumerate(part)]
        if not isinstance(part, str):
            return part
        absent = tuple(name for name in _SECRET.findall(part) if not values.get(name))
        if absent:
            missing[at] = absent
        return _SECRET.sub(lambda found: values.get(found[1]) or found[0], part)

    return Filled(walk(value, where), missing)


def names_in(text: str) -> Iterator[str]:
    """The environment names a written value asks for."""
    return (found[1] for found in _SECRET.finditer(text))
