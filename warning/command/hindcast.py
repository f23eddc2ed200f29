"""`raksa hindcast STUDY.yaml`: what would a rule or method have said in past years, and was it right?"""

import argparse
import json
from pathlib import Path
from typing import Any

from warning.hindcast.run import answer, by_line, by_our_lead, open_study
from warning.hindcast.study import read_study


def add(parsers: Any) -> None:
    parser = parsers.add_parser(
        "hindcast", help="score rules or a method on past series: docs/verification.md"
    )
    parser.add_argument("study", type=Path, metavar="STUDY.yaml")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    parser.set_defaults(call=hindcast)


def hindcast(chosen: argparse.Namespace) -> int:
    """0: scored, whatever the figures; 2 (by ConfigError): the study or a file cannot be read."""
    trial = open_study(read_study(chosen.study))
    alerts, found = (by_our_lead if trial.study.method == "lead" else by_line)(trial)
    said = answer(trial, alerts, found)
    print(json.dumps(said, ensure_ascii=False) if chosen.json else words(said))
    return 0


def words(said: dict[str, Any]) -> str:
    """A few lines for people, Thai and English."""

    def show(value: Any) -> str:
        return "–" if value is None else f"{value:g}"

    lines = [
        f"เหตุการณ์ / events {said['events']}   เตือน / alerts {said['alerts']}   ถูก / hits {said['hits']}   "
        f"พลาด / misses {said['misses']}   เตือนผิด / false alarms {said['false_alarms']}",
        f"POD {show(said['pod'])}  FAR {show(said['far'])}  CSI {show(said['csi'])}  HSS {show(said['hss'])}  "
        f"bias {show(said['bias'])}",
        f"เตือนล่วงหน้า / lead: median {show(said['lead_h_median'])} h, >= 1 h {show(said['share_lead_1h'])}, "
        f">= 3 h {show(said['share_lead_3h'])}, CSI(3 h) {show(said['csi_lead_3h'])}",
        f"ไม่มีข้อมูล / no data {show(said['nodata_h'])} h",
    ]
    for name, one in said["references"].items():
        lines.append(
            f"  {name:12} POD {show(one['pod'])}  FAR {show(one['far'])}  CSI {show(one['csi'])}  "
            f"lead {show(one['lead_h_median'])} h"
        )
    return "\n".join(lines)
