"""What is ready, what is missing, and the sentence how to mend it; also what no computer can do tonight.

Pure: whoever calls reads the settings and asks the carriers. What the database knows: `warning/readiness_registry.py`.
"""

import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from channels.contract import Health
from geo.areas import Areas
from geo.gazetteer import gazetteer
from geo.rivers import downstream
from warning.config import Config, Waiting
from warning.rule import warned, watched


class Standing(StrEnum):
    READY = "ready"
    MISSING = "missing"  # it is switched on and cannot do its work: exit code 1
    BETTER = "better"  # the office works without it, and would be better with it
    PERSON = "person"  # no computer can do it tonight


class Item(NamedTuple):
    """One line of the report. Both languages are complete; the mends are empty where nothing is to be done."""

    key: str
    standing: Standing
    th: str
    en: str
    mend_th: str = ""
    mend_en: str = ""


def everything_on_is_ready(items: Iterable[Item]) -> bool:
    return all(item.standing is not Standing.MISSING for item in items)


def of_settings(config: Config, areas: Areas) -> list[Item]:
    """What the configuration and the map alone tell."""
    return [
        _python(),
        _map(areas),
        *_sources(config),
        *_asleep(config.waiting),
        _live(config),
        *_rules(config),
        *_blind(config),
    ]


def _python() -> Item:
    version = ".".join(map(str, sys.version_info[:3]))
    return Item("python", Standing.READY, f"Python {version}", f"Python {version}")


def _map(areas: Areas) -> Item:
    lost = [code for code in gazetteer().tambons if code not in areas]
    if lost:
        return Item(
            "map",
            Standing.MISSING,
            f"แผนที่ขาด {len(lost)} ตำบล ({', '.join(lost[:5])}): {areas.mode}",
            f"the map lacks {len(lost)} tambon ({', '.join(lost[:5])}): {areas.mode}",
            "นำเข้าไฟล์ที่ครบด้วย raksa geo import ไฟล์ หรือใส่ --partial เพื่อให้ตำบลที่ขาดใช้รูปโดยประมาณ",
            "take in a complete file: raksa geo import FILE; with --partial the others get approximate shapes",
        )
    if areas.approximate:
        count = len(areas.approximate)
        return Item(
            "map",
            Standing.BETTER,
            f"แผนที่นำเข้าบางส่วน อีก {count} ตำบลเป็นรูปโดยประมาณ: {areas.mode}",
            f"the map is imported in part, {count} tambon are our approximation: {areas.mode}",
            "นำเข้าขอบเขตของตำบลที่เหลือด้วย raksa geo import ไฟล์ --partial",
            "take in the boundaries of the others: raksa geo import FILE --partial",
        )
    if not areas.is_built_in:
        return Item("map", Standing.READY, f"แผนที่: {areas.mode}", f"map: {areas.mode}")
    return Item(
        "map",
        Standing.BETTER,
        f"แผนที่เป็นรูปร่างโดยประมาณของเราเอง ({len(areas)} ตำบล)",
        f"the map is our own approximation ({len(areas)} tambon)",
        "นำเข้าขอบเขตจริงด้วย raksa geo import ไฟล์",
        "take in the true boundaries: raksa geo import FILE",
    )


def _sources(config: Config) -> list[Item]:
    waiting = {w.name for w in config.waiting}
    found = [
        Item(
            f"source {s.name}",
            Standing.READY if s.on else Standing.BETTER,
            f"แหล่งข้อมูล {s.name} {'เปิดอยู่' if s.on else 'ปิดอยู่'}",
            f"source {s.name} is {'on' if s.on else 'off'}",
            *(
                ()
                if s.on
                else ("เขียน on: true ใน config.yaml เมื่อจะใช้", "write on: true in config.yaml to use it")
            ),
        )
        for s in config.sources
        if s.on or s.name not in waiting
    ]
    if not any(s.on for s in config.sources):
        found.append(
            Item(
                "sources",
                Standing.MISSING,
                "ไม่มีแหล่งข้อมูลใดเปิดอยู่ สำนักงานมองไม่เห็นอะไร",
                "no source is on: the office sees nothing",
                "เปิดอย่างน้อยหนึ่งแหล่งใน config.yaml (on: true)",
                "switch on at least one in config.yaml (on: true)",
            )
        )
    return found


def _asleep(waiting: Iterable[Waiting]) -> list[Item]:
    kinds = {"sources": ("แหล่งข้อมูล", "source"), "channels": ("ช่องทาง", "channel")}
    return [
        Item(
            f"{w.section} {w.name}",
            Standing.BETTER,
            f"{kinds[w.section][0]} {w.name} พร้อมแต่ปิดอยู่",
            f"{kinds[w.section][1]} {w.name} is ready but off",
            f"ตั้ง {', '.join(w.needs)} ในสภาพแวดล้อม แล้วเขียน on: true (config.yaml บรรทัด {w.line})",
            f"set {', '.join(w.needs)} in the environment and write on: true (config.yaml line {w.line})",
        )
        for w in waiting
        if w.section in kinds
    ]


def _live(config: Config) -> Item:
    live = [c.name for c in config.channels if c.on and c.live and not c.simulated]
    if live:
        return Item(
            "live",
            Standing.READY,
            f"ช่องทางที่ถึงคนจริง: {', '.join(live)}",
            f"channels that reach people: {', '.join(live)}",
        )
    return Item(
        "live",
        Standing.BETTER,
        "ระบบยังไม่ได้ส่งถึงใคร ไม่มีช่องทางจริงเปิดอยู่",
        "the system has told no one yet: no real channel is on",
        "จนกว่าจะเปิดช่องทางจริง ใช้โต๊ะโทรแจ้ง (docs/operating.md)",
        "until a real channel is on, use the relay desk (docs/operating.md)",
    )


def of_probes(health: Mapping[str, Health]) -> list[Item]:
    """health: channel that is on -> what its probe said."""
    return [
        Item(
            f"channel {name}",
            Standing.READY if h.ok else Standing.MISSING,
            f"ช่องทาง {name}" + (f": {h.note}" if h.ok and h.note else ""),
            f"channel {name}" + (f": {h.note_en}" if h.ok and h.note_en else ""),
            "" if h.ok else h.note,
            "" if h.ok else h.note_en,
        )
        for name, h in health.items()
    ]


def _rules(config: Config) -> list[Item]:
    on = [r for r in config.rules if r.on]
    drafts = [r.name for r in on if not r.released]
    if not on:
        return [
            Item(
                "rules",
                Standing.BETTER,
                "ไม่มีกฎ ระบบจะไม่เตือนเอง",
                "no rule: the platform will not draft by itself",
                "เขียนกฎใน config.yaml (docs/rules.md)",
                "write rules in config.yaml (docs/rules.md)",
            )
        ]
    if not drafts:
        return [
            Item("rules", Standing.READY, f"กฎ {len(on)} ข้อผ่านการทดสอบแล้ว", f"{len(on)} rules, all released")
        ]
    return [
        Item(
            "rules",
            Standing.BETTER,
            f"กฎ {len(drafts)} จาก {len(on)} ข้อยังไม่ผ่านการทดสอบ ได้แต่ร่างให้คนดู ไม่ส่งเอง",
            f"{len(drafts)} of {len(on)} rules are not released: they draft for a person and never send",
            f"ทดสอบแล้วเขียน released: true (docs/rules.md): {', '.join(drafts)}",
            f"try them and write released: true (docs/rules.md): {', '.join(drafts)}",
        )
    ]


def blind_tambons() -> dict[str, list[str]]:
    """Hazard -> tambon with no instrument for it.

    `river`: no level gauge in it or upstream of it by our reaches. `rain`: no rain gauge in it.
    """
    places = gazetteer()
    seen = {a.tambon for g in places.gauges.values() if "level" in g.measures for a in downstream(g.code)}
    return {
        "river": [t for t in places.tambons if t not in seen],
        "rain": [t for t in places.tambons if not places.gauges_of(t, "rain")],
    }


def _blind(config: Config) -> list[Item]:
    places = gazetteer()
    words = {"river": ("ระดับน้ำ", "water level"), "rain": ("ฝน", "rain")}
    found = []
    for hazard, codes in blind_tambons().items():
        th, en = words[hazard]
        if codes:
            names_th = ", ".join(places.tambon(c).th for c in codes[:5]) + (" ..." if len(codes) > 5 else "")
            names_en = ", ".join(places.tambon(c).en for c in codes[:5]) + (" ..." if len(codes) > 5 else "")
            found.append(
                Item(
                    f"blind {hazard}",
                    Standing.BETTER,
                    f"{len(codes)} ตำบลไม่มีเครื่องวัด{th}: {names_th}",
                    f"{len(codes)} tambon have no instrument for {en}: {names_en}",
                    "ให้ผู้ใหญ่บ้านแจ้งน้ำด้วยตนเอง และขอติดตั้งเครื่องวัด",
                    "let the village heads report, and ask for gauges",
                )
            )
    covered = {t for r in config.rules if r.on for s in watched(r, places) for t in warned(r, s, places)}
    left = [t for t in places.tambons if t not in covered]
    if left and config.rules:
        found.append(
            Item(
                "uncovered",
                Standing.BETTER,
                f"{len(left)} ตำบลไม่มีกฎใดเตือนโดยตรง (ปลายน้ำไม่นับ)",
                f"no rule warns {len(left)} tambon directly (downstream ones not counted)",
                "คนยังเขียนการเตือนเองได้ทุกตำบล",
                "a person can still write an alert for every tambon",
            )
        )
    return found


def what_no_computer_can_do(config: Config) -> list[Item]:
    """Each needs a person and time; better begun long before the rain."""
    found = [
        Item(
            "sms sender name",
            Standing.PERSON,
            "ชื่อผู้ส่ง SMS ต้องจดทะเบียน ราว 4 สัปดาห์",
            "the SMS sender name must be registered: about 4 weeks",
            "เริ่มยื่นกับผู้ให้บริการวันนี้ (docs/channels/sms.md)",
            "apply at the provider today (docs/channels/sms.md)",
        ),
        Item(
            "line quota",
            Standing.PERSON,
            "โควตาข้อความ LINE ต่อเดือนต้องพอกับจำนวนเพื่อน",
            "the monthly LINE quota must suffice for all friends",
            "เทียบโควตากับจำนวนเพื่อนใน LINE Official Account Manager",
            "compare quota and friends in LINE Official Account Manager",
        ),
    ]
    if config.office.public_url is None:
        found.append(
            Item(
                "public address",
                Standing.PERSON,
                "ไม่มีที่อยู่สาธารณะ ผู้ให้บริการส่งใบตอบรับกลับไม่ได้",
                "there is no public address: providers cannot report back",
                "ให้ฝ่ายเครือข่ายตั้ง reverse proxy ที่มี TLS แล้วเขียน office.public_url",
                "have a reverse proxy with TLS set up, then write office.public_url",
            )
        )
    found.append(
        Item(
            "cell broadcast",
            Standing.PERSON,
            "การส่ง Cell Broadcast ทำได้โดย ปภ. ส่วนกลาง",
            "cell broadcast is sent by the central DDPM",
            "ขอผู้ประสานงานและช่องทางส่ง CAP กับ ปภ. ไว้ล่วงหน้า",
            "agree on a contact and a way for CAP with DDPM beforehand",
        )
    )
    return found
