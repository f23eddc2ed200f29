"""`raksa people`: a report first, and nothing written without --write; the sheet is for its owner's eyes."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from geo.sheet_write import FIRST_ROW, KEY_ROW
from warning.audit import verify
from warning.command import main
from warning.store.database import Database

HOUSEHOLDS = """รหัสหมู่บ้าน,บ้านเลขที่,ชื่อ,โทร
93110201,12/1,นางสมมุติ หนึ่ง,081-234-5678
93110201,12/2,นายสมมุติ สอง,0812345679
93999999,1,นายสมมุติ สาม,0812345670
"""


@pytest.fixture(autouse=True)
def office(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", database.url)
    return database


def filled_in(file: Path, *, phone: str = "081-234-5678") -> Path:
    """Our own sheet, with the head of the first village typed in."""
    assert main(["people", "sheet", str(file)]) == 0
    book = load_workbook(file)
    sheet = book.worksheets[0]
    column = {sheet.cell(KEY_ROW, n).value: n for n in range(1, sheet.max_column + 1)}
    sheet.cell(FIRST_ROW, column["head_1_name"], "นายสมมุติ หนึ่ง")
    sheet.cell(FIRST_ROW, column["head_1_phone"], phone)
    book.save(file)
    return file


def count(database: Database, table: str) -> int:
    with database.session() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_the_sheet_has_every_village_and_is_only_its_owners(tmp_path: Path, office: Database) -> None:
    file = tmp_path / "contacts.xlsx"
    file.touch(0o644)
    assert main(["people", "sheet", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_workbook(file).worksheets[0].max_row == FIRST_ROW + 669
    with office.session() as session:
        assert verify(session).ok
        seen = session.execute(text("SELECT actor, action, subject FROM audit_entry")).all()
    assert seen == [("command line", "read", "contacts")]


def test_contacts_dry_then_written_then_unchanged(
    tmp_path: Path, office: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = filled_in(tmp_path / "contacts.xlsx")
    capsys.readouterr()
    assert main(["people", "import", str(file)]) == 0
    told = capsys.readouterr().out
    assert "added 1" in told and "nothing was written" in told
    assert count(office, "contact") == 0

    assert main(["people", "import", str(file), "--write"]) == 0
    assert "nothing was written" not in capsys.readouterr().out
    assert count(office, "contact") == 1

    assert main(["people", "import", str(file), "--write"]) == 0
    assert "added 0" in capsys.readouterr().out
    assert count(office, "contact") == 1

    assert main(["people", "sheet", str(tmp_path / "again.xlsx")]) == 0
    cells = {c.value for row in load_workbook(tmp_path / "again.xlsx").worksheets[0].iter_rows() for c in row}
    assert "นายสมมุติ หนึ่ง" in cells


def test_a_bad_row_is_listed_with_its_reason_and_is_1(
    tmp_path: Path, office: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = filled_in(tmp_path / "contacts.xlsx", phone="12")
    capsys.readouterr()
    assert main(["people", "import", str(file), "--write"]) == 1
    told = capsys.readouterr().out
    assert "1 bad rows" in told and f"  {FIRST_ROW} " in told
    assert count(office, "contact") == 0


def test_households_good_rows_are_taken_and_bad_ones_named(
    tmp_path: Path, office: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "homes.csv"
    file.write_text(HOUSEHOLDS, encoding="utf-8")
    assert main(["people", "households", str(file)]) == 1
    told = capsys.readouterr().out
    assert "2 rows read, 1 bad rows" in told and "households new: 2" in told and "93999999" in told
    assert count(office, "household") == 0

    assert main(["people", "households", str(file), "--write"]) == 1
    assert count(office, "household") == 2
    assert main(["people", "households", str(file), "--write"]) == 1
    assert (count(office, "household"), count(office, "address")) == (2, 2)
    with office.session() as session:
        trail = str(session.execute(text("SELECT string_agg(data, ' ') FROM audit_entry")).scalar())
        assert verify(session).ok
    assert "สมมุติ" not in trail and "1234567" not in trail


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["import", "none.xlsx"], "no such file", id="no-file"),
        pytest.param(["sheet", "contacts.csv"], ".xlsx", id="sheet-is-no-csv"),
        pytest.param(["sheet", "nowhere/contacts.xlsx"], "cannot be written", id="no-folder"),
        pytest.param(
            ["households", "homes.csv", "--field", "phone"], "OURS=THEIRS", id="field-without-equals"
        ),
        pytest.param(["import", "homes.csv"], "save as .xlsx", id="csv-for-a-sheet"),
    ],
)
def test_a_call_that_cannot_be_done_is_2_in_one_sentence(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("homes.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    assert main(["people", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_institutions_dry_then_written(
    tmp_path: Path, office: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "houses.csv"
    file.write_text(
        "รหัสหมู่บ้าน,ชื่อสถานที่,โทร\n93110201,โรงพยาบาลสมมุติ,0691110001\n93110201,ร้านสมมุติ,\n", encoding="utf-8"
    )
    assert main(["people", "institutions", str(file)]) == 1
    assert count(office, "institution") == 0
    assert main(["people", "institutions", str(file), "--write"]) == 1
    assert (count(office, "institution"), count(office, "address")) == (1, 1)
    assert "say which kind" in capsys.readouterr().out


def test_one_person_is_handed_over_and_wiped_from_the_terminal(
    tmp_path: Path, office: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    homes, out = tmp_path / "homes.csv", tmp_path / "person.json"
    homes.write_text(HOUSEHOLDS, encoding="utf-8")
    main(["people", "households", str(homes), "--write", "--source", "อบต.", "--basis", "public_duty"])
    assert main(["people", "export", "--phone", "0812345678", str(out)]) == 0
    assert out.stat().st_mode & 0o777 == 0o600 and "นางสมมุติ หนึ่ง" in out.read_text(encoding="utf-8")
    assert '"legal_basis": "public_duty"' in out.read_text(encoding="utf-8")
    assert main(["people", "erase", "--phone", "0812345678"]) == 0
    assert main(["people", "export", "--phone", "0812345678", str(out)]) == 0, "a report wipes nothing"
    assert main(["people", "erase", "--phone", "0812345678", "--write"]) == 0
    capsys.readouterr()
    assert main(["people", "export", "--phone", "0812345678", str(out)]) == 2
    assert "nothing is kept" in capsys.readouterr().err
