"""One section or entry of the config: filled in, checked by its model, its complaints placed on lines."""

import re
from collections import Counter
from collections.abc import Container, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from warning.config_lines import Document, fill, names_in
from warning.config_words import Where, duration_words, is_duration, nearest, nearest_of, words_of

_OFF = ("false", "no", "off", "0")  # also in quotes, as the entry's own field reads them
_NAME = re.compile(r"[\w\u0e00-\u0e7f][\w\u0e00-\u0e7f-]{0,59}")
_OWN_PLACE = re.compile(
    r"([a-z_]+(?:\.(?:[a-z_]+|\d+))*): (.*)", re.DOTALL
)  # "until.below: must be lower ..."


class Entry(NamedTuple):
    value: BaseModel | None  # None: it has mistakes, or is off and cannot be made without what it waits for
    kind: str
    name: str
    needs: tuple[str, ...]  # names of the environment an entry that is off still waits for
    line: int


def section(
    document: Document,
    where: Where,
    model: type[BaseModel],
    env: Mapping[str, str],
    context: Mapping[str, Any],
) -> BaseModel | None:
    """The checked section, or None with complaints in the document."""
    raw = document.value.get(where[0])
    if raw is None:
        document.complain(where, f"the section `{where[0]}:` is missing or empty; see docs/config.md")
        return None
    value, missing = fill(raw, where, env)
    for place, names in missing.items():
        document.complain(place, f"{names[0]} is not set; set {names[0]} in the environment")
    return _check(document, where, model, value, context, set(missing))


def entries(
    document: Document,
    key: str,
    kinds: Mapping[str, type[BaseModel]] | type[BaseModel],
    env: Mapping[str, str],
    context: Mapping[str, Any],
    skip: Container[int] = (),
) -> list[Entry]:
    """The entries of a list section. kinds: one model for all, or the model of each `kind`. skip: places read elsewhere."""
    raw = document.value.get(key)
    if raw is None:
        return []
    if not isinstance(raw, list):
        document.complain((key,), "needs a list; begin each entry with a hyphen: `- name: ...`")
        return []
    return [
        _entry(document, (key, nth), item, kinds, env, context)
        for nth, item in enumerate(raw)
        if nth not in skip
    ]


def _entry(
    document: Document,
    where: Where,
    raw: Any,
    kinds: Mapping[str, type[BaseModel]] | type[BaseModel],
    env: Mapping[str, str],
    context: Mapping[str, Any],
) -> Entry:
    line = document.lines[where]
    nothing = Entry(None, "", "", (), line)
    if not isinstance(raw, dict):
        document.complain(where, "needs keys of its own; write `- name: ...` and the others below it")
        return nothing
    model = kinds if isinstance(kinds, type) else _model(document, where, raw, kinds)
    if model is None:
        return nothing
    name = raw.get("name")
    if not isinstance(kinds, type) and isinstance(name, str) and not _NAME.fullmatch(name):
        text = (
            f"`{name}`: use letters, digits, hyphens and underscores only, at most 60: it stands in addresses"
        )
        document.complain((*where, "name"), text)
    value, missing = fill(raw, where, env)
    off = str(raw.get("on")).casefold() in _OFF
    if not off:
        for place, names in missing.items():
            text = f"{names[0]} is not set; set {names[0]} in the environment, or write `on: false` here"
            document.complain(place, text)
    made = _check(document, where, model, value, context, set(missing))
    needs = tuple(dict.fromkeys(name for names in missing.values() for name in names)) if off else ()
    return Entry(made, str(raw.get("kind", "")), str(raw.get("name", "")), needs, line)


def _model(
    document: Document, where: Where, raw: Mapping[str, Any], kinds: Mapping[str, type[BaseModel]]
) -> type[BaseModel] | None:
    if "kind" not in raw:
        document.complain(where, f"`kind` is missing; write one of {', '.join(sorted(kinds))}")
        return None
    kind = str(raw["kind"])
    if kind not in kinds:
        mend = nearest(kind, kinds) or f"; there are {', '.join(sorted(kinds))}"
        document.complain((*where, "kind"), f"`{kind}` is no kind that is installed{mend}")
        return None
    return kinds[kind]


def _check(
    document: Document,
    where: Where,
    model: type[BaseModel],
    value: Any,
    context: Mapping[str, Any],
    unfilled: set[Where],
) -> BaseModel | None:
    """unfilled: places whose secret is not there; what the model says about them does not count."""
    told = _traps(document, where, model, value)
    try:
        made = model.model_validate(value, context=dict(context))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        misspelt = _misspelt(model, details)
        said = told | unfilled | {complaint.where for complaint in document.complaints}
        for detail in details:
            place = _place(document, where, detail["loc"])
            unknown = detail["type"] == "extra_forbidden"  # is wrong whatever its value turns out to be
            if detail["loc"] in misspelt or (place in said and not unknown):
                continue
            if told and detail["type"] == "value_error":  # may follow from what a trap made of a value
                continue
            known = _keys(model, detail["loc"][:-1])
            text = words_of(detail, document.written.get(place, ""), _at(document.value, place), known)
            own = _OWN_PLACE.fullmatch(text)
            parts = tuple(int(p) if p.isdecimal() else p for p in own[1].split(".")) if own else ()
            inner = _place(document, place, parts)
            if own and inner != place:
                place, text = inner, own[2]
            document.complain(place, text)
        return None
    return None if told else made


def _traps(document: Document, where: Where, model: type[BaseModel], value: Any) -> set[Where]:
    """What pydantic would let through: bare numbers as durations, secrets written into the file."""
    told: set[Where] = set()
    if not isinstance(value, dict):
        return told
    for name, info in model.model_fields.items():
        key = info.alias or name
        place = (*where, key)
        if key not in value:
            continue
        types = (info.annotation, *get_args(info.annotation))
        written = document.written.get(place, "")
        unfilled = any(names_in(str(value[key])))
        if (
            timedelta in types
            and not unfilled
            and value[key] is not None
            and not is_duration(str(value[key]))
        ):
            document.complain(place, duration_words(written, _at(document.value, place)))
            told.add(place)
        elif isinstance(value[key], bool) and bool not in types and {int, float} & set(types):
            text = f"`{written}` is true or false to YAML; write a number in digits, such as 18.5"
            document.complain(place, text)
            told.add(place)
        elif SecretStr in types:
            held = (
                {(*place, inner): inner for inner in value[key]}
                if isinstance(value[key], dict)
                else {place: key}
            )
            for at, called in held.items():
                words = document.written.get(at, "")
                if not words or any(names_in(words)):
                    continue
                name_in_env = re.sub(r"\W+", "_", f"{value.get('name', where[0])}_{called}").upper()
                text = f"a secret must not stand in the file; write {called}: ${{{name_in_env}}} and set that name"
                document.complain(at, f"{text} in the environment")
                told.add(at)
        for inner in _models(info.annotation):
            for at, item in _items(place, value[key]):
                told |= _traps(document, at, inner, item)
    if (folded := _folded(model)) and getattr(model, "folded", "") not in value:
        told |= _traps(document, where, folded, value)
    return told


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models a field may hold, be it one or a list of them."""
    types = (annotation, *get_args(annotation))
    return [t for t in types if isinstance(t, type) and issubclass(t, BaseModel)]


def _items(where: Where, value: Any) -> list[tuple[Where, Any]]:
    if isinstance(value, list):
        return [((*where, nth), item) for nth, item in enumerate(value)]
    return [(where, value)]


def _folded(model: type[BaseModel]) -> type[BaseModel] | None:
    """A model may name a list of its own (`folded`): the keys of one entry of it may stand in the model itself."""
    info = model.model_fields.get(getattr(model, "folded", ""))
    return next(iter(_models(info.annotation)), None) if info else None


def _misspelt(model: type[BaseModel], details: list[ErrorDetails]) -> set[tuple[str | int, ...]]:
    """Keys that are missing only because they are misspelt: the unknown key's line says it all."""
    return {
        (*detail["loc"][:-1], meant)
        for detail in details
        if detail["type"] == "extra_forbidden"
        and (meant := nearest_of(str(detail["loc"][-1]), _keys(model, detail["loc"][:-1])))
    }


def _place(document: Document, where: Where, loc: tuple[str | int, ...]) -> Where:
    """Follow pydantic's loc as far as the file goes: it also names branches of a union, which are no keys."""
    for part in loc:
        if (*where, part) in document.lines:
            where = (*where, part)
    return where


def _at(value: Any, where: Where) -> Any:
    for part in where:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand at `loc` inside a model."""
    for part in loc:
        for name, info in model.model_fields.items():
            if part in (name, info.alias):
                model = next(iter(_models(info.annotation)), model)
    models = [model, *filter(None, [_folded(model)])]
    return [info.alias or name for m in models for name, info in m.model_fields.items()]


def refuse_twins(document: Document, key: str) -> None:
    """A name counts once in a list, and who stands by for another stands by for one that is there."""
    raw = document.value.get(key)
    names = [e.get("name") if isinstance(e, dict) else None for e in raw] if isinstance(raw, list) else []
    counted = Counter(name for name in names if isinstance(name, str))
    seen: dict[str, int] = {}
    for nth, name in enumerate(names):
        if not isinstance(name, str) or counted[name] < 2:
            continue
        if name in seen:
            first = document.lines[(key, seen[name], "name")]
            document.complain((key, nth, "name"), f"`{name}` is taken in line {first}; give another name")
        seen.setdefault(name, nth)
    for nth, entry in enumerate(raw if isinstance(raw, list) else []):
        main = entry.get("standby_for") if isinstance(entry, dict) else None
        if main and main not in [name for name in names if name != entry.get("name")]:
            text = (
                f"no other entry is called `{main}`{nearest(str(main), [str(n) for n in names if n]) or ''}"
            )
            document.complain(
                (key, nth, "standby_for"), f"{text}; write the name of the channel it takes over from"
            )
