"""Our signature on what we publish: enveloped, last child of the alert, over the whole of it (CAP 1.2 section 3.3.4.1).

Exclusive canonical form, so that an alert can be lifted into a feed's entry and out again. The signed information is written
in its canonical form at once: its text here is, byte for byte, what a verifier makes of it.
"""

import base64
import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from lxml import etree

from geo.errors import ConfigError, NotAllowed

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
KEY_FILE, CERTIFICATE_FILE = "cap-signing.pem", "cap-certificate.pem"
_YEARS = 10  # of a certificate we make: its receivers pin it, and a new one means asking each of them
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_METHODS = {
    "ec": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
}
_SIGNED_INFO = (
    f'<ds:SignedInfo{{ns}}><ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod><ds:Reference URI=""><ds:Transforms>'
    f'<ds:Transform Algorithm="{_DSIG}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{_EXCLUSIVE}"></ds:Transform></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{_SHA256}"></ds:DigestMethod><ds:DigestValue>{{digest}}</ds:DigestValue>'
    "</ds:Reference></ds:SignedInfo>"
)
_END = b"</alert>"


class NotSigned(NotAllowed):
    """An alert could not be signed: it is not published, a person must look. Nothing ever goes out unsigned instead."""


@dataclass(frozen=True)
class Signer:
    """An office's key for CAP and the certificates that vouch for it, its own first."""

    key: SigningKey = field(repr=False)
    certificates: tuple[x509.Certificate, ...]

    def signed(self, xml: bytes) -> bytes:
        """The alert with our signature as its last child; every other byte stays. Raises NotSigned, whatever went wrong."""
        try:
            return self._signed(xml)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:200]
            raise NotSigned(
                f"ลงนามการเตือนไม่ได้ จึงยังไม่เผยแพร่ (the alert could not be signed: {why})"
            ) from error

    def _signed(self, xml: bytes) -> bytes:
        if not xml.rstrip().endswith(_END):
            raise ValueError("not an alert of ours")
        whole = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True)).getroottree()
        digest = hashlib.sha256(etree.tostring(whole, method="c14n", exclusive=True)).digest()
        kind = "ec" if isinstance(self.key, ec.EllipticCurvePrivateKey) else "rsa"
        blanks = {"method": _METHODS[kind], "digest": base64.b64encode(digest).decode()}
        value = base64.b64encode(
            self._value(_SIGNED_INFO.format(ns=f' xmlns:ds="{_DSIG}"', **blanks).encode())
        )
        held = "".join(
            f"<ds:X509Certificate>{base64.b64encode(c.public_bytes(Encoding.DER)).decode()}</ds:X509Certificate>"
            for c in self.certificates
        )
        signature = (
            f'<ds:Signature xmlns:ds="{_DSIG}">{_SIGNED_INFO.format(ns="", **blanks)}'
            f"<ds:SignatureValue>{value.decode()}</ds:SignatureValue>"
            f"<ds:KeyInfo><ds:X509Data>{held}</ds:X509Data></ds:KeyInfo></ds:Signature>"
        )
        at = xml.rindex(_END)
        return xml[:at] + signature.encode() + xml[at:]

    def _value(self, text: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)  # as XML-DSig writes it, not as DER

    @classmethod
    def made(cls, name: str, begins: datetime, ends: datetime) -> Self:
        """A new P-256 key with a certificate that vouches for itself. begins, ends: aware."""
        key = ec.generate_private_key(ec.SECP256R1())
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        built = (
            built.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
        )
        built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return cls(key, (built.sign(key, hashes.SHA256()),))

    @classmethod
    def throwaway(cls) -> Self:
        """For a bench or a test: it vouches for nobody and is kept nowhere."""
        return cls.made("raksa exercise", datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))

    @classmethod
    def load(cls, folder: Path, name: str, now: datetime, given: Path | None = None) -> Self:
        """The key of this office: `given`, or the one in `folder`, made at the first start and readable by the owner only.

        given: a PEM file of a private key (P-256 or RSA of 2048 bits at least) and its certificate, its chain behind it.
        The certificate alone, for others to pin, is put beside a key we make. name: whose it is. now: aware.
        Raises ConfigError when the file is readable by others, is broken, or its key and certificate are not a pair.
        """
        path = given or folder / KEY_FILE
        if given is None and not path.exists():
            made = cls.made(name, now - timedelta(days=1), now + timedelta(days=365 * _YEARS))
            certificate = b"".join(c.public_bytes(Encoding.PEM) for c in made.certificates)
            secret = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            folder.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secret + certificate)
            (folder / CERTIFICATE_FILE).write_bytes(certificate)
            return made
        try:
            if path.stat().st_mode & 0o077:
                raise ConfigError(f"{path} can be read by others: run `chmod 600 {path}`")
            pem = path.read_bytes()
            key, certificates = load_pem_private_key(pem, None), tuple(x509.load_pem_x509_certificates(pem))
        except OSError as error:
            raise ConfigError(f"{path} cannot be read ({error.strerror}); it signs our alerts") from error
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{path} is not a PEM file of a key and its certificate: restore it") from error
        if isinstance(key, rsa.RSAPrivateKey):
            good = key.key_size >= 2048
        else:
            good = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
        if not good or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise ConfigError(f"{path}: the key must be P-256, or RSA of 2048 bits at least")
        if certificates[0].public_key() != key.public_key():
            raise ConfigError(f"{path}: the first certificate is not of this key")
        return cls(key, certificates)
