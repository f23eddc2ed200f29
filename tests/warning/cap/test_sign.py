"""Our signature holds for three verifiers that share no code, and nothing goes out when it cannot be made."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLVerifier
from signxml.verifier import SignatureConfiguration

from geo.areas import built_in_areas
from geo.errors import ConfigError
from tests.warning.cap.messages_made import BASE
from tests.warning.cap.test_documents import schema
from warning.cap.sign import KEY_FILE, NotSigned, Signer
from warning.cap.trust import Anchors
from warning.cap.verdict import judge

NOW = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an office")])
    built = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(7)
    )
    built = built.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=9))
    return built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).sign(
        key, hashes.SHA256()
    )


def pem(*parts: x509.Certificate | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return b"".join(
        part.public_bytes(Encoding.PEM)
        if isinstance(part, x509.Certificate)
        else part.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for part in parts
    )


def signer(kind: str) -> Signer:
    if kind == "ec":
        return Signer.made("an office", NOW - timedelta(days=1), NOW + timedelta(days=9))
    key = rsa.generate_private_key(65537, 2048)
    return Signer(key, (certificate(key),))


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_three_verifiers_and_the_schema_accept_it(kind: str) -> None:
    ours = signer(kind)
    signed = ours.signed(BASE.encode())
    cert = pem(ours.certificates[0])
    said = judge(signed, Anchors.read([cert], []), built_in_areas())
    assert (said.verdict, said.signature) == ("valid", "good")
    root = etree.fromstring(signed)
    node = xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(cert, xmlsec.constants.KeyDataFormatCertPem)
    context.verify(node)
    found = XMLVerifier().verify(
        signed,
        x509_cert=cert.decode(),
        expect_config=SignatureConfiguration(location="./", ignore_ambiguous_key_info=True),
    )
    assert found.signed_xml is not None and found.signed_xml.tag.endswith("alert")
    schema().validate(signed.decode())


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_changed_letter_is_seen_and_a_stranger_is_not_trusted(kind: str) -> None:
    ours = signer(kind)
    signed = ours.signed(BASE.encode())
    anchors = Anchors.read([pem(ours.certificates[0])], [])
    assert (
        judge(signed.replace("น้ำจะท่วม".encode(), "น้ำไม่ท่วม".encode()), anchors, built_in_areas()).signature
        == "bad-digest"
    )
    stranger = Anchors.read([pem(signer("ec").certificates[0])], [])
    assert judge(signed, stranger, built_in_areas()).signature == "good-but-untrusted"
    assert judge(BASE.encode(), anchors, built_in_areas()).signature == "unsigned"


def test_what_cannot_be_signed_is_not_published() -> None:
    with pytest.raises(NotSigned, match="could not be signed"):
        Signer.throwaway().signed(b"<alert/>")
    with pytest.raises(NotSigned):
        Signer.throwaway().signed(b"no xml </alert>")


def test_a_key_is_made_once_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = Signer.load(tmp_path / "keys", "an office", NOW)
    assert Signer.load(tmp_path / "keys", "an office", NOW).certificates == first.certificates
    assert (tmp_path / "keys" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in (tmp_path / "keys" / "cap-certificate.pem").read_bytes()


EC, OTHER, P384 = (
    ec.generate_private_key(curve) for curve in (ec.SECP256R1(), ec.SECP256R1(), ec.SECP384R1())
)
SMALL = rsa.generate_private_key(65537, 1024)


@pytest.mark.parametrize(
    ("held", "mode", "says"),
    [
        pytest.param(pem(EC, certificate(EC)), 0o644, "chmod 600", id="open-to-others"),
        pytest.param(b"nothing", 0o600, "is not a PEM file", id="broken"),
        pytest.param(pem(EC), 0o600, "is not a PEM file", id="no-certificate"),
        pytest.param(pem(EC, certificate(OTHER)), 0o600, "not of this key", id="of-another-key"),
        pytest.param(pem(P384, certificate(P384)), 0o600, "must be P-256", id="another-curve"),
        pytest.param(pem(SMALL, certificate(SMALL)), 0o600, "2048 bits", id="small"),
        pytest.param(None, 0o600, "cannot be read", id="missing"),
    ],
)
def test_a_key_that_will_not_do_stops_the_start(
    tmp_path: Path, held: bytes | None, mode: int, says: str
) -> None:
    path = tmp_path / "given.pem"
    if held is not None:
        path.write_bytes(held)
        os.chmod(path, mode)
    with pytest.raises(ConfigError, match=says):
        Signer.load(tmp_path, "an office", NOW, given=path)
