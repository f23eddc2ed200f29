"""Is an enveloped XML signature right, and does it prove anything? (CAP 1.2 section 3.3.4.1; XML-DSig, W3C 2008)

Asked in this order: what does the reference cover, is the digest of that what is told, is the signature over it, who holds the
key, and was the certificate valid when the alert was sent. KeyInfo alone proves nothing: only an anchor of ours does.
"""

import base64
import hashlib
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from warning.cap.trust import MOST_CERTIFICATES, NOBODY, Anchors, Signed, weak, worth
from warning.words.facts import Both

DSIG = "http://www.w3.org/2000/09/xmldsig#"
_D, _D11 = f"{{{DSIG}}}", "{http://www.w3.org/2009/xmldsig11#}"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_C14N = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": False,
    "http://www.w3.org/2001/10/xml-exc-c14n#": True,
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": True,
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
_CURVES: dict[str, ec.EllipticCurve] = {
    "urn:oid:1.2.840.10045.3.1.7": ec.SECP256R1(), "urn:oid:1.3.132.0.34": ec.SECP384R1(),
}  # fmt: skip
_MOST_SIGNATURES = 4  # an author and its gateways; more is an attempt to keep us busy
_ELSEWHERE = Signed(
    "good-but-signs-something-else",
    Both("ลายเซ็นไม่ได้ลงนามทั้งข้อความ", "it signs something else than this whole message"),
)
_NO_MATCH = Signed("bad-signature", Both("ลายเซ็นไม่ตรงกับกุญแจ", "the signature is not of the key it names"))
_CHANGED = Both("ข้อความถูกแก้หลังลงนาม", "the message was changed after it was signed")


def signature_of(root: etree._Element, sent: datetime | None, anchors: Anchors | None = NOBODY) -> Signed:
    """What the signatures of a message are worth: the worst of them, the outer one first.

    root: parsed with comments and processing instructions kept, for a canonical form holds them; it is not changed.
    sent: aware, when the alert says it was sent; None where it has no readable time.
    anchors: whom we trust; None asks for the arithmetic, SHA-1 and the certificate's dates only. Raises nothing.
    """
    found = list(root.iter(f"{_D}Signature"))
    if not found:
        return Signed("unsigned")
    if len(found) > _MOST_SIGNATURES:
        return Signed("bad-signature", Both("ลายเซ็นมากเกินไป", "more signatures than anybody needs"))
    whole = deepcopy(root.getroottree()).getroot()
    worst = Signed("good")
    ours = [child for child in whole if child.tag == f"{_D}Signature"]
    if not ours:  # none over the message: one inside it
        inside = next(whole.iter(f"{_D}Signature"))
        return _ELSEWHERE if _holds(whole, inside) else _NO_MATCH
    for signature in reversed(ours):  # a gateway signs after the author, and its signature stands behind
        said = _one(whole, signature, sent, anchors)
        if said.is_bad:
            return said
        if worst.word == "good":
            worst = said
        _without(
            whole, signature
        )  # the author's is judged as it was before the gateway put its own beside it
    return worst


def _without(root: etree._Element, signature: etree._Element) -> None:
    """Take it out and leave the text behind it, as the enveloped-signature transform does."""
    before, tail = signature.getprevious(), signature.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        root.text = (root.text or "") + tail
    root.remove(signature)


def _one(
    root: etree._Element, signature: etree._Element, sent: datetime | None, anchors: Anchors | None
) -> Signed:
    info = signature.find(f"{_D}SignedInfo")
    references = [] if info is None else info.findall(f"{_D}Reference")
    if info is None or not references:
        return Signed("bad-signature", Both("ลายเซ็นไม่ได้อ้างถึงสิ่งใด", "it refers to nothing"))
    reference, method = references[0], _algorithm(info, "SignatureMethod")
    transforms = [t.get("Algorithm", "") for t in reference.findall(f"{_D}Transforms/{_D}Transform")]
    digest = _DIGESTS.get(_algorithm(reference, "DigestMethod"))
    if method not in _SIGNATURES or digest is None:
        return Signed("bad-signature", Both("อัลกอริทึมที่ไม่รับ", f"an algorithm not taken: {method[-40:]}"))
    used = {t.get("Algorithm", "") for t in info.iter(f"{_D}Transform", f"{_D}CanonicalizationMethod")}
    if strange := used - {_ENVELOPED, *_C14N, *_PARTIAL}:
        return Signed("bad-signature", Both("การแปลงที่ไม่รับ", f"a transform not taken: {min(strange)[-40:]}"))
    if (
        len(references) > 1
        or reference.get("URI") != ""
        or _ENVELOPED not in transforms
        or used & set(_PARTIAL)
    ):
        return _ELSEWHERE if _holds(root, signature) else _NO_MATCH
    told = _bytes(reference.findtext(f"{_D}DigestValue"))
    if _digest_of(root, signature, transforms, digest) != told:
        return _changed(root, signature, transforms, digest, told)
    carried = _certificates(signature)
    candidates = carried or (anchors.trusted if anchors else ())
    signer = next((c for c in dict.fromkeys(candidates) if _verifies(root, signature, _key_of(c))), None)
    if signer is not None:
        return weak(_SIGNATURES[method], digest) or worth(signer, carried, sent, anchors)
    if carried or not _by_key_value(root, signature):
        return _NO_MATCH
    if anchors is None or weak(_SIGNATURES[method], digest):
        return Signed(
            f"good ({_SIGNATURES[method]}, bare KeyValue)",
            Both("ไม่มีใบรับรอง ไม่รู้ว่าใครลงนาม", "no certificate: it proves nothing about who signed"),
        )
    return Signed("good-but-untrusted", Both("กุญแจไม่มีใบรับรอง", "a bare key that nobody of ours vouches for"))


def _changed(
    root: etree._Element, signature: etree._Element, transforms: Sequence[str], digest: str, told: bytes
) -> Signed:
    """The digest is not of these bytes. In which way, as far as it can be told?"""
    if any(_is_sloppy(held.text) for held in signature.iter(f"{_D}DigestValue", f"{_D}X509Certificate")):
        return Signed("bad", Both("ค่าในลายเซ็นถูกแก้", "the digest fails and its base64 was touched"))
    if _digest_of(root, signature, transforms, digest, blanks=False) == told:
        return Signed(
            "bad-digest (strict)", Both("จัดบรรทัดใหม่หลังลงนาม", "its lines were set anew after it was signed")
        )
    return Signed("bad-digest", _CHANGED)


def _algorithm(parent: etree._Element, name: str) -> str:
    found = parent.find(f"{_D}{name}")
    return "" if found is None else found.get("Algorithm", "")


def _bytes(text: str | None) -> bytes:
    """Base64 as lenient as verifiers are: white space and unused bits are passed over."""
    try:
        return base64.b64decode("".join((text or "").split()))
    except ValueError:
        return b""


def _is_sloppy(text: str | None) -> bool:
    """Does base64 end in bits that no encoder leaves there?"""
    return base64.b64encode(_bytes(text)) != "".join((text or "").split()).encode()


def _digest_of(
    root: etree._Element, signature: etree._Element, transforms: Sequence[str], name: str, blanks: bool = True
) -> bytes:
    """The digest of the document without this signature. `URI=""` leaves comments out, whatever the transform says.

    blanks: False leaves out the white space between elements too, which XML-DSig does not allow and some signers do.
    """
    whole = deepcopy(root.getroottree()).getroot()
    _without(whole, whole[root.index(signature)])
    if not blanks:
        lenient = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
        whole = etree.fromstring(etree.tostring(whole), lenient)  # nor a stylesheet before the root
    exclusive = any(_C14N.get(transform, False) for transform in transforms)
    text = etree.tostring(whole.getroottree(), method="c14n", exclusive=exclusive, with_comments=False)
    return hashlib.new(name, text, usedforsecurity=False).digest()


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    found = []
    for held in list(signature.iter(f"{_D}X509Certificate"))[:MOST_CERTIFICATES]:
        try:
            found.append(x509.load_der_x509_certificate(_bytes(held.text)))
        except ValueError:
            continue
    return found


def _key_of(certificate: x509.Certificate) -> xmlsec.Key | None:
    try:
        pem = certificate.public_bytes(Encoding.PEM)
        return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    except (xmlsec.Error, ValueError):
        return None


def _by_key_value(root: etree._Element, signature: etree._Element) -> bool:
    """Does it verify by the bare key it carries along? That says who wrote nothing, only that nothing was changed."""
    return _verifies(root, signature, _bare_key(signature.find(f"{_D}KeyInfo/{_D}KeyValue")))


def _bare_key(held: etree._Element | None) -> xmlsec.Key | None:
    if held is None:
        return None
    numbers = [_bytes(held.findtext(f"{_D}RSAKeyValue/{_D}{name}")) for name in ("Modulus", "Exponent")]
    curve = held.find(f"{_D11}ECKeyValue/{_D11}NamedCurve")
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    try:
        if curve is None:
            modulus, exponent = (int.from_bytes(number) for number in numbers)
            public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        else:
            point = _bytes(held.findtext(f"{_D11}ECKeyValue/{_D11}PublicKey"))
            public = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve.get("URI", "")], point)
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    except (xmlsec.Error, ValueError, KeyError):
        return None


def _holds(root: etree._Element, signature: etree._Element) -> bool:
    """Is the arithmetic right by any key it carries, whatever it signs?"""
    keys = [_key_of(certificate) for certificate in _certificates(signature)]
    if any(_verifies(root, signature, key) for key in keys):
        return True
    return not keys and _by_key_value(root, signature)


def _verifies(root: etree._Element, signature: etree._Element, key: xmlsec.Key | None) -> bool:
    if key is None:
        return False
    tree = root.getroottree()
    whole = deepcopy(tree).getroot()
    copy = next(
        s
        for s, o in zip(whole.iter(f"{_D}Signature"), root.iter(f"{_D}Signature"), strict=True)
        if o is signature
    )
    context = xmlsec.SignatureContext()
    context.key = key
    try:
        xmlsec.tree.add_ids(whole, ["Id", "ID", "id"])
        context.verify(copy)
    except (xmlsec.Error, ValueError):
        return False
    return True
