"""Whom do we believe? A signature that holds is good only by an anchor of ours, and while its certificate was valid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from warning.words.facts import Both

MOST_CERTIFICATES = 8  # of one message, however many it carries


class Signed(NamedTuple):
    """What a signature is worth. `word`: unsigned, good, bad*, good-but-*; why: in words, None where the word says all."""

    word: str
    why: Both | None = None

    @property
    def is_bad(self) -> bool:
        return self.word.startswith("bad")


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


def weak(method: str, digest: str) -> Signed | None:
    """SHA-1 and MD5 can be forged: whoever signed, it is no proof."""
    for name in ("SHA1", "MD5"):
        if method.endswith(name) or digest.upper() == name:
            return Signed(
                f"good-but-{name.lower()}", Both(f"{name} ไม่เป็นหลักฐานแล้ว", f"{name} is no proof any more")
            )
    return None


def worth(
    signer: x509.Certificate, others: Sequence[x509.Certificate], sent: datetime | None, anchors: Anchors | None
) -> Signed:  # fmt: skip
    """The arithmetic holds by the signer's key; what is it worth?

    others: certificates the message carries, to build a chain of. sent: aware; None where the alert has no readable time.
    anchors: None asks only of the certificate itself: its dates, and whether anybody but itself vouches for it.
    A sender pinned by us who shows another certificate of the same key is judged by the one we pinned.
    """
    chain = [signer]
    if anchors is None:
        if signer.issuer == signer.subject:
            return Signed(
                "good-but-untrusted",
                Both("ใบรับรองรับรองตัวเอง", "its certificate is vouched for by itself alone"),
            )
    elif signer not in anchors.trusted and not (chain := _chain(signer, others, anchors.authorities)):
        chain = [c for c in anchors.trusted if public_key_of(c) == public_key_of(signer)][:1]
        if not chain:
            return Signed(
                "good-but-untrusted", Both("ผู้ลงนามไม่อยู่ในรายชื่อที่เชื่อถือ", "the signer is nobody we trust")
            )
    if sent is None:
        return Signed(
            "good-but-time-unknown",
            Both("ไม่รู้เวลาส่ง จึงไม่รู้ว่าใบรับรองใช้ได้หรือไม่", "no time of sending to hold the certificate against"),
        )
    if any(sent < certificate.not_valid_before_utc for certificate in chain):
        return Signed(
            "good-but-certificate-not-yet-valid",
            Both("ใบรับรองยังไม่เริ่มใช้ในวันที่ส่ง", "the certificate was not valid yet when it was sent"),
        )
    if any(sent > certificate.not_valid_after_utc for certificate in chain):
        return Signed(
            "good-but-certificate-expired",
            Both("ใบรับรองหมดอายุในวันที่ส่ง", "the certificate had ended when it was sent"),
        )
    return Signed("good")


def public_key_of(certificate: x509.Certificate) -> CertificatePublicKeyTypes | None:
    """Its key, to be compared; None of a kind nobody here can read."""
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _chain(
    signer: x509.Certificate, others: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """The signer and what leads from it, over certificates of the message, to an authority of ours; empty if nothing does."""
    chain = [signer]
    for _ in range(MOST_CERTIFICATES):
        if any(_is_issuer(authority, chain[-1]) for authority in authorities):
            return chain
        above = next(
            (c for c in others if c not in chain and _may_issue(c) and _is_issuer(c, chain[-1])), None
        )
        if above is None:
            break
        chain.append(above)
    return []


def _is_issuer(issuer: x509.Certificate, of: x509.Certificate) -> bool:
    try:
        of.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return issuer != of or issuer.subject == of.subject


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return False
