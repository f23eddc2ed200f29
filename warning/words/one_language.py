"""One language of a sentence that stands in both."""

import re

THAI = re.compile(r"[\u0e00-\u0e7f]")


def one_language(both: str | None, lang: str) -> str:
    """One language of a sentence written `ไทย (English)`, brackets inside either left alone; all of it where there is one only."""
    text, depth = (both or "").strip(), 0
    for at in range(len(text) - 1, -1, -1) if text.endswith(")") else ():
        depth += (text[at] == ")") - (text[at] == "(")
        if depth == 0:
            thai, english = text[:at].rstrip(), text[at + 1 : -1]
            return text if not thai or THAI.search(english) else english if lang == "en" else thai
    return text
