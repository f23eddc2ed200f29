"""`raksa cap check FILE...`: can these messages be taken, why not, and what are their signatures worth?"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from geo.errors import ConfigError
from warning.cap.apart import Apart
from warning.cap.bytes_in import LARGEST
from warning.cap.trust import Anchors
from warning.cap.verdict import Judgement
from warning.opening import var_folder

_START = b"-----BEGIN CERTIFICATE-----"
_THAI = {
    "valid": "ใช้ได้", "valid-with-defect": "ใช้ได้ มีข้อสังเกต", "valid-cap11": "เป็น CAP 1.1", "invalid-xml": "ไม่ใช่ XML",
    "invalid-xsd": "ไม่ใช่ CAP 1.2", "invalid-semantic": "ผิดข้อกำหนด CAP",
}  # fmt: skip


def add(parsers: Any) -> None:
    parser = parsers.add_parser("check", help="verdict, reasons and signature of each message")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="a line of JSON a file")
    trust = "PEM; without --ca and --trusted only the arithmetic of signatures is judged"
    parser.add_argument(
        "--ca", action="extend", nargs="+", type=Path, metavar="PEM", help=f"an authority: {trust}"
    )
    parser.add_argument(
        "--trusted", action="extend", nargs="+", type=Path, metavar="PEM", help="a sender's certificate"
    )
    parser.set_defaults(call=check)


def check(chosen: argparse.Namespace) -> int:
    """0: every message can be taken (defects are told); 1: at least one cannot; 2: a file cannot be read."""
    files = chosen.files or [f for option in (chosen.ca, chosen.trusted) for f in _messages(option)]
    if not files:
        raise ConfigError("ระบุไฟล์ / name a file: raksa cap check FILE... [--json] [--ca PEM] [--trusted PEM]")
    authorities, trusted = _pem(chosen.ca), _pem(chosen.trusted)
    code = 0
    with Apart(trusted, authorities, var_folder() / "geo") as apart:
        for file in files:
            try:
                with file.open("rb") as opened:
                    xml = opened.read(
                        LARGEST + 1
                    )  # one more tells that it is too large; the rest is not wanted
            except OSError as error:
                print(f"{file}: อ่านไม่ได้ / cannot be read ({error.strerror})", file=sys.stderr)
                code = 2
                continue
            said = apart.judge(xml)
            print(_json(file, said) if chosen.json else _line(file, said), flush=True)
            code = code or (0 if said.is_valid else 1)
    return code


def _messages(option: list[Path] | None) -> list[Path]:
    """Messages named right behind the certificates of an option, which took them for its own: moved to where they belong."""
    for at, file in enumerate(option or ()):
        if option and at and _START not in _content(file):
            behind = option[at:]
            del option[at:]
            return behind
    return []


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: อ่านไม่ได้ / cannot be read ({error.strerror})") from error


def _pem(files: list[Path] | None) -> list[bytes] | None:
    """The certificates named; None where no file was. Raises ConfigError for one that cannot be read or holds none."""
    if files is None:
        return None
    found = []
    for file in files:
        pem = _content(file)
        try:
            Anchors.read([pem], [])
        except ValueError as error:
            raise ConfigError(f"{file}: ไม่มีใบรับรอง / holds no PEM certificate") from error
        found.append(pem)
    return found


def _json(file: Path, said: Judgement) -> str:
    reasons = [{"code": r.code, "text": f"{r.text.th} ({r.text.en})"} for r in said.reasons]
    line = {"file": str(file), "verdict": said.verdict, "reasons": reasons, "signature": said.signature}
    return json.dumps(line, ensure_ascii=False)


def _line(file: Path, said: Judgement) -> str:
    why = "; ".join(f"{r.text.th} / {r.text.en} ({r.code})" for r in said.reasons)
    return f"{file}: {_THAI[said.verdict]} / {said.verdict}, {said.signature}" + (f": {why}" if why else "")
