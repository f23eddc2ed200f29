"""Bytes made to hurt: CAP, every reader of a feed, the config. `make fuzz` runs the same for ten minutes (RAKSA_FUZZ_EXAMPLES)."""

import json
import os
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from geo.errors import ConfigError
from sources.contract import SourceChanged
from sources.kinds import kinds
from sources.reading import SOME_DAY, lines
from tests.warning.cap.messages_made import BASE
from warning.cap.apart import Apart
from warning.cap.keys import DSIG
from warning.cap.sign import Signer
from warning.cap.trust import Anchors
from warning.cap.verdict import judge
from warning.config import load

EXAMPLES = int(os.environ.get("RAKSA_FUZZ_EXAMPLES", "12"))
SLOWEST_S = 5.0
_FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
_XML = BASE.encode()
_OURS = Signer.throwaway()
_SIGNED = _OURS.signed(_XML)
_TRUSTED = Anchors(_OURS.certificates)
_GB = 1024**3
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mangled(draw: st.DrawFn, xml: bytes = _XML) -> bytes:
    """A sound message with some of its bytes cut out, doubled or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(xml)))
        until = min(len(xml), at + draw(st.integers(0, 60)))
        xml = xml[:at] + draw(st.binary(max_size=20) | st.just(xml[at:until] * 2)) + xml[until:]
    return xml


@_FUZZ
@given(st.binary(max_size=400) | mangled())
def test_any_bytes_have_a_verdict(xml: bytes) -> None:
    assert judge(xml, None).verdict


@_FUZZ
@given(mangled(_SIGNED))
def test_a_mangled_signature_has_a_word_and_is_not_good_for_other_words(xml: bytes) -> None:
    said = judge(xml, _TRUSTED)
    assert said.signature
    assert said.signature != "good" or _told(xml) == _told(_SIGNED)


def _told(xml: bytes) -> bytes:
    """What a person would be told: the message in its canonical form without its signature and comments."""
    root = etree.fromstring(xml, etree.XMLParser(remove_comments=True, resolve_entities=False))
    for signature in list(root.iter(f"{{{DSIG}}}Signature")):
        before, parent, tail = signature.getprevious(), signature.getparent(), signature.tail or ""
        assert parent is not None
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
        parent.remove(signature)
    return etree.tostring(root, method="c14n", exclusive=True)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_reader_reads_or_refuses(kind: str) -> None:
    @_FUZZ
    @given(st.binary(max_size=300) | mangled() | _JSON.map(lambda value: json.dumps(value).encode()))
    def reads(body: bytes) -> None:
        started = time.perf_counter()
        with suppress(SourceChanged, ConfigError):
            lines(kind, body, None, lambda lat, lon: None, SOME_DAY, None)
        assert time.perf_counter() - started < SLOWEST_S

    reads()


def test_any_config_is_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"

    @_FUZZ
    @given(
        st.binary(max_size=300)
        | st.text(max_size=200).map(str.encode)
        | _JSON.map(lambda v: json.dumps(v).encode())
    )
    def reads(body: bytes) -> None:
        file.write_bytes(body)
        with pytest.raises(ConfigError):
            load(file, {})

    reads()


def _within(memory: int, call: Callable[[], None]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    call()


def _bomb() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    assert judge(f"<!DOCTYPE a [{entities}]><a>&a11;</a>".encode(), None).verdict == "invalid-xml"


def _large() -> None:
    assert judge(b"<alert>" + b"x" * 100_000_000, None).reasons[0].code == "xml.size"


def _deep() -> None:
    assert judge(b"<a>" * 100_000 + b"</a>" * 100_000, None).verdict == "invalid-xml"


@pytest.mark.parametrize("call", [_bomb, _large, _deep])
def test_hostile_bodies_end_in_bounded_time_and_memory(call: Callable[[], None]) -> None:
    process = get_context("fork").Process(target=_within, args=(4 * _GB, call))
    process.start()
    process.join(30)
    alive = process.is_alive()
    if alive:
        process.kill()
    assert not alive and process.exitcode == 0


def test_the_process_apart_outlives_them() -> None:
    with Apart() as apart:
        assert apart.judge(b"<a>" * 100_000).verdict == "invalid-xml"
        assert apart.judge(_XML).verdict == "valid"
