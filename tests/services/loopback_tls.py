"""An authority and a certificate for localhost, made in the test and gone with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def authority(folder: Path) -> None:
    """Writes ca.pem, server.pem and server.key."""
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("authority of a test")
    root = _certificate(issuer, issuer, ours, ours, x509.BasicConstraints(ca=True, path_length=0))
    server = _certificate(
        _name("localhost"), issuer, theirs, ours, x509.SubjectAlternativeName([x509.DNSName("localhost")])
    )
    (folder / "ca.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(server.public_bytes(Encoding.PEM))
    (folder / "server.key").write_bytes(
        theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    day = timedelta(days=1)
    made = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - day, now + day
    )
    critical = isinstance(extension, x509.BasicConstraints)
    return made.add_extension(extension, critical=critical).sign(signer, hashes.SHA256())
