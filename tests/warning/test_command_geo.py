"""`raksa geo` answers a mistyped call with its mend, and the exit code of a call that cannot be read."""

from pathlib import Path

import pytest

from warning.command import main


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
