"""Words of the config's complaints: each says what is wrong and how to mend it."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

Where = tuple[str | int, ...]  # ("rules", 0, "when", "above")

_DURATION = re.compile(
    r"P(?=.)(\d+W|(\d+D)?(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?)"
)  # ISO 8601 without years and months, whose length is not fixed


def is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?`, or nothing when nothing known is near."""
    found = nearest_of(word, known)
    return f"; did you mean {found}?" if found else ""


def nearest_of(word: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def unknown_key(key: str, known: Iterable[str]) -> str:
    names = list(known)
    return f"unknown key `{key}`" + (nearest(key, names) or f"; the keys here are {', '.join(names)}")


def path_text(where: Where) -> str:
    """`rules[0].when.above`; the place in a list of plain values is left out, the line says it."""
    if len(where) > 2 and isinstance(where[-1], int):
        where = where[:-1]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".")


def duration_words(written: str, read_as: Any) -> str:
    if not written:  # nothing at all, or a list
        return "needs one ISO 8601 duration; write PT20M for 20 minutes, PT1H, P7D"
    read = f" (YAML reads it as {read_as})" if str(read_as) != written else ""
    return f"`{written}` is not an ISO 8601 duration{read}; write PT20M for 20 minutes, PT1H, P7D"


def _number_for_text(written: str, read_as: Any) -> str:
    read = "a number" if str(read_as) == written else f"it as {read_as}"
    return f'put it in quotes: "{written}" (without them YAML reads {read})'


def words_of(error: ErrorDetails, written: str, read_as: Any, known: Iterable[str]) -> str:
    """One pydantic error as a sentence for the person who wrote the file.

    written: the value as it stands in the file, "" for a list or a mapping; read_as: what YAML made of it;
    known: the keys that may stand there.
    """
    context: Mapping[str, Any] = error.get("ctx", {})
    last = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "missing":
            return f"`{last}` is missing; add it"
        case "extra_forbidden":
            return unknown_key(last, known)
        case "string_type" if written:
            return _number_for_text(written, read_as)
        case "string_type":
            return "needs one text; write it in quotes"
        case "enum" | "literal_error":
            expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
            near = nearest(written, expected.split(", "))
            return f"`{written}` is not one of {expected}{near or '; choose one of them'}"
        case "bool_parsing" | "bool_type":
            return f"`{written}` is neither true nor false; write one of them"
        case "float_parsing" | "float_type" | "int_parsing" | "int_type" | "int_from_float" | "finite_number":
            return f"`{written}` is not a number here; write digits without quotes, such as 18.5"
        case "tuple_type" | "list_type" | "set_type" | "frozen_set_type":
            return 'needs a list; write ["...", "..."], also for one'
        case "model_type" | "model_attributes_type" | "dict_type":
            return "needs keys of its own; write them below it, indented"
        case "time_delta_type":
            return duration_words(written, read_as)
        case "url_parsing" | "url_type" | "url_scheme":
            return f"`{written}` is no web address; write it whole, such as https://raksa.example.go.th"
        case "string_too_short":
            return "too short; write a sentence that another officer understands at night"
        case "string_pattern_mismatch":
            return f"`{written}`: use small letters a-z, digits and hyphens only"
        case "value_error" | "assertion_error":
            return error["msg"].partition(", ")[2]
        case _:
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}; change it"
