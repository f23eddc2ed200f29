"""`raksa hindcast STUDY.yaml`: what would a rule or method have said in past years, and was it right?"""

import argparse
import json
from pathlib import Path
from typing import Any

from geo.errors import ConfigError
from warning.clock import WallClock
from warning.hindcast.answer import answer
from warning.hindcast.card import card_of, page
from warning.hindcast.study import read_study
from warning.hindcast.trial import open_study
from warning.hindcast.ways import alerts_of


def add(parsers: Any) -> None:
    parser = parsers.add_parser(
        "hindcast", help="score rules or a method on past series: docs/verification.md"
    )
    parser.add_argument("study", type=Path, metavar="STUDY.yaml")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    parser.add_argument(
        "--card", type=Path, metavar="HTML", help="write a page with hydrographs, hits and misses"
    )
    parser.add_argument(
        "--save", type=Path, metavar="JSON", help="write the card `raksa rules release` asks for"
    )
    parser.set_defaults(call=hindcast)


def hindcast(chosen: argparse.Namespace) -> int:
    """0: scored, whatever the figures; 2 (by ConfigError): the study or a file cannot be read or written."""
    trial = open_study(read_study(chosen.study))
    way = alerts_of(trial)
    said = answer(trial, way)
    now = WallClock().now()
    if chosen.save:
        _write(chosen.save, json.dumps(card_of(said, way, now), ensure_ascii=False, indent=1))
    if chosen.card:
        _write(chosen.card, page(trial, said, now))
    print(json.dumps(said, ensure_ascii=False, allow_nan=False) if chosen.json else words(said))
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: เขียนไม่ได้ / cannot be written ({error.strerror})") from error


def words(said: dict[str, Any]) -> str:
    """A few lines for people, Thai and English."""
    lines = [
        f"เหตุการณ์ / events {said['events']}   เตือน / alerts {said['alerts']}   ถูก / hits {said['hits']}   "
        f"พลาด / misses {said['misses']}   เตือนผิด / false alarms {said['false_alarms']}",
        f"POD {_show(said['pod'])}  FAR {_show(said['far'])}  CSI {_show(said['csi'])}  HSS {_show(said['hss'])}  "
        f"bias {_show(said['bias'])}",
        f"เตือนล่วงหน้า / lead: median {_show(said['lead_h_median'])} h, >= 1 h {_show(said['share_lead_1h'])}, "
        f">= 3 h {_show(said['share_lead_3h'])}, CSI(3 h) {_show(said['csi_lead_3h'])}",
        f"ไม่มีข้อมูล / no data {_show(said['nodata_h'])} h",
    ]
    lines += [
        f"  {name:12} POD {_show(one['pod'])}  FAR {_show(one['far'])}  CSI {_show(one['csi'])}  "
        f"lead {_show(one['lead_h_median'])} h"
        for name, one in said["references"].items()
    ]
    return "\n".join(lines)


def _show(value: Any) -> str:
    return "–" if value is None else f"{value:g}"
