"""`raksa geo` answers a mistyped call with its mend, and the exit code of a call that cannot be read."""

import json
from pathlib import Path

import pytest

from geo.areas import Areas, built_in_areas
from warning.command import main
from warning.config import load
from warning.readiness import Standing, of_settings

SHIPPED = Path(__file__).parents[2] / "config.yaml"


@pytest.mark.parametrize(
    ("call", "mend"),
    [
        pytest.param(["where", "nan", "nan"], "latitude, then longitude", id="no-number"),
        pytest.param(["where", "7.6", "inf"], "latitude, then longitude", id="without-end"),
        pytest.param(["import", "areas.geojson", "--field", "TA_ID"], "code=NAME", id="field-without-ours"),
        pytest.param(["import", "areas.geojson"], "no such file", id="no-file"),
        pytest.param(["downstream", "X.999"], "no tambon has the code", id="unknown-start"),
    ],
)
def test_a_mistyped_call_is_told_its_mend(
    call: list[str],
    mend: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path))
    assert main(["geo", *call]) == 2
    assert mend in capsys.readouterr().err


def test_a_part_of_the_map_needs_the_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path / "var"))
    file = tmp_path / "one.geojson"
    ring = [[100.0, 7.6], [100.02, 7.6], [100.02, 7.62], [100.0, 7.62], [100.0, 7.6]]
    square = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"tambon_code": "930101"}, "geometry": square}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert main(["geo", "import", str(file)]) == 1
    told = capsys.readouterr()
    assert "64 are missing" in told.err and "ขาด 64" in told.err and told.out == ""
    assert not (tmp_path / "var" / "geo").exists()

    assert main(["geo", "import", str(file), "--partial"]) == 0
    assert "64 tambon not in the file" in capsys.readouterr().out
    main(["check", "--json", "--config", str(SHIPPED)])
    (told_map,) = [item for item in json.loads(capsys.readouterr().out)["items"] if item["key"] == "map"]
    assert told_map["standing"] == "better"
    assert "imported in part, 64 tambon are our approximation" in told_map["en"] and "64" in told_map["th"]


def test_a_map_without_a_tambon_is_not_ready() -> None:
    """Earlier versions took a file with one tambon for the whole map."""
    whole = built_in_areas()
    torn = Areas(whole.codes[:1], whole.geometries[:1], "imported: one.geojson, 2026-11-23, 1 units")
    told = next(item for item in of_settings(load(SHIPPED, {}), torn) if item.key == "map")
    assert told.standing is Standing.MISSING and "lacks 64 tambon" in told.en and "--partial" in told.mend_th


def test_a_point_the_wrong_way_round_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path))
    assert main(["geo", "where", "100.077", "7.617"]) == 1
    assert "latitude comes first" in capsys.readouterr().err
    assert main(["geo", "where", "13.75", "100.5"]) == 1
    assert "latitude comes first" not in capsys.readouterr().err
