"""Siblings of the signed part of the corpus. libxmlsec1, told the key, says of each whether the arithmetic holds."""

import re
from typing import NamedTuple

import pytest

from tests.warning.cap.messages_made import BASE, two
from tests.warning.cap.signatures_made import (
    BOTH,
    C10,
    C11,
    CA_ONLY,
    CERTIFICATES,
    DS,
    ENVELOPED,
    EXC,
    HMAC,
    MORE,
    SENDER_ONLY,
    XPATH,
    bare,
    flipped,
    held,
    peer_holds,
    reference,
    signed,
    utf16,
    wrapped_lines,
)
from warning.cap.trust import NOBODY, Anchors
from warning.cap.verdict import judge


class Case(NamedTuple):
    xml: str | bytes
    word: str  # with the sender, the sender's EC key and the authority trusted, if not told otherwise
    keys: tuple[str, ...] = ("sender",)  # told to the peer; none: it is not asked
    anchors: Anchors | None = BOTH
    verdict: str = "valid"


SHA1, SHA384, SHA512 = f"{DS}sha1", f"{MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512"
ELSEWHERE, UNTRUSTED, OLD = (
    "good-but-signs-something-else",
    "good-but-untrusted",
    "good-but-certificate-expired",
)
EARLY = "good-but-certificate-not-yet-valid"
GOOD = signed()
HEADLINE = ("น้ำจะท่วม", "น้ำไม่ท่วม")
WHOLE = BASE[BASE.index("<alert") :]
NAMED = BASE.replace("<info>", '<info Id="i1">')
EVIL = BASE.replace(*HEADLINE)
SIGNATURE = GOOD[GOOD.index("<ds:Signature ") : GOOD.index("</ds:Signature>") + len("</ds:Signature>")]
UNSIGNED = GOOD.replace(SIGNATURE, "")
_OBJECT = f'<ds:Object><copy Id="o1" xmlns="">{WHOLE}</copy></ds:Object>'
WRAPPED = signed(key="sender", refers=reference("#o1", (EXC,)), holds=_OBJECT)
AUTHOR_AND_GATEWAY = signed(GOOD, "gateway", tail="")


ON_ONE_LINE = signed(re.sub(r">\s+<", "><", BASE), tail="")
CAP_11 = BASE.replace("cap:1.2", "cap:1.1").replace("OET:v1.2", "SAME")
ZULU = CAP_11.replace("2026-11-22T06:15:00+07:00", "2026-11-21T23:15:00Z")
PREFIXED = re.sub(r"<(/?)(?!\?)(\w)", r"<\1cap:\2", BASE).replace("xmlns=", "xmlns:cap=")
SPARE = BASE.replace("<alert ", '<alert xmlns:q="urn:q" ')
MANY = f'<InclusiveNamespaces xmlns="{EXC}" PrefixList="q #default"/>'
OF_PART = signed(NAMED, refers=reference("#i1", (EXC,)))
OF_OBJECT = signed(refers=reference("#o1", (EXC,)), holds='<ds:Object Id="o1">a</ds:Object>')
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
ENGLISH = two()[two().rindex("<info>") : two().rindex("</alert>")]


def by_path(path: str) -> str:
    """The message as far as an XPath keeps it."""
    inside = f"<ds:XPath>{path}</ds:XPath>"
    return signed(refers=reference(transforms=(ENVELOPED, XPATH), inside=inside))


def around(outer: str) -> str:
    """Another message, and the signed one somewhere in it."""
    inner = outer.replace("HERE", GOOD[GOOD.index("<alert") :])
    return EVIL.replace("</alert>", f"{inner}</alert>")


def to(*pairs: tuple[str, str], xml: str = GOOD) -> str:
    """The signed message with each text replaced; an AssertionError when one is not there."""
    for was, becomes in pairs:
        assert was in xml, was
        xml = xml.replace(was, becomes)
    return xml


def put(before: str, xml: str = UNSIGNED) -> str:
    """The signature moved to stand before the first of these words."""
    at = xml.index(before)
    return xml[:at] + SIGNATURE + xml[at:]


def value(becomes: str, of: str = "SignatureValue", xml: str = GOOD) -> str:
    return re.sub(rf"(<ds:{of}>)[^<]*", rf"\g<1>{becomes}", xml)


def ways() -> dict[str, Case]:
    """Each algorithm and canonical form, each place of a certificate in time and in a chain."""
    made = {
        f"{key}-{method}": Case(signed(key=key, method=f"{MORE}{method}"), "good", (key,))
        for key, method in (
            ("sender", "rsa-sha256"), ("sender", "rsa-sha384"), ("sender", "rsa-sha512"), ("sender-ec", "ecdsa-sha256"),
            ("p384", "ecdsa-sha384"), ("p521", "ecdsa-sha512"), ("sender-ec", "ecdsa-sha384"),
        )
    }  # fmt: skip
    for digest in (SHA384, SHA512):
        made[f"digest-{digest[-6:]}"] = Case(signed(refers=reference(digest=digest)), "good")
    for form in (C10, C11, EXC):
        for comments in ("", "WithComments" if form == EXC else "#WithComments"):
            xml = signed(
                to(("<info>", "<!-- c --><info>"), xml=BASE),
                form=form + comments,
                refers=reference(transforms=(ENVELOPED, form + comments)),
            )
            made[f"form-{form[-10:]}{comments}"] = Case(xml, "good")
            made[f"form-{form[-10:]}{comments}-changed"] = Case(to(HEADLINE, xml=xml), "bad-digest")
    for name, word in (
        ("expired", OLD), ("ended-a-second-ago", OLD), ("ended-since", "good"), ("future", EARLY), ("begins-a-second-later", EARLY),
        ("someone-else", UNTRUSTED), ("self-signed", UNTRUSTED),
    ):  # fmt: skip
        made[f"certificate-{name}"] = Case(signed(key=name), word, (name,))
    for key, method in (("bare", "ECDSA-SHA256"), ("p521", "ECDSA-SHA256")):
        xml = signed(key=key, info=bare(key))
        made[f"bare-{key}"] = Case(xml, UNTRUSTED, (key,))
        made[f"bare-{key}-nobody-named"] = Case(xml, f"good ({method}, bare KeyValue)", (key,), None)
    return made


CASES: dict[str, Case] = {
    **ways(),
    "plain": Case(GOOD, "good"),
    # what is no proof any more, or no signature of a sender
    "rsa-sha1": Case(signed(method=f"{DS}rsa-sha1"), "good-but-sha1"),
    "ecdsa-sha1": Case(signed(key="sender-ec", method=f"{MORE}ecdsa-sha1"), "good-but-sha1", ("sender-ec",)),
    "digest-sha1": Case(signed(refers=reference(digest=SHA1)), "good-but-sha1"),
    "rsa-sha1-changed": Case(to(HEADLINE, xml=signed(method=f"{DS}rsa-sha1")), "bad-digest"),
    "dsa-sha1": Case(signed(key="dsa"), "good-but-sha1", ("dsa",)),
    "dsa-bare": Case(signed(key="dsa", info=bare("dsa")), "good (DSA-SHA1, bare KeyValue)", ("dsa",)),
    "rsa-sha1-bare": Case(signed(method=f"{DS}rsa-sha1", info=bare("sender")), "good-but-sha1"),
    "hmac": Case(signed(key=HMAC, info="<ds:KeyName>shared</ds:KeyName>"), "bad-signature", ()),
    # who signed
    "bare-rsa-pinned": Case(signed(info=bare("sender")), "good"),
    "bare-rsa-not-pinned": Case(signed(info=bare("sender")), UNTRUSTED, anchors=CA_ONLY),
    "bare-rsa-nobody-named": Case(signed(info=bare("sender")), "good (RSA-SHA256, bare KeyValue)", anchors=None),
    "bare-of-another": Case(signed(info=bare("bare")), "bad-signature", ("bare",)),
    "key-name-only": Case(signed(info="<ds:KeyName>sender</ds:KeyName>"), "good"),
    "key-name-of-nobody-trusted": Case(signed(info="<ds:KeyName>sender</ds:KeyName>"), "bad-signature", (), None),
    "no-key-info": Case(signed(info=""), "good"),
    "no-key-info-of-a-stranger": Case(signed(key="someone-else", info=""), "bad-signature", ()),
    "certificate-unreadable": Case(value("AAAA", "X509Certificate"), "bad-signature", ()),
    "authority-alone": Case(GOOD, "good", anchors=CA_ONLY),
    "pinned-alone": Case(GOOD, "good", anchors=SENDER_ONLY),
    "pinned-alone-not-this": Case(signed(key="sender-ec"), UNTRUSTED, ("sender-ec",), SENDER_ONLY),
    "nobody-trusted": Case(GOOD, UNTRUSTED, anchors=NOBODY),
    "nobody-named": Case(GOOD, "good", anchors=None),
    "self-signed-nobody-named": Case(signed(key="self-signed"), UNTRUSTED, ("self-signed",), None),
    "self-signed-pinned": Case(signed(key="self-signed"), "good", ("self-signed",), Anchors((CERTIFICATES["self-signed"],))),
    "expired-pinned": Case(signed(key="expired"), OLD, ("expired",), Anchors((CERTIFICATES["expired"],))),
    "expired-nobody-named": Case(signed(key="expired"), OLD, ("expired",), None),
    "renewed-of-a-pinned-key": Case(signed(info=held("sender-renewed")), "good", anchors=SENDER_ONLY),
    "renewed-of-no-pinned-key": Case(signed(info=held("sender-renewed")), UNTRUSTED, anchors=CA_ONLY),
    "chain": Case(signed(key="below", info=held("below", "between")), "good", ("below",)),
    "chain-other-order": Case(signed(key="below", info=held("between", "below")), "good", ("below",)),
    "chain-with-its-root": Case(signed(key="below", info=held("below", "between", "ca")), "good", ("below",)),
    "chain-broken": Case(signed(key="below"), UNTRUSTED, ("below",)),
    "chain-of-one-that-may-not": Case(
        signed(key="below-not-a-ca", info=held("below-not-a-ca", "not-a-ca")), UNTRUSTED, ("below-not-a-ca",),
    ),
    "chain-expired-between": Case(signed(key="below-expired", info=held("below-expired", "between-expired")), OLD, ("below-expired",)),
    "authority-only-in-the-message": Case(
        signed(key="someone-else", info=held("someone-else", "other-ca")), UNTRUSTED, ("someone-else",),
    ),
    "swapped": Case(signed(info=held("someone-else")), "bad-signature", ("someone-else",)),
    "swapped-for-a-trusted": Case(signed(key="someone-else", info=held("sender")), "bad-signature"),
    "another-beside": Case(signed(info=held("someone-else", "sender")), "good"),
    "another-behind": Case(signed(info=held("sender") + held("someone-else")), "good"),
    "trusted-beside-a-stranger": Case(signed(key="someone-else", info=held("sender", "someone-else")), UNTRUSTED, ("someone-else",)),
    "key-of-an-object": Case(signed(key="bare", info="", holds=f"<ds:Object>{held('sender')}</ds:Object>"), "bad-signature"),
    # what is signed
    "exclusive-with-prefixes": Case(signed(SPARE, refers=reference(inside=MANY)), "good"),
    "no-canonical-form": Case(signed(refers=reference(transforms=(ENVELOPED,))), "good"),
    "two-canonical-forms": Case(signed(refers=reference(transforms=(ENVELOPED, C10, EXC))), "good"),
    "not-enveloped": Case(signed(refers=reference(transforms=(EXC,))), "bad-digest"),
    "no-transform": Case(signed(refers=reference(transforms=())), "bad-digest"),
    "transform-put-in": Case(to((f'Transform Algorithm="{EXC}"', f'Transform Algorithm="{C10}"')), "bad-signature"),
    "transform-strange": Case(to((f'Transform Algorithm="{EXC}"', 'Transform Algorithm="urn:x"')), "bad-signature"),
    "transform-xslt": Case(to((f'Transform Algorithm="{EXC}"', f'Transform Algorithm="{XSLT}"')), "bad-signature"),
    "reference-to-an-id": Case(OF_PART, ELSEWHERE, verdict="invalid-xsd"),
    "reference-to-an-id-changed": Case(to(HEADLINE, xml=OF_PART), "bad-digest", verdict="invalid-xsd"),
    "reference-to-no-id": Case(to(('URI=""', 'URI="#nothing"')), "bad-signature"),
    "reference-to-a-file": Case(to(('URI=""', 'URI="file:///etc/hostname"')), "bad-signature"),
    "reference-without-uri": Case(to((' URI=""', "")), "bad-signature"),
    "xpath": Case(by_path("not(ancestor-or-self::ds:KeyInfo)"), ELSEWHERE),
    "xpath-of-nothing": Case(by_path("false()"), ELSEWHERE),
    "two-references": Case(signed(refers=reference() + reference("#o1", (EXC,)), holds=_OBJECT), ELSEWHERE),
    "object": Case(OF_OBJECT, ELSEWHERE),
    "object-changed": Case(to((">a</ds:Object>", ">b</ds:Object>"), xml=OF_OBJECT), "bad-digest"),
    "wrapped": Case(WRAPPED, ELSEWHERE),
    "wrapped-and-changed-outside": Case(WRAPPED.replace("EX-1", "EX-2", 1), ELSEWHERE),
    "original-inside-an-evil-one": Case(around(f'<ds:x xmlns:ds="{DS}">HERE</ds:x>'), "bad-digest"),
    "original-in-an-object": Case(
        around(f'<ds:Signature xmlns:ds="{DS}"><ds:Object>HERE</ds:Object></ds:Signature>'), "bad-signature"
    ),
    # several
    "two-good": Case(AUTHOR_AND_GATEWAY, "good", ("sender", "gateway")),
    "two-a-stranger-outside": Case(signed(GOOD, "someone-else", tail=""), UNTRUSTED, ("sender", "someone-else")),
    "two-the-inner-of-a-stranger": Case(signed(signed(key="someone-else"), tail=""), UNTRUSTED, ("sender", "someone-else")),
    "two-changed-before-the-gateway": Case(signed(to(HEADLINE), "gateway", tail=""), "bad-digest", ("sender", "gateway")),
    "two-changed-after-both": Case(to(HEADLINE, xml=AUTHOR_AND_GATEWAY), "bad-digest", ("sender", "gateway")),
    "two-value-of-the-inner-changed": Case(
        signed(flipped("SignatureValue", GOOD), "gateway", tail=""), "bad-signature", ("sender", "gateway"),
    ),
    "two-the-gateway-before": Case(signed(GOOD, "gateway", before="<ds:Signature ", tail=""), "good", ()),  # it takes the last first
    # where it stands
    "first-child": Case(put("<identifier>"), "good", verdict="invalid-xsd"),
    "before-info": Case(put("<info>"), "good", verdict="invalid-xsd"),
    "inside-info": Case(put("<language>"), "good", verdict="invalid-xsd"),
    "inside-area": Case(signed(before="</area>"), "good", verdict="invalid-xsd"),
    "no-signature-value": Case(re.sub("<ds:SignatureValue>[^<]*</ds:SignatureValue>", "", GOOD), "bad-signature"),
    "nothing-in-it": Case(BASE.replace("</alert>", f'<Signature xmlns="{DS}"/></alert>'), "bad-signature"),
    "of-another-namespace": Case(
        BASE.replace("</alert>", '<Signature xmlns="urn:x"/></alert>'), "unsigned", (), verdict="invalid-xsd",
    ),
    # changed after signing
    "headline": Case(to(HEADLINE), "bad-digest"),
    "severity": Case(to((">Severe<", ">Minor<")), "bad-digest"),
    "status": Case(to((">Exercise<", ">Test<")), "bad-digest"),
    "info-appended": Case(GOOD.replace("<ds:Signature ", ENGLISH + "<ds:Signature "), "bad-digest"),
    "attribute": Case(to(("<info>", '<info x="1">')), "bad-digest", verdict="invalid-xsd"),
    "comment": Case(to(("<info>", "<!-- added --><info>")), "good"),
    "comment-before-the-root": Case(to(("<alert ", "<!-- added --><alert ")), "good"),
    "comment-in-signed-info": Case(to(("<ds:SignedInfo>", "<ds:SignedInfo><!-- c -->")), "good"),
    "instruction": Case(to(("<info>", "<?a b?><info>")), "bad-digest"),
    "instruction-before-the-root": Case(to(("<alert ", "<?a b?><alert ")), "bad-digest"),
    "indented": Case(to(("\n    <", "\n\t<")), "bad-digest"),
    "all-on-one-line": Case(re.sub(r">\s+<", "><", GOOD), "bad-digest"),
    "set-in-lines": Case(re.sub(r"(?<!\?)><(?!/|ds:)", ">\n<", ON_ONE_LINE), "bad-digest (strict)"),
    "line-at-the-end": Case(GOOD.replace("\n</alert>", "\n\n</alert>"), "bad-digest"),
    "line-after-the-root": Case(GOOD + "\n\n", "good"),
    "blank-in-signed-info": Case(to(("<ds:SignedInfo>", "<ds:SignedInfo> ")), "bad-signature"),
    "prefix-other": Case(re.sub(r"<(/?)(?!ds:|\?)(\w)", r"<\1cap:\2", GOOD).replace("xmlns=", "xmlns:cap=", 1), "bad-digest"),
    "namespace-of-no-address": Case(to(('"urn:oasis', '" urn:oasis')), "bad-digest", (), verdict="invalid-xsd"),
    "namespace-unused-exclusive": Case(to(("<alert ", '<alert xmlns:q="urn:q" ')), "good"),
    "namespace-unused-inclusive": Case(
        to(("<alert ", '<alert xmlns:q="urn:q" '), xml=signed(refers=reference(transforms=(ENVELOPED, C10)))), "bad-digest",
    ),
    "quotes": Case(to(('xmlns="urn:oasis:names:tc:emergency:cap:1.2"', "xmlns='urn:oasis:names:tc:emergency:cap:1.2'")), "good"),
    "numbered-characters": Case(to(("น้ำท่วม</event>", "&#3609;&#3657;&#3635;ท่วม</event>")), "good"),
    "cdata": Case(to(("น้ำท่วม</event>", "<![CDATA[น้ำท่วม]]></event>")), "good"),
    "digest-made-anew": Case(
        value(re.findall("<ds:DigestValue>([^<]*)", signed(EVIL))[0], "DigestValue", to(HEADLINE)), "bad-signature",
    ),
    "digest-changed": Case(flipped("DigestValue", GOOD), "bad-digest"),
    "value-changed": Case(flipped("SignatureValue", GOOD), "bad-signature"),
    "value-empty": Case(value(""), "bad-signature"),
    "value-no-base64": Case(value("ลายเซ็น"), "bad-signature"),
    "digest-empty": Case(value("", "DigestValue"), "bad-digest"),
    "method-told-otherwise": Case(to(("rsa-sha256", "rsa-sha512")), "bad-signature"),
    # as it is written down
    "prefix-x": Case(signed(prefix="x:"), "good"),
    "prefix-none": Case(signed(prefix="", form=C10), "good"),
    "message-with-prefix": Case(signed(PREFIXED, before="</cap:alert>"), "good"),
    "utf-16": Case(utf16(GOOD), "good"),
    "utf-16-changed": Case(utf16(to(HEADLINE)), "bad-digest"),
    "utf-8-bom": Case(b"\xef\xbb\xbf" + GOOD.encode(), "good"),
    "tis-620": Case(GOOD.replace("'UTF-8'", "'TIS-620'").encode("tis-620"), "good"),
    "crlf": Case(GOOD.replace("\n", "\r\n"), "good"),
    "crlf-signed-as-letters": Case(signed(BASE.replace("ต.ลำปำ", "ต.ลำปำ&#13;")), "good"),
    "base64-in-lines": Case(wrapped_lines(GOOD), "good"),
    "base64-in-lines-of-another-world": Case(wrapped_lines(GOOD, end="&#13;\n"), "good"),
    "base64-in-lines-certificate": Case(signed(info=held("sender", wrap=64)), "good"),
    "no-declaration": Case(GOOD[GOOD.index("<alert") :], "good"),
    # CAP 1.1 wrote its times otherwise
    "cap-11": Case(signed(CAP_11), "good", verdict="valid-cap11"),
    "cap-11-in-zulu": Case(signed(ZULU), "good", verdict="valid-cap11"),
    "no-time-sent": Case(
        signed(BASE.replace("<sent>2026-11-22T06:15:00+07:00", "<sent>")), "good-but-time-unknown", verdict="invalid-xsd",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_signature(name: str) -> None:
    case = CASES[name]
    xml = case.xml if isinstance(case.xml, bytes) else case.xml.encode()
    said = judge(xml, case.anchors)
    assert said.signature == case.word, [reason.text.en for reason in said.reasons]
    assert said.verdict == case.verdict, [reason.code for reason in said.reasons]
    if case.keys:
        assert peer_holds(xml, *case.keys) == case.word.startswith("good")
