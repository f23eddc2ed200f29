"""The words of the pages: both languages whole, every key that a page names is there, and none is left over."""

import re
from pathlib import Path

import pytest

from warning.web.catalogue import LANGUAGES, catalogue, say

WEB = Path(__file__).parents[2] / "warning/web"
THAI = re.compile(r"[\u0e00-\u0e7f]")
BLANK = re.compile(r"\{(\w+)")
CALLED = re.compile(r"""(?:\bt|\bsay_th)\(\s*['"]([\w.-]+)['"]\s*[,)]|\bsay\([^,()]+,\s*['"]([\w.-]+)['"]""")
QUOTED = re.compile(r"""['"]([a-z][\w.-]*)['"]""")
# A key put together from its beginning and a value: 'word_' + w, f"map_level_{n}", 'head.since_%d' % n
BUILT = re.compile(r"""['"]([a-z][\w.]*[_.])(?:['"]\s*[+~]|\{|%)""")
SAME_IN_BOTH = re.compile(r"^[\x00-\x7f]*$")


def sources() -> list[Path]:
    return [*WEB.glob("templates/**/*.html"), *WEB.glob("**/*.py")]


def called() -> set[str]:
    return {a or b for file in sources() for a, b in CALLED.findall(file.read_text(encoding="utf-8"))}


def test_every_key_a_page_names_is_in_the_catalogue() -> None:
    named = called()
    assert len(named) > 100  # the search itself still finds what pages write
    assert named - set(catalogue()) == set()


def test_no_word_is_left_over() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in sources())
    quoted = set(QUOTED.findall(text))
    built = tuple(set(BUILT.findall(text)))
    over = {
        key for key in catalogue() if key.removesuffix(".one") not in quoted and not key.startswith(built)
    }
    assert over == set()


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_say_the_same_thing(key: str) -> None:
    thai, english = catalogue()[key]
    assert set(BLANK.findall(thai)) == set(BLANK.findall(english)), "a blank stands in one language only"
    assert THAI.search(thai) or thai == english or SAME_IN_BOTH.match(thai), "no Thai"
    if key != "other_language":
        assert not THAI.search(english) or "{" in english or key in BOTH_TONGUES, "Thai left in the English"


# Thai inside the English on purpose, with its reason.
BOTH_TONGUES: set[str] = set()


def test_an_unknown_key_is_an_error_in_either_language() -> None:
    for lang in LANGUAGES:
        with pytest.raises(KeyError):
            say(lang, "no_such_word")
