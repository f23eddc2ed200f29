"""The report as a sheet for a computer and as paper: the same numbers in both, the sums in their last line."""

import io
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from geo.when import english_text, thai_text, utc
from warning.alert import Mode
from warning.coverage_report import Numbers, Report
from warning.pdf import FACE, MARGIN_MM, Paper, a4, as_bytes, heading, paragraph, table
from warning.web.catalogue import say
from warning.web.console.names import tambon_name, village_name
from warning.web.coverage.words import FIELDS, best_words, goes_words, share_words, ways
from warning.words.phrases import EXERCISE_FRONT
from warning.words.sentences import number_text

_BAR_MM = 6.0


def as_xlsx(report: Report, lang: str) -> bytes:
    """One row a village, in the second page one a tambon, in the third the counts over time."""
    book = Workbook()
    villages = book.active
    assert isinstance(villages, Worksheet)
    heads = [say(lang, f"cov_{name}") for name in FIELDS]
    rest = [say(lang, f"cov_{name}") for name in ("left", "ways", "best", "goes")]
    title = say(lang, "cov_title")
    villages.title = say(lang, "cov_village")
    villages.append([f"{title} {number_text(report.alert.number, lang)}"])
    villages.append([say(lang, "cov_code"), say(lang, "cov_tambon"), say(lang, "cov_village"), *heads, *rest])
    for t in report.tambons:
        for v in t.villages:
            villages.append([
                v.code, tambon_name(t.code, lang), village_name(v.code, lang), *_cells(v.numbers), v.numbers.silent,
                ways(v.heard, lang), best_words(v.best, lang), goes_words(v.goes, v.numbers, lang),
            ])  # fmt: skip
    villages.append(
        [
            "",
            "",
            say(lang, "cov_all"),
            *_cells(report.numbers),
            report.numbers.silent,
            ways(report.heard, lang),
        ]
    )
    tambons = book.create_sheet(say(lang, "cov_tambon"))
    tambons.append([say(lang, "cov_code"), say(lang, "cov_tambon"), *heads, rest[0]])
    for t in report.tambons:
        tambons.append([t.code, tambon_name(t.code, lang), *_cells(t.numbers), t.numbers.silent])
    tambons.append(["", say(lang, "cov_all"), *_cells(report.numbers), report.numbers.silent])
    times = book.create_sheet(say(lang, "cov_curve"))
    times.append(
        [
            say(lang, "cov_at"),
            *(say(lang, f"cov_{n}") for n in ("homes", "reached", "accepted", "waiting", "unreached")),
        ]
    )
    for p in report.curve:
        times.append([_moment(p.at, lang), p.homes, p.reached, p.accepted, p.waiting, p.unreached])
    for page, head in ((villages, 2), (tambons, 1), (times, 1)):
        _words_only(page)
        for cell in page[head]:
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        page.freeze_panes = page.cell(head + 1, 4 if page is villages else 1)
        for column in ("B", "C"):
            page.column_dimensions[column].width = 24
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _words_only(page: Worksheet) -> None:
    """A team may be called `=1+1`: what people named is words to whoever opens the sheet, never a formula."""
    for row in page.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"


def _cells(numbers: Numbers) -> list[int]:
    return [getattr(numbers, name) for name in FIELDS]


def _moment(at: datetime, lang: str) -> str:
    return thai_text(at) if lang == "th" else english_text(at)


def as_pdf(report: Report, lang: str, office_name: str, now: datetime) -> bytes:
    """A4, wide: the three numbers, the bar, then a table by tambon and village with its head on each page. now: aware UTC."""
    number = number_text(report.alert.number, lang)
    counted = _moment(report.counted_at, lang) if report.counted_at else "–"
    pdf = a4(
        f"{say(lang, 'cov_title')} {number}", lang=lang, landscape=True,
        foot=f"{office_name} · {number} · {say(lang, 'cov_counted', at=counted)}",
    )  # fmt: skip
    pdf.set_creation_date(utc(now))
    pdf.add_page()
    if report.alert.mode is Mode.EXERCISE:
        paragraph(pdf, EXERCISE_FRONT.th if lang == "th" else EXERCISE_FRONT.en, 12, bold=True)
    heading(pdf, f"{say(lang, 'cov_title')} {number}")
    n = report.numbers
    paragraph(pdf, say(lang, "cov_sum", reached=f"{n.reached:,}", accepted=f"{n.accepted:,}",
                       silent=f"{n.silent:,}", homes=f"{n.homes:,}", share=share_words(n, lang)), 12, bold=True)  # fmt: skip
    paragraph(pdf, say(lang, "cov_law", registered=f"{n.registered:,}", unregistered=f"{n.unregistered:,}"))
    _bar(pdf, n)
    if report.heard:
        paragraph(pdf, f"{say(lang, 'cov_ways')}: {ways(report.heard, lang)}")
    pdf.ln(2)
    rows: list[list[str]] = []
    bold: list[int] = []
    for t in report.tambons:
        bold.append(len(rows))
        rows.append([tambon_name(t.code, lang), *_figures(t.numbers), f"{t.numbers.silent:,}", "", ""])
        rows += [
            [village_name(v.code, lang), *_figures(v.numbers), f"{v.numbers.silent:,}", ways(v.heard, lang),
             goes_words(v.goes, v.numbers, lang)]
            for v in t.villages
        ]  # fmt: skip
    bold.append(len(rows))
    rows.append([say(lang, "cov_all"), *_figures(n), f"{n.silent:,}", "", ""])
    heads = [say(lang, f"cov_{name}") for name in ("village", *FIELDS, "left", "ways", "goes")]
    table(
        pdf,
        heads,
        rows,
        (34, 17, 17, 24, *(18,) * (len(FIELDS) - 2), 38, 30),
        points=8,
        right=range(1, len(FIELDS) + 2),
        bold=bold,
    )
    return as_bytes(pdf)


def _figures(numbers: Numbers) -> list[str]:
    return [f"{n:,}" for n in _cells(numbers)]


def _bar(pdf: Paper, n: Numbers) -> None:
    """Reached solid, accepted hatched, the rest white: black ink only."""
    if not n.homes:
        return
    wide, top = pdf.w - 2 * MARGIN_MM, pdf.get_y() + 1
    reached, accepted = wide * n.reached / n.homes, wide * n.accepted / n.homes
    pdf.set_fill_color(40)
    pdf.rect(MARGIN_MM, top, reached, _BAR_MM, style="F")
    pdf.set_fill_color(255)  # what is filled next is no bar
    pdf.set_draw_color(90)
    with pdf.rect_clip(MARGIN_MM + reached, top, accepted, _BAR_MM):
        at = MARGIN_MM + reached - _BAR_MM
        while at < MARGIN_MM + reached + accepted:
            pdf.line(at, top + _BAR_MM, at + _BAR_MM, top)
            at += 1.6
    pdf.set_draw_color(0)
    pdf.rect(MARGIN_MM, top, wide, _BAR_MM)
    pdf.set_y(top + _BAR_MM + 1)
    pdf.set_font(FACE, "", 10)
