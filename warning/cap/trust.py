"""Whom do we believe? A signature that holds is good only by an anchor of ours, and while its certificate was valid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature

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
    """
    if (
        anchors is not None
        and signer not in anchors.trusted
        and not _issued(signer, others, anchors.authorities)
    ):
        return Signed("good-but-untrusted", Both("ผู้ลงนามไม่อยู่ในรายชื่อที่เชื่อถือ", "the signer is nobody we trust"))
    if anchors is None and signer.issuer == signer.subject:
        return Signed(
            "good-but-untrusted", Both("ใบรับรองรับรองตัวเอง", "its certificate is vouched for by itself alone")
        )
    if sent is None:
        return Signed(
            "good-but-time-unknown",
            Both("ไม่รู้เวลาส่ง จึงไม่รู้ว่าใบรับรองใช้ได้หรือไม่", "no time of sending to hold the certificate against"),
        )
    if sent < signer.not_valid_before_utc:
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
