"""Messages signed by libxmlsec1 with keys that live as long as the test run: as senders, strangers and forgers send them."""

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from tests.warning.cap.messages_made import BASE
from warning.cap.trust import Anchors

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENVELOPED, XPATH = f"{DS}enveloped-signature", "http://www.w3.org/TR/1999/REC-xpath-19991116"
C10, C11, EXC = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
)  # fmt: skip
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SENT = datetime(2026, 11, 21, 23, 15, tzinfo=UTC)  # of the message
_DAYS, _SECOND = timedelta(days=300), timedelta(seconds=1)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey
_P256 = ec.SECP256R1()

KEYS: dict[str, Key] = {
    "sender": rsa.generate_private_key(65537, 2048),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "dsa": dsa.generate_private_key(1024),
} | {
    name: ec.generate_private_key(_P256)
    for name in (
        "ca", "other-ca", "sender-ec", "expired", "ended-a-second-ago", "ended-since", "future", "begins-a-second-later",
        "between", "between-expired", "not-a-ca", "below", "below-expired", "below-not-a-ca", "someone-else", "self-signed",
        "bare", "gateway",
    )
}  # fmt: skip
HMAC = "hmac"


def _certificate(
    name: str, issuer: str, begins: datetime = SENT - _DAYS, ends: datetime = SENT + _DAYS, ca: bool = False
) -> x509.Certificate:
    def called(who: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, who)])

    built = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called(issuer))
    built = built.public_key(KEYS[name].public_key()).serial_number(x509.random_serial_number())  # type: ignore[arg-type]
    built = built.not_valid_before(begins).not_valid_after(ends)
    by = KEYS[issuer]
    assert isinstance(by, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return built.add_extension(x509.BasicConstraints(ca, None), critical=True).sign(by, hashes.SHA256())


CERTIFICATES = {
    "ca": _certificate("ca", "ca", ca=True),
    "other-ca": _certificate("other-ca", "other-ca", ca=True),
    **{name: _certificate(name, "ca") for name in ("sender", "sender-ec", "p384", "p521", "dsa", "not-a-ca", "gateway")},
    "expired": _certificate("expired", "ca", ends=SENT - timedelta(days=2)),
    "ended-a-second-ago": _certificate("ended-a-second-ago", "ca", ends=SENT - _SECOND),
    "ended-since": _certificate("ended-since", "ca", ends=SENT + _SECOND),
    "future": _certificate("future", "ca", begins=SENT + timedelta(days=2)),
    "begins-a-second-later": _certificate("begins-a-second-later", "ca", begins=SENT + _SECOND),
    "between": _certificate("between", "ca", ca=True),
    "between-expired": _certificate("between-expired", "ca", ends=SENT - _SECOND, ca=True),
    "below": _certificate("below", "between"),
    "below-expired": _certificate("below-expired", "between-expired"),
    "below-not-a-ca": _certificate("below-not-a-ca", "not-a-ca"),
    "someone-else": _certificate("someone-else", "other-ca"),
    "self-signed": _certificate("self-signed", "self-signed"),
    "sender-renewed": _certificate("sender", "sender"),
}  # fmt: skip
CA_ONLY = Anchors((), (CERTIFICATES["ca"],))
SENDER_ONLY = Anchors((CERTIFICATES["sender"],), ())
BOTH = Anchors((CERTIFICATES["sender"], CERTIFICATES["sender-ec"]), (CERTIFICATES["ca"],))


def held(*names: str, wrap: int = 0) -> str:
    """X509Data of these certificates; wrap: letters a line of base64, 0 for one line."""
    found = ""
    for name in names:
        text = base64.b64encode(CERTIFICATES[name].public_bytes(Encoding.DER)).decode()
        if wrap:
            text = "\n".join(text[n : n + wrap] for n in range(0, len(text), wrap))
        found += f"<ds:X509Certificate>{text}</ds:X509Certificate>"
    return f"<ds:X509Data>{found}</ds:X509Data>"


def bare(key: str) -> str:
    """KeyValue of a key: its numbers, and nobody to vouch for them."""

    def of(*numbers: tuple[str, int]) -> str:
        return "".join(
            f"<ds:{name}>{base64.b64encode(n.to_bytes((n.bit_length() + 7) // 8)).decode()}</ds:{name}>"
            for name, n in numbers
        )

    match KEYS[key].public_key():
        case rsa.RSAPublicKey() as public:
            r = public.public_numbers()
            inside = f"<ds:RSAKeyValue>{of(('Modulus', r.n), ('Exponent', r.e))}</ds:RSAKeyValue>"
        case dsa.DSAPublicKey() as public:
            y = public.public_numbers()
            n = y.parameter_numbers
            inside = f"<ds:DSAKeyValue>{of(('P', n.p), ('Q', n.q), ('G', n.g), ('Y', y.y))}</ds:DSAKeyValue>"
        case public:
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            oid = {256: "1.2.840.10045.3.1.7", 384: "1.3.132.0.34", 521: "1.3.132.0.35"}[public.key_size]
            inside = (
                f'<e:ECKeyValue xmlns:e="http://www.w3.org/2009/xmldsig11#"><e:NamedCurve URI="urn:oid:{oid}"/>'
                f"<e:PublicKey>{base64.b64encode(point).decode()}</e:PublicKey></e:ECKeyValue>"
            )
    return f"<ds:KeyValue>{inside}</ds:KeyValue>"


def reference(
    uri: str | None = "", transforms: Sequence[str] = (ENVELOPED, EXC), digest: str = SHA256, inside: str = ""
) -> str:
    """A Reference yet without its digest. inside: what stands in its last transform."""
    last = len(transforms) - 1
    chosen = "".join(
        f'<ds:Transform Algorithm="{name}">{inside if n == last else ""}</ds:Transform>'
        for n, name in enumerate(transforms)
    )
    named = "" if uri is None else f' URI="{uri}"'
    chosen = f"<ds:Transforms>{chosen}</ds:Transforms>" if chosen else ""
    return f'<ds:Reference{named}>{chosen}<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference>'


def method_of(key: str) -> str:
    match KEYS.get(key):
        case rsa.RSAPrivateKey():
            return f"{MORE}rsa-sha256"
        case dsa.DSAPrivateKey():
            return f"{DS}dsa-sha1"
        case None:
            return f"{MORE}hmac-sha256"
    return f"{MORE}ecdsa-sha256"


def signed(
    xml: str = BASE,
    key: str = "sender",
    *,
    refers: str | None = None,
    method: str = "",
    form: str = EXC,
    info: str | None = None,
    before: str = "</alert>",
    holds: str = "",
    prefix: str = "ds",
    tail: str = "\n",
) -> str:
    """The message with a Signature put in before the last `before`, signed there.

    refers: its references; info: what its KeyInfo holds, its certificate when None; holds: its Objects; form: of SignedInfo.
    """
    known = held(key) if info is None else info
    known = f"<ds:KeyInfo>{known}</ds:KeyInfo>" if known else ""
    template = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{form}"/>'
        f'<ds:SignatureMethod Algorithm="{method or method_of(key)}"/>{refers or reference()}</ds:SignedInfo>'
        f"<ds:SignatureValue/>{known}{holds}</ds:Signature>"
    )
    if prefix != "ds":
        template = template.replace("<ds:", f"<{prefix}").replace("</ds:", f"</{prefix}")
        template = template.replace("xmlns:ds=", f"xmlns:{prefix[:-1]}=" if prefix else "xmlns=")
    at = xml.rindex(before)
    root = etree.fromstring((xml[:at] + template + tail + xml[at:]).encode())
    xmlsec.tree.add_ids(root, ["Id"])
    empty = [s for s in root.iter(f"{{{DS}}}Signature") if not s.findtext(f"{{{DS}}}SignatureValue")]
    context = xmlsec.SignatureContext()
    context.key = _secret(key)
    context.sign(empty[0])
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8").decode()


def _secret(key: str) -> xmlsec.Key:
    if key == HMAC:
        return xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, b"known to both")
    pem = KEYS[key].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)


def flipped(of: str, xml: str) -> str:
    """The first letter of a base64 text changed."""
    return re.sub(rf"(<ds:{of}>)(\w)", lambda m: m[1] + ("B" if m[2] == "A" else "A"), xml, count=1)


def wrapped_lines(xml: str, end: str = "\n") -> str:
    return re.sub(
        r"(?<=>)[A-Za-z0-9+/=\n]{60,}(?=<)",
        lambda m: end.join(re.findall(".{1,40}", m[0].replace("\n", ""))),
        xml,
    )


def utf16(xml: str) -> bytes:
    return xml.replace("encoding='UTF-8'", "encoding='UTF-16'").encode("utf-16")


def peer_holds(xml: bytes, *keys: str) -> bool:
    """libxmlsec1 over the bytes, told the keys: does every signature hold by one of them, the outermost taken off first?"""
    root = etree.fromstring(xml)
    left = list(root.iter(f"{{{DS}}}Signature"))
    left = [one for one in left if next(one.iterancestors(f"{{{DS}}}Signature"), None) is None]
    for signature in reversed(left):
        if not any(_holds(root, signature, key) for key in keys):
            return False
        before, parent, tail = signature.getprevious(), signature.getparent(), signature.tail or ""
        assert parent is not None
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
        parent.remove(signature)
    return True


def _holds(root: etree._Element, signature: etree._Element, key: str) -> bool:
    context = xmlsec.SignatureContext()
    context.key = _secret(key)
    xmlsec.tree.add_ids(root, ["Id"])
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True
