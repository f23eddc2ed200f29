"""A feed of CAP messages: which link is the message, what is no feed, and nothing that a stranger sends makes the reader fall."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.cap_index import MOST_ENTRIES, Feed, read_feed
from sources.cap_xml import LARGEST
from tests.shared_data import shared_data

ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
CAP_TYPE = 'type="application/cap+xml"'
ALERT = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">\n <identifier>x-1</identifier >  <sender>s</sender>'
    "<sent>2026-11-22T06:15:00+07:00</sent><note>น้ำ\u200bล้น &amp; ตลิ่ง</note></alert >"
)


def atom(
    *entries: str, head: str = "<id>urn:f</id><title>t</title><updated>2026-11-22T00:00:00Z</updated>"
) -> bytes:
    return f"<feed {ATOM}>{head}{''.join(f'<entry>{e}</entry>' for e in entries)}</feed>".encode()


def rss(*items: str, head: str = "<title>t</title><link>https://a.example/</link>") -> bytes:
    return f'<rss version="2.0"><channel>{head}{"".join(f"<item>{i}</item>" for i in items)}</channel></rss>'.encode()


def edxl(*objects: str, space: str = "urn:oasis:names:tc:emergency:EDXL:DE:1.0") -> bytes:
    inside = "".join(f"<contentObject>{o}</contentObject>" for o in objects)
    return (
        f'<EDXLDistribution xmlns="{space}"><distributionID>d-1</distributionID><senderID>a@b</senderID>'
        f"<dateTimeSent>2026-11-22T06:15:00+07:00</dateTimeSent>{inside}</EDXLDistribution>"
    ).encode()


def codes(feed: Feed) -> set[str]:
    return {r.code for r in feed.reasons} | {r.code for e in feed.entries for r in e.reasons}


@pytest.mark.parametrize(
    ("file", "kind", "verdict", "entries", "links"),
    [
        ("google-weather.atom", "atom", "valid", 1, ()),
        (
            "google-earthquake_index.atom", "atom", "valid", 1,
            ("http://earthquake.usgs.gov/earthquakes/catalogs/cap/us2010apcd",),
        ),
        (
            "google-ny_index.rss", "rss", "valid", 2,
            tuple(f"http://www.nyalert.gov/Public/News/GetCapAlert.aspx?capID=NYAlert-ALLHAZALERT-{n}" for n in (3167113, 3162202)),
        ),
        ("google-no_link.atom", "atom", "invalid", 1, ()),
        ("google-invalid.rss", "rss", "invalid", 1, ()),
        (
            "th-tmd-index.rss", "rss", "valid", 2,
            tuple(f"https://www.tmd.go.th/uploads/CAP/CAPTMD{n}_2.xml" for n in (20260925163420, 20260925163148)),
        ),
        ("syn-html-and-cap-links.atom", "atom", "valid", 1, ("https://example.org/cap/alerts/1.xml",)),
    ],
)  # fmt: skip
def test_the_corpus(file: str, kind: str, verdict: str, entries: int, links: tuple[str, ...]) -> None:
    feed = read_feed(shared_data(f"cap/feeds/{file}").read_bytes())
    assert (feed.format, feed.verdict, len(feed.entries), feed.links) == (kind, verdict, entries, links)
    assert (feed.verdict == "invalid") == bool(feed.reasons)


def test_thai_and_the_hub_of_tmd() -> None:
    feed = read_feed(shared_data("cap/feeds/th-tmd-index.rss").read_bytes())
    assert feed.hub == "https://hub.example.org/"
    first = feed.entries[0]
    assert (first.id, first.updated) == (
        "TMD20260925163420_2",
        "Fri, 25 Sep 2026 09:34:20 +0700",
    )  # as written: a lie
    thai = read_feed(shared_data("cap/feeds/syn-html-and-cap-links.atom").read_bytes()).entries[0]
    assert (thai.title, thai.link) == ("น้ำล้นตลิ่ง", "https://example.org/alerts/1")


@pytest.mark.parametrize(
    ("body", "link"),
    [
        pytest.param(
            atom(f'<id>1</id><link href="https://a.example/1.cap"/><link {CAP_TYPE} href="https://a.example/q?x=1"/>'),
            "https://a.example/q?x=1", id="type before ending",
        ),
        pytest.param(
            atom('<id>1</id><link type="application/EmergencyCallData.cap+xml; charset=utf-8" href="https://a.example/q"/>'),
            "https://a.example/q", id="the name RFC 8876 registered, with a parameter",
        ),
        pytest.param(
            atom('<id>1</id><link href="https://a.example/1.html"/><link href="https://a.example/1.cap?v=2"/>'),
            "https://a.example/1.cap?v=2", id="ending before position",
        ),
        pytest.param(
            atom('<id>1</id><link type="text/html" href="https://a.example/1"/><link href="https://a.example/2"/>'),
            "https://a.example/2", id="an untyped link before none",
        ),
        pytest.param(
            atom(f'<id>1</id><link {CAP_TYPE} href="alerts/1.xml"/>', head='<id>f</id><link rel="self" href="https://a.example/cap/feed"/>'),
            "https://a.example/cap/alerts/1.xml", id="relative to the feed's own link",
        ),
        pytest.param(
            f'<feed {ATOM} xml:base="https://b.example/x/"><id>f</id><entry xml:base="y/"><id>1</id><link {CAP_TYPE} '
            'href="1.xml"/></entry></feed>'.encode(),
            "https://b.example/x/y/1.xml", id="xml:base in xml:base",
        ),
        pytest.param(
            atom(f'<id>1</id><link xml:base="https://c.example/" {CAP_TYPE} href="1.xml"/>'),
            "https://c.example/1.xml", id="xml:base on the link",
        ),
        pytest.param(rss("<guid>1</guid><link>/cap/1.xml</link>"), "https://a.example/cap/1.xml", id="rss: relative to the channel"),
        pytest.param(
            rss(f'<link>https://a.example/news/1.html</link><enclosure url="https://a.example/e/1" {CAP_TYPE} length="1"/>'),
            "https://a.example/e/1", id="rss: enclosure",
        ),
        pytest.param(rss("<guid>https://a.example/g/1</guid>"), "https://a.example/g/1", id="rss: a guid that is a link"),
        pytest.param(
            rss('<guid>1</guid><cap xmlns="http://www.gdacs.org">http://g.example/cap_1.xml</cap><link>http://g.example/r</link>'),
            "http://g.example/cap_1.xml", id="rss: gdacs:cap",
        ),
        pytest.param(
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>t</title>'
            b'</channel><item rdf:about="urn:1"><title>a</title><link>https://a.example/1.cap</link></item></rdf:RDF>',
            "https://a.example/1.cap", id="rss 1.0",
        ),
        pytest.param(
            edxl("<nonXMLContent><mimeType>application/cap+xml</mimeType><uri>https://a.example/1</uri></nonXMLContent>"),
            "https://a.example/1", id="edxl: by address",
        ),
        pytest.param(
            atom(f'<id>1</id><content {CAP_TYPE} src="https://a.example/c"/>'), "https://a.example/c", id="content by address"
        ),
    ],
)  # fmt: skip
def test_which_link_is_the_message(body: bytes, link: str) -> None:
    feed = read_feed(body)
    assert feed.verdict == "valid" and feed.links == (link,)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "feed.empty", id="no bytes"),
        pytest.param(b"\xef\xbb\xbf \n", "feed.empty", id="only white space"),
        pytest.param(b'{"alerts": []}', "feed.json", id="json"),
        pytest.param(b"503 Service Unavailable", "xml.form", id="words"),
        pytest.param(b"<!DOCTYPE html><html><body>log in</body></html>", "feed.html", id="a page"),
        pytest.param(b"<html><head/><body/></html>", "feed.html", id="a page without a type"),
        pytest.param(ALERT.encode(), "feed.cap", id="a message"),
        pytest.param(atom("<id>1</id>")[:-9], "xml.form", id="cut off"),
        pytest.param(b"<opml/>", "feed.root", id="other xml"),
        pytest.param(b"<!DOCTYPE feed []>" + atom(), "xml.doctype", id="doctype"),
        pytest.param((b"\xff\xfe" + "<!DOCTYPE x><feed/>".encode("utf-16-le")), "xml.doctype", id="doctype in UTF-16"),
        pytest.param(b"<a>" * 100 + b"</a>" * 100, "xml.depth", id="deep"),
        pytest.param(b"<a>" + b" " * LARGEST + b"</a>", "xml.size", id="large"),
        pytest.param(f"<feed {ATOM}/>".encode(), "feed.form", id="an empty element is no quiet feed"),
        pytest.param(b'<rss version="2.0"><channel/></rss>', "feed.form", id="an empty channel neither"),
        pytest.param(
            atom('<id>1</id><link type="text/html" href="https://a.example/1"/>'), "entry.only_page", id="pages only"
        ),
        pytest.param(atom(f'<id>1</id><link {CAP_TYPE} href="1.xml"/>'), "link.relative", id="relative to nothing"),
        pytest.param(atom(f'<id>1</id><link {CAP_TYPE} href="file:///etc/passwd"/>'), "link.scheme", id="a file"),
        pytest.param(atom(f'<id>1</id><link {CAP_TYPE} href="http://[::1"/>'), "link.relative", id="half an address"),
        pytest.param(edxl("<xmlContent><x/></xmlContent>"), "entry.no_link", id="edxl of others"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_invalid_and_says_why(body: bytes, code: str) -> None:
    feed = read_feed(body)
    assert feed.verdict == "invalid" and code in codes(feed) and feed.links == ()


@pytest.mark.parametrize("body", [atom(), rss(), edxl()], ids=["atom", "rss", "edxl"])
def test_an_empty_feed_is_a_healthy_answer(body: bytes) -> None:
    feed = read_feed(body)
    assert (feed.verdict, feed.entries, feed.reasons) == ("valid", (), ())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(atom(f'<id>1</id><content type="text/xml">{ALERT}</content>'), id="atom"),
        pytest.param(edxl(f"<xmlContent><embeddedXMLContent>{ALERT}</embeddedXMLContent></xmlContent>"), id="edxl 1"),
        pytest.param(
            edxl(f"<contentXML>{ALERT}</contentXML>", space="urn:oasis:names:tc:emergency:edxl-de:2.0"),
            id="edxl 2",
        ),
        pytest.param(rss(f"<guid>1</guid><description><![CDATA[{ALERT}]]></description>"), id="cdata"),
        pytest.param(b"\xef\xbb\xbf" + atom(f"<id>1</id><content>{ALERT}</content>"), id="after a BOM"),
    ],
)  # fmt: skip
def test_a_message_in_the_feed_is_cut_out_as_its_bytes(body: bytes) -> None:
    """A signature is over bytes: odd white space, in the text and in the tags, stays as the sender wrote it."""
    entry = read_feed(body).entries[0]
    assert entry.alerts == (ALERT.encode(),) and entry.is_usable and entry.cap_link is None


def test_what_an_edxl_does_not_name_is_named_by_its_message() -> None:
    entry = read_feed(edxl(f"<xmlContent>{ALERT}</xmlContent>")).entries[0]
    assert (entry.id, entry.updated) == ("x-1", "2026-11-22T06:15:00+07:00")


def test_a_message_that_leans_on_the_feed_s_prefix_is_written_again() -> None:
    body = atom("<id>1</id><content><c:alert><c:identifier>น</c:identifier></c:alert></content>").replace(
        b"<feed", b'<feed xmlns:c="urn:oasis:names:tc:emergency:cap:1.2"', 1
    )
    (alert,) = read_feed(body).entries[0].alerts
    assert "น".encode() in alert and b'xmlns:c="urn:oasis:names:tc:emergency:cap:1.2"' in alert


def test_one_broken_entry_does_not_take_the_others_along() -> None:
    good = f'<link {CAP_TYPE} href="https://a.example/1.xml"/>'
    feed = read_feed(atom("<id>1</id>", f"<id>2</id>{good}", f"<id>2</id>{good}", good))
    assert feed.verdict == "valid" and feed.links == ("https://a.example/1.xml",)
    assert [[r.code for r in e.reasons] for e in feed.entries] == [
        ["entry.no_link"],
        [],
        ["entry.duplicate"],
        ["entry.no_id"],
    ]


def test_of_a_flood_of_entries_the_first_are_taken_and_it_is_said() -> None:
    feed = read_feed(
        atom(*[f'<id>{n}</id><link href="https://a.example/{n}.cap"/>' for n in range(MOST_ENTRIES + 5)])
    )
    assert len(feed.entries) == MOST_ENTRIES and "feed.many" in codes(feed)


_PIECES = st.sampled_from(
    [
        atom(),
        rss(),
        edxl(),
        ALERT.encode(),
        b"<entry>",
        b"</feed>",
        b"<link href='",
        b"<!DOCTYPE",
        b"]]>",
        b"\xff",
        b"\0",
        b"&#0;",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.lists(st.one_of(_PIECES, st.binary(max_size=8)), max_size=6).map(b"".join)
    )
)
def test_no_bytes_make_it_fall(body: bytes) -> None:
    feed = read_feed(body)
    assert feed.verdict in ("valid", "invalid") and feed.format in ("atom", "rss", "edxl-de", "not-a-feed")
    assert feed.verdict == "valid" or feed.reasons
