"""Is an enveloped XML signature right, and does it prove anything? (CAP 1.2 section 3.3.4.1; XML-DSig, W3C 2008)

Asked in this order: what does the reference cover, is the digest of that what is told, is the signature over it, who holds the
key, and was the certificate valid when the alert was sent. KeyInfo alone proves nothing: only an anchor of ours does.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from warning.words.facts import Both

DSIG = "http://www.w3.org/2000/09/xmldsig#"
_D = f"{{{DSIG}}}"
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
MOST_CERTIFICATES = 8  # of one message, however many it carries
UNSIGNED = "unsigned"


class Signed(NamedTuple):
    """What a signature is worth. `word`: unsigned, good, bad-*, good-but-*; why: in words, None where the word says all."""

    word: str
    why: Both | None = None


@dataclass(frozen=True)
class Anchors:
    """Whom an office trusts: certificates of senders it pinned, and authorities whose certificates it accepts."""

    trusted: tuple[x509.Certificate, ...] = ()
    authorities: tuple[x509.Certificate, ...] = ()

    @classmethod
    def read(cls, trusted: Iterable[bytes], authorities: Iterable[bytes]) -> "Anchors":
        """PEM files, each of one certificate or several. Raises ValueError for what is no certificate."""
        return cls(
            tuple(c for pem in trusted for c in x509.load_pem_x509_certificates(pem)),
            tuple(c for pem in authorities for c in x509.load_pem_x509_certificates(pem)),
        )


NOBODY = Anchors()


def signature_of(root: etree._Element, sent: datetime | None, anchors: Anchors = NOBODY) -> Signed:
    """What the signatures of a message are worth: the worst of them, the outer one first.

    root: parsed with comments and processing instructions kept, for a canonical form holds them; it is not changed.
    sent: aware, when the alert says it was sent; None: the certificate's time cannot be judged, which is no proof.
    Raises nothing.
    """
    if next(root.iter(f"{_D}Signature"), None) is None:
        return Signed(UNSIGNED)
    whole = deepcopy(root.getroottree()).getroot()
    last = len(whole) - 1
    if last < 0 or whole[last].tag != f"{_D}Signature":
        return Signed(
            "good-but-signs-something-else",
            Both("ลายเซ็นไม่ได้ลงนามทั้งข้อความ", "a signature stands inside, not over the message"),
        )
    worst = Signed("good")
    while len(whole) and whole[-1].tag == f"{_D}Signature":
        found = _one(whole, whole[-1], sent, anchors)
        if found.word.startswith("bad"):
            return found
        if worst.word == "good":
            worst = found
        _without(
            whole, whole[-1]
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


def _one(root: etree._Element, signature: etree._Element, sent: datetime | None, anchors: Anchors) -> Signed:
    info = signature.find(f"{_D}SignedInfo")
    references = [] if info is None else info.findall(f"{_D}Reference")
    if info is None or len(references) != 1:
        return Signed("bad-signature", Both("ลายเซ็นไม่ได้อ้างถึงข้อความเดียว", "not one reference"))
    reference, method = references[0], _algorithm(info, "SignatureMethod")
    canon = [_algorithm(info, "CanonicalizationMethod")]
    transforms = [t.get("Algorithm", "") for t in reference.findall(f"{_D}Transforms/{_D}Transform")]
    digest = _DIGESTS.get(_algorithm(reference, "DigestMethod"))
    if method not in _SIGNATURES or digest is None:
        return Signed(
            "bad-signature", Both("อัลกอริทึมที่ไม่รับ", f"an algorithm that is not taken: {method[-40:]}")
        )
    if strange := [t for t in (*transforms, *canon) if t != _ENVELOPED and t not in _C14N]:
        return Signed(
            "bad-signature", Both("การแปลงที่ไม่รับ", f"a transform that is not taken: {strange[0][-40:]}")
        )
    elsewhere = reference.get("URI") != "" or _ENVELOPED not in transforms
    if not elsewhere and _digest_of(root, signature, transforms, digest) != _bytes(
        reference.findtext(f"{_D}DigestValue")
    ):
        return Signed("bad-digest", Both("ข้อความถูกแก้หลังลงนาม", "the message was changed after it was signed"))
    certificates = _certificates(signature)
    signer = _signer(root, signature, certificates or anchors.trusted)
    if signer is None and (certificates or not _by_key_value(root, signature)):
        return Signed("bad-signature", Both("ลายเซ็นไม่ตรงกับกุญแจ", "the signature is not of the key it names"))
    if elsewhere:
        return Signed(
            "good-but-signs-something-else",
            Both("ลงนามสิ่งอื่น ไม่ใช่ข้อความนี้", "it signs something else than this message"),
        )
    if signer is None:
        return Signed(
            f"good ({_SIGNATURES[method]}, bare KeyValue)",
            Both("ไม่มีใบรับรอง ไม่รู้ว่าใครลงนาม", "no certificate: it proves nothing about who signed"),
        )
    return _policy(signer, certificates, _SIGNATURES[method], digest, sent, anchors)


def _policy(
    signer: x509.Certificate, others: Sequence[x509.Certificate], method: str, digest: str, sent: datetime | None,
    anchors: Anchors,
) -> Signed:  # fmt: skip
    """The arithmetic holds; what is it worth?"""
    for weak in ("SHA1", "MD5"):
        if method.endswith(weak) or digest.upper() == weak:
            return Signed(
                f"good-but-{weak.lower()}", Both(f"{weak} ไม่เป็นหลักฐานแล้ว", f"{weak} is no proof any more")
            )
    if signer not in anchors.trusted and not _issued(signer, others, anchors.authorities):
        return Signed("good-but-untrusted", Both("ผู้ลงนามไม่อยู่ในรายชื่อที่เชื่อถือ", "the signer is nobody we trust"))
    if sent is None or sent < signer.not_valid_before_utc:
        return Signed(
            "good-but-certificate-not-yet-valid",
            Both("ใบรับรองยังไม่เริ่มใช้ในวันที่ส่ง", "the certificate was not valid yet when it was sent"),
        )
    if sent > signer.not_valid_after_utc:
        return Signed(
            "good-but-certificate-expired",
            Both("ใบรับรองหมดอายุในวันที่ส่ง", "the certificate had ended when it was sent"),
        )
    return Signed("good")


def _issued(
    signer: x509.Certificate, others: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate]
) -> bool:
    """Does a chain lead from the signer over certificates of the message to an authority of ours?"""
    seen, top = [signer], signer
    for _ in range(MOST_CERTIFICATES):
        if any(_is_issuer(authority, top) for authority in authorities):
            return True
        above = next((c for c in others if c not in seen and _may_issue(c) and _is_issuer(c, top)), None)
        if above is None:
            return False
        seen.append(above)
        top = above
    return False


def _is_issuer(issuer: x509.Certificate, of: x509.Certificate) -> bool:
    try:
        of.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return issuer != of or issuer.subject == of.subject


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _algorithm(parent: etree._Element, name: str) -> str:
    found = parent.find(f"{_D}{name}")
    return "" if found is None else found.get("Algorithm", "")


def _bytes(text: str | None) -> bytes:
    """Base64 as lenient as verifiers are: white space and unused bits are passed over."""
    try:
        return base64.b64decode("".join((text or "").split()))
    except ValueError:
        return b""


def _digest_of(
    root: etree._Element, signature: etree._Element, transforms: Sequence[str], name: str
) -> bytes:
    """The digest of the document without this signature. `URI=""` leaves comments out, whatever the transform says."""
    whole = deepcopy(root.getroottree()).getroot()
    _without(whole, whole[root.index(signature)])
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


def _signer(
    root: etree._Element, signature: etree._Element, candidates: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    """Whose key made this signature: the first certificate with which it verifies."""
    for certificate in dict.fromkeys(candidates):
        try:
            key = xmlsec.Key.from_memory(
                certificate.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
            )
        except (xmlsec.Error, ValueError):
            continue
        if _verifies(root, signature, key):
            return certificate
    return None


def _by_key_value(root: etree._Element, signature: etree._Element) -> bool:
    """Does it verify by the bare RSA key it carries along? That says who wrote nothing, only that nothing was changed."""
    value = signature.find(f"{_D}KeyInfo/{_D}KeyValue/{_D}RSAKeyValue")
    if value is None:
        return False
    modulus, exponent = (
        int.from_bytes(_bytes(value.findtext(f"{_D}{name}"))) for name in ("Modulus", "Exponent")
    )
    try:
        public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return _verifies(root, signature, xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem))
    except (xmlsec.Error, ValueError):
        return False


def _verifies(root: etree._Element, signature: etree._Element, key: xmlsec.Key) -> bool:
    whole = deepcopy(root.getroottree()).getroot()
    context = xmlsec.SignatureContext()
    context.key = key
    try:
        context.verify(whole[root.index(signature)])
    except (xmlsec.Error, ValueError):
        return False
    return True
