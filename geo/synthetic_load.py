"""The invented province into the database by COPY on the session's connection, identifying fields sealed."""

import random
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import psycopg
from sqlmodel import Session, select

from geo.errors import NotAllowed
from geo.people import AddressKind, Audience, Household, Tower
from geo.people_roll import Roll
from geo.roster_import import ImportReport, import_contacts
from geo.sealed import Keyring
from geo.synthetic import SyntheticHousehold, synthetic_contacts, synthetic_device_key
from geo.when import bangkok

SOURCE = "synthetic"
_HOMES_A_ROUND = 5_000

_COPY_HOUSEHOLD = (
    "COPY household (id, village_code, house_no_sealed, people, vulnerable, lat, lon, source) FROM STDIN"
)
_COPY_RESIDENT = "COPY resident (id, household_id, name_sealed, vulnerability) FROM STDIN"
_COPY_ADDRESS = (
    "COPY address (id, audience, kind, tambon_code, village_code, nth, owner_id, household_id, sealed, hash, "
    "verified_on, active) FROM STDIN"
)


class Loaded(NamedTuple):
    households: int
    residents: int
    addresses: int


def load_synthetic_contacts(
    session: Session, keyring: Keyring, now: datetime, seed: int = 93
) -> ImportReport:
    """The invented contacts and towers, with the controllers' keys. The caller commits."""
    report = import_contacts(
        session, keyring, synthetic_contacts(bangkok(now).date(), seed), now, source=SOURCE
    )
    for tower in session.exec(select(Tower)):
        if tower.device_id is not None and tower.device_key_sealed is None:
            tower.device_key_sealed = keyring.seal(synthetic_device_key(tower.device_id, seed))
    session.flush()
    return report


def load_synthetic(
    session: Session, keyring: Keyring, households: Iterable[SyntheticHousehold], seed: int = 93
) -> Loaded:
    """Load households in one transaction; the caller commits.

    Raises NotAllowed when the registry holds households: invented people are never mixed with real ones.
    """
    if session.exec(select(Household.id).limit(1)).first() is not None:
        raise NotAllowed(
            "ทะเบียนมีครัวเรือนอยู่แล้ว จึงไม่ใส่ข้อมูลสมมุติ / "
            "the registry holds households already: no invented ones are added"
        )
    loading = _Loading(session, keyring, seed)
    source = iter(households)
    while some := list(islice(source, _HOMES_A_ROUND)):
        loading.load(some)
    return loading.loaded


class _Loading:
    def __init__(self, session: Session, keyring: Keyring, seed: int) -> None:
        connection = session.connection().connection.driver_connection
        assert isinstance(connection, psycopg.Connection)  # the one driver of this project
        self._connection = connection
        self._keyring = keyring
        self._roll = Roll(session)
        self._ids = random.Random(f"ids {seed}")
        self.loaded = Loaded(0, 0, 0)

    def load(self, homes: list[SyntheticHousehold]) -> None:
        household_lines: list[str] = []
        resident_lines: list[str] = []
        address_lines: list[str] = []
        for home in homes:
            self._household(home, household_lines, resident_lines, address_lines)
        for statement, lines in (
            (_COPY_HOUSEHOLD, household_lines),
            (_COPY_RESIDENT, resident_lines),
            (_COPY_ADDRESS, address_lines),
        ):
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write("".join(lines))
        self.loaded = Loaded(
            self.loaded.households + len(household_lines),
            self.loaded.residents + len(resident_lines),
            self.loaded.addresses + len(address_lines),
        )

    def _household(
        self,
        home: SyntheticHousehold,
        household_lines: list[str],
        resident_lines: list[str],
        address_lines: list[str],
    ) -> None:
        seal, fingerprint, place = self._keyring.seal, self._keyring.fingerprint, self._roll.place
        village, tambon, household = home.village_code, home.village_code[:6], self._id()
        vulnerable = sum(resident.vulnerability is not None for resident in home.residents)
        lat = r"\N" if home.lat is None else str(home.lat)
        lon = r"\N" if home.lon is None else str(home.lon)
        household_lines.append(
            f"{household}\t{village}\t\\\\x{seal(home.house_no).hex()}\t{len(home.residents)}\t{vulnerable}\t"
            f"{lat}\t{lon}\t{SOURCE}\n"
        )
        for resident in home.residents:
            who = self._id()
            why = r"\N" if resident.vulnerability is None else resident.vulnerability.name
            resident_lines.append(f"{who}\t{household}\t\\\\x{seal(resident.name).hex()}\t{why}\n")
            for kind, value in ((AddressKind.SMS, resident.phone), (AddressKind.LINE, resident.line_id)):
                if value is not None:
                    nth = place(Audience.RESIDENT, kind, tambon)
                    address_lines.append(
                        f"{self._id()}\t{Audience.RESIDENT.name}\t{kind.name}\t{tambon}\t{village}\t{nth}\t{who}\t"
                        f"{household}\t\\\\x{seal(value).hex()}\t{fingerprint(value)}\t\\N\tt\n"
                    )

    def _id(self) -> str:
        """128 random bits of the seed: an id made from names would cost more than all the rest."""
        return f"{self._ids.getrandbits(128):032x}"
