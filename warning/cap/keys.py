"""Which keys may a signature be of, and does it hold by one? The arithmetic is libxmlsec1's."""

import base64
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import xmlsec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from warning.cap.trust import MOST_CERTIFICATES, public_key_of

DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
D, _D11 = f"{{{DSIG}}}", "{http://www.w3.org/2009/xmldsig11#}"
_CURVES: dict[str, ec.EllipticCurve] = {
    "urn:oid:1.2.840.10045.3.1.7": ec.SECP256R1(), "urn:oid:1.3.132.0.34": ec.SECP384R1(),
    "urn:oid:1.3.132.0.35": ec.SECP521R1(),
}  # fmt: skip


class Candidate(NamedTuple):
    """A key a signature may be of. `certificate` is None where it comes bare: nobody vouches for it."""

    key: xmlsec.Key
    certificate: x509.Certificate | None


def number(text: str | None) -> bytes:
    """Base64 as lenient as verifiers are: white space and unused bits are passed over."""
    try:
        return base64.b64decode("".join((text or "").split()))
    except ValueError:
        return b""


def certificates(signature: etree._Element) -> list[x509.Certificate]:
    """Those in its KeyInfo that can be read, in their order; what lies in an Object of it is not its key."""
    found = []
    for held in _certificate_texts(signature)[:MOST_CERTIFICATES]:
        try:
            found.append(x509.load_der_x509_certificate(number(held.text)))
        except ValueError:
            continue
    return found


def candidates(signature: etree._Element, trusted: Sequence[x509.Certificate]) -> list[Candidate]:
    """The keys its KeyInfo names: of its certificates, or bare. Where it carries none, those of the senders we trust."""
    if _certificate_texts(signature):
        return list(_of_certificates(certificates(signature)))
    held = signature.find(f"{D}KeyInfo/{D}KeyValue")
    if held is None:
        return list(_of_certificates(trusted))
    try:
        bare = _bare_key(held)
        pem = bare.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    except (xmlsec.Error, ValueError, KeyError, UnsupportedAlgorithm):
        return []
    return [Candidate(key, next((c for c in trusted if public_key_of(c) == bare), None))]


def _certificate_texts(signature: etree._Element) -> list[etree._Element]:
    return signature.findall(f"{D}KeyInfo//{D}X509Certificate")


def _of_certificates(found: Sequence[x509.Certificate]) -> Iterator[Candidate]:
    for certificate in dict.fromkeys(found):
        try:
            pem = certificate.public_bytes(Encoding.PEM)
            yield Candidate(xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem), certificate)
        except (xmlsec.Error, ValueError):
            continue


def _bare_key(held: etree._Element) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey:
    def whole(kind: str, name: str) -> int:
        return int.from_bytes(number(held.findtext(f"{D}{kind}/{D}{name}")))

    curve = held.find(f"{_D11}ECKeyValue/{_D11}NamedCurve")
    if curve is not None:
        point = number(held.findtext(f"{_D11}ECKeyValue/{_D11}PublicKey"))
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve.get("URI", "")], point)
    if held.find(f"{D}DSAKeyValue") is not None:
        p, q, g, y = (whole("DSAKeyValue", name) for name in "PQGY")
        return dsa.DSAPublicNumbers(y, dsa.DSAParameterNumbers(p, q, g)).public_key()
    return rsa.RSAPublicNumbers(
        whole("RSAKeyValue", "Exponent"), whole("RSAKeyValue", "Modulus")
    ).public_key()


def same_in_copy(root: etree._Element, element: etree._Element) -> tuple[etree._Element, etree._Element]:
    """The whole document once more, and the element in it."""
    whole = deepcopy(root.getroottree()).getroot()
    copies = zip(whole.iter(element.tag), root.iter(element.tag), strict=True)
    return whole, next(copy for copy, one in copies if one is element)


def holds(root: etree._Element, signature: etree._Element, key: xmlsec.Key) -> bool:
    """Is all of its arithmetic right by this key, whatever it signs?"""
    whole, copy = same_in_copy(root, signature)
    context = xmlsec.SignatureContext()
    context.key = key
    try:
        xmlsec.tree.add_ids(whole, ["Id", "ID", "id"])
        context.verify(copy)
    except (xmlsec.Error, ValueError):
        return False
    return True


def value_holds(info: etree._Element, key: xmlsec.Key) -> bool:
    """Is its signed information of this key, whatever became of what it refers to? info: SignedInfo of a Signature."""
    signature, form, method = (
        info.getparent(),
        info.find(f"{D}CanonicalizationMethod"),
        info.find(f"{D}SignatureMethod"),
    )
    if signature is None or form is None or method is None:
        return False
    named = form.get("Algorithm", "")
    exclusive, comments = named.startswith(EXCLUSIVE), named.endswith("WithComments")
    context = xmlsec.SignatureContext()
    context.key = key
    try:
        text = etree.tostring(
            info, method="c14n", exclusive=exclusive, with_comments=comments, with_tail=False
        )
        value = number(signature.findtext(f"{D}SignatureValue"))
        context.verify_binary(text, _transform(method.get("Algorithm", "")), value)
    except (xmlsec.Error, etree.LxmlError, ValueError):
        return False
    return True


def _transform(method: str) -> Any:
    """libxmlsec1's own word for the algorithm of an address. Raises ValueError for one it does not know."""
    for name, known in vars(xmlsec.constants).items():
        if name.startswith("Transform") and getattr(known, "href", None) == method:
            return known
    raise ValueError(method)
