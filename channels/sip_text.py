"""SIP as it stands on the wire (RFC 3261): reading and writing one message, and proving who we are (digest, RFC 7616).

Strict in what it writes, patient in what it reads: short header names, folded lines and any order are understood.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import NamedTuple

_SHORT = {"v": "via", "f": "from", "t": "to", "m": "contact", "i": "call-id", "c": "content-type", "l": "content-length",
          "k": "supported"}  # fmt: skip
_PARAM = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_URI = re.compile(r"<([^>]*)>")
_TAG = re.compile(r";\s*tag=([^;\s>]+)", re.IGNORECASE)
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


class Sip(NamedTuple):
    """One message. A request has a method, an answer a status; the other is empty."""

    method: str
    uri: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]  # names in small letters, in their order
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def cseq(self) -> tuple[int, str]:
        """(number, method). Raises ValueError."""
        number, method = self.one("cseq").split()
        return int(number), method.upper()

    @property
    def branch(self) -> str:
        found = re.search(r";\s*branch=([^;,\s]+)", self.one("via"), re.IGNORECASE)
        return found[1] if found else ""


def read(packet: bytes) -> Sip:
    """Raises ValueError on anything that is no SIP message."""
    head, _, body = packet.partition(b"\r\n\r\n")
    try:
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode()).split("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError("not SIP") from error
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("not SIP: a line without a name")
        name = name.strip().lower()
        headers.append((_SHORT.get(name, name), value.strip()))
    first = lines[0].split(" ", 2)
    if len(first) < 2:
        raise ValueError("not SIP")
    if first[0] == "SIP/2.0":
        return Sip(
            "", "", int(first[1]), first[2] if len(first) == 3 else "", _listed(headers), _cut(headers, body)
        )
    if len(first) != 3 or first[2] != "SIP/2.0":
        raise ValueError("not SIP")
    return Sip(first[0].upper(), first[1], 0, "", _listed(headers), _cut(headers, body))


def _listed(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Several routes on one line are several."""
    out: list[tuple[str, str]] = []
    for name, value in headers:
        if name == "record-route":
            out += [(name, f"<{uri}>") for uri in _URI.findall(value)]
        else:
            out.append((name, value))
    return tuple(out)


def _cut(headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    length = next((value for name, value in headers if name == "content-length"), "")
    return body[: int(length)] if length.isdecimal() else body


def write(first: str, headers: Sequence[tuple[str, str]], body: bytes = b"") -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def answer(request: Sip, status: int, reason: str, tag: str, body: bytes = b"", contact: str = "") -> bytes:
    """An answer to a request of theirs. tag: ours, where theirs named none."""
    to = request.one("to")
    headers = [("Via", via) for via in request.all("via")]
    headers += [("Record-Route", route) for route in request.all("record-route")]
    headers += [("From", request.one("from")), ("To", to if tag_of(to) else f"{to};tag={tag}")]
    headers += [("Call-ID", request.one("call-id")), ("CSeq", request.one("cseq"))]
    if contact:
        headers.append(("Contact", contact))
    if body:
        headers.append(("Content-Type", "application/sdp"))
    return write(f"SIP/2.0 {status} {reason}", headers, body)


def uri_of(value: str) -> str:
    """`"Trunk" <sip:a@b;lr>;tag=1` -> `sip:a@b;lr`."""
    found = _URI.search(value)
    return found[1] if found else value.partition(";")[0].strip()


def tag_of(value: str) -> str:
    found = _TAG.search(value)
    return found[1] if found else ""


def host_of(uri: str) -> tuple[str, int]:
    """`sip:x@10.0.0.1:5062;lr` -> ("10.0.0.1", 5062). Without a port: 5060."""
    place = re.sub(r"^sips?:", "", uri).rpartition("@")[2].partition(";")[0].partition("?")[0]
    host, colon, port = place.rpartition(":")
    return (host, int(port)) if colon and port.isdecimal() else (place, 5060)


def proof(challenge: str, method: str, uri: str, username: str, password: str) -> str:
    """The value of (Proxy-)Authorization for a challenge. Raises ValueError where it asks for what we cannot do."""
    scheme, _, rest = challenge.partition(" ")
    asked = {name.lower(): quoted or bare for name, quoted, bare in _PARAM.findall(rest)}
    algorithm = asked.get("algorithm", "MD5")
    if scheme.lower() != "digest" or algorithm.upper() not in _HASHES or "nonce" not in asked:
        raise ValueError(f"an unknown way to log in: {scheme} {algorithm}")

    def digest(*parts: str) -> str:
        made = hashlib.new(_HASHES[algorithm.upper()], ":".join(parts).encode(), usedforsecurity=False)
        return made.hexdigest()

    realm, nonce = asked.get("realm", ""), asked["nonce"]
    secret, about = digest(username, realm, password), digest(method, uri)
    given = [("username", username), ("realm", realm), ("nonce", nonce), ("uri", uri)]
    offered = [word.strip() for word in asked.get("qop", "").split(",") if word.strip()]
    bare = [("algorithm", algorithm)] if "algorithm" in asked else []
    if "auth" in offered:
        ours = secrets.token_hex(8)
        given += [("response", digest(secret, nonce, "00000001", ours, "auth", about)), ("cnonce", ours)]
        bare += [("qop", "auth"), ("nc", "00000001")]
    elif not offered:
        given.append(("response", digest(secret, nonce, about)))
    else:
        raise ValueError("an unknown way to log in: it asks for auth-int only")
    if "opaque" in asked:
        given.append(("opaque", asked["opaque"]))
    return "Digest " + ", ".join([f'{k}="{v}"' for k, v in given] + [f"{k}={v}" for k, v in bare])
