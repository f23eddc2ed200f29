"""The words of all pages, Thai and English side by side, from locale/*.yaml. An unknown key is an error: no page shows a hole."""

from functools import cache
from importlib.resources import files

import yaml

from warning.words.phrases import EVENTS

LANGUAGES = ("th", "en")


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Key -> (Thai, English). Raises ValueError when a key lacks one of the two, or stands twice."""
    words: dict[str, tuple[str, str]] = {}
    folder = files("warning.web").joinpath("locale")
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name):
        for key, pair in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            if not isinstance(pair, list) or len(pair) != 2 or not all(str(word).strip() for word in pair):
                raise ValueError(f"{file.name}: {key} needs its Thai and its English")
            if key in words:
                raise ValueError(f"{file.name}: {key} stands in another file of locale/ too")
            words[key] = (str(pair[0]), str(pair[1]))
    return words


def say(lang: str, key: str, **blanks: object) -> str:
    """One text in the reader's language, its blanks filled: a count `n` with its commas, and of one in the words of `key.one`
    where there are such. Raises KeyError for an unknown key or a missing blank."""
    n = blanks.get("n")
    if isinstance(n, int):
        blanks, key = (
            blanks | {"n": f"{n:,}"},
            f"{key}.one" if n == 1 and f"{key}.one" in catalogue() else key,
        )
    if key not in catalogue() and key.removeprefix("event_") in EVENTS:  # a hazard of the office's own
        return EVENTS[key.removeprefix("event_")][0 if lang == "th" else 1]
    return catalogue()[key][0 if lang == "th" else 1].format(**blanks)
