"""Is an enveloped XML signature right, and does it prove anything? (CAP 1.2 section 3.3.4.1; XML-DSig, W3C 2008)

Asked in this order: what does the reference cover, is the digest of that what is told, is the signature over it, who holds the
key, and was the certificate valid when the alert was sent. KeyInfo alone proves nothing: only an anchor of ours does.
"""

import base64
import hashlib
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime

from lxml import etree

from warning.cap.keys import (
    DSIG,
    EXCLUSIVE,
    D,
    candidates,
    certificates,
    holds,
    number,
    same_in_copy,
    value_holds,
)
from warning.cap.trust import NOBODY, Anchors, Signed, weak, worth
from warning.words.facts import Both

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_C14N = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": False,
    EXCLUSIVE: True,
    f"{EXCLUSIVE}WithComments": True,
}  # canonicalisation -> exclusive?
_ENVELOPED = f"{DSIG}enveloped-signature"
# They choose a part of the document, so what they sign is never the whole; listed because their arithmetic is still asked.
_PARTIAL = ("http://www.w3.org/TR/1999/REC-xpath-19991116", "http://www.w3.org/2002/06/xmldsig-filter2")
_DIGESTS = {
    f"{DSIG}sha1": "sha1", "http://www.w3.org/2001/04/xmlenc#sha256": "sha256", f"{_MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512", f"{_MORE}md5": "md5",
}  # fmt: skip
_SIGNATURES = {
    f"{DSIG}rsa-sha1": "RSA-SHA1", f"{_MORE}rsa-md5": "RSA-MD5", f"{DSIG}dsa-sha1": "DSA-SHA1",
    f"{_MORE}ecdsa-sha1": "ECDSA-SHA1", f"{_MORE}rsa-sha256": "RSA-SHA256", f"{_MORE}rsa-sha384": "RSA-SHA384",
    f"{_MORE}rsa-sha512": "RSA-SHA512", f"{_MORE}ecdsa-sha256": "ECDSA-SHA256", f"{_MORE}ecdsa-sha384": "ECDSA-SHA384",
    f"{_MORE}ecdsa-sha512": "ECDSA-SHA512",
}  # fmt: skip
_MOST_SIGNATURES = 4  # an author and its gateways; more is an attempt to keep us busy
_ELSEWHERE = Signed(
    "good-but-signs-something-else",
    Both("ลายเซ็นไม่ได้ลงนามทั้งข้อความ", "it signs something else than this whole message"),
)
_NO_MATCH = Signed("bad-signature", Both("ลายเซ็นไม่ตรงกับกุญแจ", "the signature is not of the key it names"))
_NO_KEY = Signed("bad-signature", Both("ไม่มีกุญแจให้ตรวจ", "it carries no key, and no sender we trust has it"))
_CHANGED = Both("ข้อความถูกแก้หลังลงนาม", "the message was changed after it was signed")


def signature_of(root: etree._Element, sent: datetime | None, anchors: Anchors | None = NOBODY) -> Signed:
    """What the signatures of a message are worth: the worst of them, the outer one first.

    root: parsed with comments and processing instructions kept, for a canonical form holds them; it is not changed.
    sent: aware, when the alert says it was sent; None where it has no readable time.
    anchors: whom we trust; None asks for the arithmetic, SHA-1 and the certificate's dates only. Raises nothing.
    """
    whole = deepcopy(root.getroottree()).getroot()
    left = [s for s in whole.iter(f"{D}Signature") if next(s.iterancestors(f"{D}Signature"), None) is None]
    if not left:
        return Signed("unsigned")
    if len(left) > _MOST_SIGNATURES:
        return Signed("bad-signature", Both("ลายเซ็นมากเกินไป", "more signatures than anybody needs"))
    worst = Signed("good")
    left.reverse()  # a gateway signs after the author, and its signature mostly stands behind
    while left:
        said = [_one(whole, signature, sent, anchors) for signature in left]
        outer = next((n for n, one in enumerate(said) if not one.is_bad), None)
        if outer is None:
            return said[0]
        if worst.word == "good":
            worst = said[outer]
        # The author's is judged as it was before the gateway put its own beside it.
        _without(left.pop(outer))
    return worst


def _without(signature: etree._Element) -> None:
    """Take it out and leave the text behind it, as the enveloped-signature transform does; a root stays."""
    before, parent, tail = signature.getprevious(), signature.getparent(), signature.tail or ""
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(signature)


def _one(
    root: etree._Element, signature: etree._Element, sent: datetime | None, anchors: Anchors | None
) -> Signed:
    info = signature.find(f"{D}SignedInfo")
    references = [] if info is None else info.findall(f"{D}Reference")
    if info is None or not references:
        return Signed("bad-signature", Both("ลายเซ็นไม่ได้อ้างถึงสิ่งใด", "it refers to nothing"))
    reference, method = references[0], _SIGNATURES.get(_algorithm(info, "SignatureMethod"))
    digest = _DIGESTS.get(_algorithm(reference, "DigestMethod"))
    if method is None or digest is None:
        asked = (
            _algorithm(info, "SignatureMethod") if method is None else _algorithm(reference, "DigestMethod")
        )
        return Signed("bad-signature", Both("อัลกอริทึมที่ไม่รับ", f"an algorithm not taken: {asked[-40:]}"))
    used = {t.get("Algorithm", "") for t in info.iter(f"{D}Transform", f"{D}CanonicalizationMethod")}
    if strange := used - {_ENVELOPED, *_C14N, *_PARTIAL}:
        return Signed("bad-signature", Both("การแปลงที่ไม่รับ", f"a transform not taken: {min(strange)[-40:]}"))
    transforms = reference.findall(f"{D}Transforms/{D}Transform")
    enveloped = any(transform.get("Algorithm") == _ENVELOPED for transform in transforms)
    keys = candidates(signature, anchors.trusted if anchors else ())
    if len(references) > 1 or reference.get("URI") != "" or not enveloped or used & set(_PARTIAL):
        if any(holds(root, signature, one.key) for one in keys):
            return _ELSEWHERE
        return Signed("bad-digest", _CHANGED) if any(value_holds(info, k.key) for k in keys) else _NO_MATCH
    told = number(reference.findtext(f"{D}DigestValue"))
    if _digest_of(root, signature, transforms, digest) != told:
        return _changed(root, signature, transforms, digest, told)
    signer = next((one for one in keys if holds(root, signature, one.key)), None)
    if signer is None:
        return _NO_MATCH if keys else _NO_KEY
    if signer.certificate is not None:
        return weak(method, digest) or worth(signer.certificate, certificates(signature), sent, anchors)
    if anchors is None or weak(method, digest):
        return Signed(
            f"good ({method}, bare KeyValue)",
            Both("ไม่มีใบรับรอง ไม่รู้ว่าใครลงนาม", "no certificate: it proves nothing about who signed"),
        )
    return Signed("good-but-untrusted", Both("กุญแจไม่มีใบรับรอง", "a bare key that nobody of ours vouches for"))


def _changed(
    root: etree._Element,
    signature: etree._Element,
    transforms: Sequence[etree._Element],
    digest: str,
    told: bytes,
) -> Signed:
    """The digest is not of these bytes. In which way, as far as it can be told?"""
    held = signature.findall(f"{D}SignedInfo//{D}DigestValue") + signature.findall(
        f"{D}KeyInfo//{D}X509Certificate"
    )
    if any(_is_sloppy(one.text) for one in held):
        return Signed("bad", Both("ค่าในลายเซ็นถูกแก้", "the digest fails and its base64 was touched"))
    if _digest_of(root, signature, transforms, digest, blanks=False) == told:
        return Signed(
            "bad-digest (strict)", Both("จัดบรรทัดใหม่หลังลงนาม", "its lines were set anew after it was signed")
        )
    return Signed("bad-digest", _CHANGED)


def _algorithm(parent: etree._Element, name: str) -> str:
    found = parent.find(f"{D}{name}")
    return "" if found is None else found.get("Algorithm", "")


def _is_sloppy(text: str | None) -> bool:
    """Does base64 end in bits that no encoder leaves there?"""
    return base64.b64encode(number(text)) != "".join((text or "").split()).encode()


def _digest_of(
    root: etree._Element,
    signature: etree._Element,
    transforms: Sequence[etree._Element],
    name: str,
    blanks: bool = True,
) -> bytes | None:
    """The digest of the document without this signature. `URI=""` leaves comments out, whatever the transform says.

    blanks: False leaves out the white space between elements too, which XML-DSig does not allow and some signers do.
    None where there is no canonical form, as of a namespace that is no address.
    """
    whole, copy = same_in_copy(root, signature)
    _without(copy)
    exclusive, prefixes = False, []
    for transform in transforms:
        if _C14N.get(transform.get("Algorithm", ""), False):
            exclusive, inclusive = True, transform.find(f"{{{EXCLUSIVE}}}InclusiveNamespaces")
            prefixes = [] if inclusive is None else inclusive.get("PrefixList", "").split()
    try:
        if not blanks:
            lenient = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
            whole = etree.fromstring(etree.tostring(whole), lenient)  # nor a stylesheet before the root
        text = etree.tostring(
            whole.getroottree(),
            method="c14n",
            exclusive=exclusive,
            with_comments=False,
            inclusive_ns_prefixes=prefixes or None,
        )
    except (etree.LxmlError, ValueError):
        return None
    return hashlib.new(name, text, usedforsecurity=False).digest()
