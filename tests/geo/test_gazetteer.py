"""The facts of the province, and the traps that lie in them."""

import csv
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.gazetteer import Hazard, UnknownPlace, gazetteer, shared_out
from geo.thai import thai_sort_key
from tests.shared_data import shared_data

PLACES = gazetteer()


def test_counts_and_totals() -> None:
    assert (len(PLACES.amphoes), len(PLACES.tambons), len(PLACES.villages)) == (11, 65, 670)
    assert sum(tambon.population for tambon in PLACES.tambons.values()) == 522_541
    # The province line of the register says 199,660: two households are in no tambon.
    assert sum(tambon.households for tambon in PLACES.tambons.values()) == 199_658
    assert sum(t.area_km2 for t in PLACES.tambons.values()) == pytest.approx(3858.65, abs=0.05)
    assert len([v for v in PLACES.villages.values() if v.lat is not None]) == 284


def test_every_code_hangs_on_its_parent() -> None:
    assert all(t.amphoe == t.code[:4] and t.amphoe in PLACES.amphoes for t in PLACES.tambons.values())
    assert all(v.tambon == v.code[:6] and v.tambon in PLACES.tambons for v in PLACES.villages.values())
    assert all(gauge.tambon in PLACES.tambons for gauge in PLACES.gauges.values())
    assert all(gauge.river is None or gauge.river in PLACES.rivers for gauge in PLACES.gauges.values())
    assert all({r.start, r.end} <= set(PLACES.tambons) and r.river in PLACES.rivers for r in PLACES.reaches)
    assert all(village.th.strip() and village.en.strip() for village in PLACES.villages.values())
    assert all(gauge.th.strip() and gauge.en.strip() for gauge in PLACES.gauges.values())


@pytest.mark.parametrize(
    ("amphoe", "villages"),
    [
        *(("9301", 144), ("9302", 45), ("9303", 58), ("9304", 33), ("9305", 129), ("9306", 65)),
        *(("9307", 30), ("9308", 50), ("9309", 34), ("9310", 39), ("9311", 43)),
    ],
)
def test_villages_of_each_amphoe(amphoe: str, villages: int) -> None:
    assert sum(len(PLACES.villages_of(tambon.code)) for tambon in PLACES.tambons_of(amphoe)) == villages


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        pytest.param("ควนขนุน", ["930302", "930501"], id="twice-and-also-an-amphoe"),
        pytest.param("ต.ดอนทราย", ["930510", "930607"], id="twice-with-prefix"),
        pytest.param("ตำบลลำปำ", ["930109"], id="once-with-long-prefix"),
        pytest.param("บางกะปิ", [], id="elsewhere"),
    ],
)
def test_a_name_may_mean_two_tambon(name: str, codes: list[str]) -> None:
    assert [tambon.code for tambon in PLACES.named(name)] == codes


@pytest.mark.parametrize("hole", ["930102", "930303", "930503", "930304", "930805"])
def test_codes_have_holes(hole: str) -> None:
    with pytest.raises(UnknownPlace, match=hole):
        PLACES.tambon(hole)


def test_the_town_has_homes_but_no_villages() -> None:
    assert PLACES.villages_of("930101") == ()
    assert PLACES.tambon("930101").households == 14_993
    assert [code for code in PLACES.tambons if not PLACES.villages_of(code)] == ["930101"]


def test_households_of_villages_sum_to_their_tambon_and_say_they_are_estimates() -> None:
    for tambon in PLACES.tambons.values():
        villages = PLACES.villages_of(tambon.code)
        if villages:
            assert sum(village.households for village in villages) == tambon.households
            assert sum(village.people for village in villages) == tambon.population
    assert all(village.estimated for village in PLACES.villages.values())


@given(st.integers(0, 100_000), st.integers(1, 200))
def test_shares_are_whole_even_and_complete(total: int, parts: int) -> None:
    shares = shared_out(total, parts)
    assert (len(shares), sum(shares)) == (parts, total)
    assert max(shares) - min(shares) <= 1


def test_neighbours_are_mutual() -> None:
    for code in PLACES.tambons:
        assert PLACES.neighbours(code)
        assert all(code in PLACES.neighbours(other) for other in PLACES.neighbours(code))
    assert PLACES.neighbours("930101")[0] == "930115"  # the longest common border first


def test_hazards_say_how_well_they_are_founded() -> None:
    assert PLACES.tambon("930109").hazard is Hazard.LAKESHORE and PLACES.tambon("930109").hazard_named
    assert PLACES.tambon("931102").hazard is Hazard.FLASH and not PLACES.tambon("931102").hazard_named
    assert PLACES.tambon("930202").hazard is Hazard.RUNOFF


def test_gauges_15_m_apart_are_not_one() -> None:
    rid, hii = PLACES.gauge("X.170"), PLACES.gauge("MDC005")
    assert (rid.bed_m, rid.bank_m) == (8.355, 25.2) and (hii.bed_m, hii.bank_m) == (16.28, 29.28)
    assert rid.tambon == hii.tambon == "930112"
    assert PLACES.gauge_of_thaiwater(2597) == PLACES.gauge_of_thaiwater("2597") == rid
    assert PLACES.gauge_of_thaiwater(1) is None


def test_counts_of_instruments() -> None:
    def with_(measure: str) -> int:
        return sum(measure in gauge.measures for gauge in PLACES.gauges.values())

    assert [with_(m) for m in ("level", "rain", "gate", "reservoir")] == [11, 50, 46, 4]
    assert len({g.tambon for g in PLACES.gauges.values() if "rain" in g.measures}) == 26
    assert PLACES.gauge("TX170").place_rounded and not PLACES.gauge("X.170").place_rounded


def test_thai_order() -> None:
    words = ["ไก่", "ขาว", "เกาะเต่า", "กงหรา", "เขา", "ก้า", "กา", "คูหาสวรรค์", "แกะ", "100"]
    ordered = sorted(words, key=thai_sort_key)
    assert ordered == ["100", "กงหรา", "กา", "ก้า", "เกาะเต่า", "แกะ", "ไก่", "ขาว", "เขา", "คูหาสวรรค์"]
    names = PLACES.in_thai_order()
    assert all(thai_sort_key(a.th) <= thai_sort_key(b.th) for a, b in pairwise(names))


def test_agrees_with_the_reference_gazetteer() -> None:
    with shared_data("geo/phatthalung_tambon_gazetteer.csv").open(encoding="utf-8") as file:
        reference = {row["tambon_code"]: row["tambon_th"] for row in csv.DictReader(file)}
    assert {tambon.code: tambon.th for tambon in PLACES.tambons.values()} == reference
