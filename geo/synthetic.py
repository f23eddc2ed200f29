"""A plausible province of invented people, for the demo, drills, tests and bench. No real person or number.

Names are invented syllables with the family name สมมุติ.. ("supposed"). Phones are +66 69 xxx xxxx: no block of
069 is given to anybody (docs/people.md). LINE ids carry a fixed mark. The same seed gives the same province.
"""

import hashlib
import hmac
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from geo.gazetteer import Village, gazetteer
from geo.people import Role, TowerKind, Vulnerability
from geo.sheet import NO_TOWER, SLOTS, Person, Slot, TowerEntry, VillageRow

PHONE_MARK = "+6669"
LINE_MARK = "U5ca1ab1e"
_CONTACT_PHONES = 10_000  # of the ten million numbers, kept for contacts
_NUMBERS = 10_000_000
_STRIDE = 7_368_787  # shares no factor with 10,000,000, so that every number comes once
_JITTER_DEG = 0.003  # about 300 m around the village's point

_TITLES = ("นาย", "นาง", "นางสาว")
_SYLLABLES = (
    "กะลา", "ขะนอม", "จะริน", "ชะลา", "ดะวี", "ตะมอย", "ทะเนา", "นะรอง", "บะเล", "ปะนา",
    "พะยอ", "มะลุน", "ยะรี", "ระนู", "ละแม", "วะนัง", "สะเกา", "หะมา", "อะริ", "ฟะลอง",
)  # fmt: skip


@dataclass(frozen=True)
class Shares:
    """Shares of one. Every figure is an assumption of ours: plausible, not measured (docs/people.md)."""

    phone: float = 0.58  # people who gave a mobile number
    line_with_phone: float = 0.45  # of those, who also added the LINE account
    line_only: float = 0.04  # people with LINE and no number given
    silent_homes: float = 0.06  # homes with no contact at all
    village_without_contact: float = 0.01
    village_without_tower: float = 0.15
    village_with_mqtt: float = 0.30
    vulnerable: tuple[tuple[Vulnerability, float], ...] = (
        (Vulnerability.BEDRIDDEN, 0.004),
        (Vulnerability.DIALYSIS_OXYGEN, 0.003),
        (Vulnerability.DISABLED, 0.030),
        (Vulnerability.PREGNANT, 0.006),
        (Vulnerability.ELDERLY, 0.025),  # 80 and over
        (Vulnerability.YOUNG_CHILD, 0.045),
    )


PLAUSIBLE = Shares()
EVERYBODY_BY_SMS = Shares(
    phone=1, line_with_phone=0, line_only=0, silent_homes=0
)  # for bench: a recipient each


class SyntheticResident(NamedTuple):
    name: str
    phone: str | None
    line_id: str | None
    vulnerability: Vulnerability | None


class SyntheticHousehold(NamedTuple):
    village_code: str
    house_no: str
    lat: float | None
    lon: float | None
    residents: tuple[SyntheticResident, ...]


def is_synthetic(address: str) -> bool:
    """Is this a phone or LINE id of the invented province? A live channel refuses such an address."""
    return address.startswith((PHONE_MARK, LINE_MARK))


def synthetic_device_key(device_id: str, seed: int = 93) -> str:
    """The key (64 hex digits) of an invented loudspeaker controller."""
    return hmac.new(f"synthetic {seed}".encode(), device_id.encode(), hashlib.sha256).hexdigest()


def synthetic(
    households: int, people: int | None = None, seed: int = 93, shares: Shares = PLAUSIBLE
) -> Iterator[SyntheticHousehold]:
    """`households` homes with exactly `people` residents (by default 2.6 a home), by village code.

    Shared out over the 670 villages as registered households are. 930101 has no villages: it gets none.
    Raises ValueError for fewer people than households.
    """
    people = round(households * 2.6) if people is None else people
    if people < households:
        raise ValueError("every household holds somebody: people must be at least households")
    chance = random.Random(seed)
    extra = [0] * households
    for home in chance.choices(range(households), k=people - households) if households else ():
        extra[home] += 1
    maker = _Maker(chance, shares)
    home = 0
    for village, homes in zip(_villages(), _shared_by_weight(households), strict=True):
        for number in range(homes):
            yield maker.household(village, number, 1 + extra[home])
            home += 1


def synthetic_contacts(today: date, seed: int = 93, shares: Shares = PLAUSIBLE) -> list[VillageRow]:
    """The contact sheet of the invented province, with its few villages without a contact or a tower.

    today: verified dates lie in the year before it.
    """
    chance = random.Random(seed + 1)
    numbers = iter(range(_CONTACT_PHONES))
    return [_village_row(village, chance, shares, numbers, today) for village in _villages()]


def _villages() -> list[Village]:
    return sorted(gazetteer().villages.values(), key=lambda village: village.code)


def _shared_by_weight(total: int) -> list[int]:
    """Largest remainder over the villages' estimated households."""
    weights = [village.households for village in _villages()]
    sum_of_weights = sum(weights)
    shared = [total * weight // sum_of_weights for weight in weights]
    rest = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % sum_of_weights), place))
    for place in rest[: total - sum(shared)]:
        shared[place] += 1
    return shared


class _Maker:
    def __init__(self, chance: random.Random, shares: Shares) -> None:
        self._chance, self._shares = chance, shares
        self._made = 0

    def household(self, village: Village, number: int, size: int) -> SyntheticHousehold:
        chance = self._chance
        silent = chance.random() < self._shares.silent_homes
        family = _family_name(chance)
        lat = lon = None
        if village.lat is not None and village.lon is not None:
            lat = round(village.lat + chance.uniform(-_JITTER_DEG, _JITTER_DEG), 6)
            lon = round(village.lon + chance.uniform(-_JITTER_DEG, _JITTER_DEG), 6)
        house_no = str(number // 2 + 1) if number % 2 == 0 else f"{number // 2 + 1}/1"
        residents = tuple(self._resident(family, silent) for _ in range(size))
        return SyntheticHousehold(village.code, house_no, lat, lon, residents)

    def _resident(self, family: str, silent: bool) -> SyntheticResident:
        chance, shares = self._chance, self._shares
        self._made += 1
        vulnerability = self._vulnerability()
        name = f"{chance.choice(_TITLES)}{chance.choice(_SYLLABLES)}{chance.choice(_SYLLABLES)} {family}"
        draw = chance.random()
        infant = vulnerability is Vulnerability.YOUNG_CHILD and shares.phone < 1
        if silent or infant or draw >= shares.phone + shares.line_only:
            return SyntheticResident(name, None, None, vulnerability)
        if draw >= shares.phone:
            return SyntheticResident(name, None, _line_id(chance), vulnerability)
        line_id = _line_id(chance) if chance.random() < shares.line_with_phone else None
        return SyntheticResident(name, _resident_phone(self._made), line_id, vulnerability)

    def _vulnerability(self) -> Vulnerability | None:
        draw = self._chance.random()
        for vulnerability, share in self._shares.vulnerable:
            if draw < share:
                return vulnerability
            draw -= share
        return None


def _resident_phone(made: int) -> str:
    last = _NUMBERS - _CONTACT_PHONES
    return f"{PHONE_MARK}{_CONTACT_PHONES + made * _STRIDE % last:07}"


def _line_id(chance: random.Random) -> str:
    return f"{LINE_MARK}{chance.getrandbits(96):024x}"


def _family_name(chance: random.Random) -> str:
    return f"สมมุติ{chance.choice(_SYLLABLES)}{chance.choice(_SYLLABLES)}"


def _village_row(
    village: Village, chance: random.Random, shares: Shares, numbers: Iterator[int], today: date
) -> VillageRow:
    people: dict[Slot, Person] = {}
    if chance.random() >= shares.village_without_contact:
        for slot in SLOTS:
            if slot.role is not Role.HEAD and chance.random() < 0.12:
                continue
            people[slot] = _contact(chance, f"{PHONE_MARK}{next(numbers):07}", today)
        key_holder = Slot(Role.KEY_HOLDER, 1)
        if key_holder in people and chance.random() < 0.5:
            people[key_holder] = people[Slot(Role.HEAD, 1)]  # the head keeps the key at home
    return VillageRow(village.code, people, _tower(village, chance, shares))


def _contact(chance: random.Random, phone: str, today: date) -> Person:
    title = chance.choice(_TITLES)
    name = f"{title}{chance.choice(_SYLLABLES)}{chance.choice(_SYLLABLES)} {_family_name(chance)}"
    line_id = _line_id(chance) if chance.random() < 0.7 else None
    verified = today - timedelta(days=chance.randrange(365)) if chance.random() < 0.75 else None
    return Person(name, phone, line_id, verified)


def _tower(village: Village, chance: random.Random, shares: Shares) -> TowerEntry:
    draw = chance.random()
    homes = round(village.households * chance.uniform(0.5, 0.95))
    if draw < shares.village_without_tower:
        return NO_TOWER
    if draw < shares.village_without_tower + shares.village_with_mqtt:
        return TowerEntry(TowerKind.MQTT, f"tower-{village.code}", homes)
    return TowerEntry(TowerKind.MICROPHONE, None, homes)
