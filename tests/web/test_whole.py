"""What may not be broken over two lines stands in one piece; everything else is the text it was."""

import re

import pytest

from warning.web.catalogue import say
from warning.web.whole import kept


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        pytest.param("ย้ายเด็ก ผู้ป่วย และทุกคน", ["ผู้ป่วย"], id="a-word-chromium-cuts"),
        pytest.param("น้ำอาจถึงราว 02:42 น. 23 พ.ย. 2569 หรือเร็วกว่านั้น", ["02:42 น.", "23 พ.ย. 2569"], id="hour-and-day"),
        pytest.param("ระดับ 24.82 ม.รทก. ต่ำกว่าตลิ่ง 0.38 ม.", ["24.82 ม.รทก.", "0.38 ม."], id="metres"),
        pytest.param("เลขที่ ฝึก-พท-2569-0002", ["ฝึก-พท-2569-0002"], id="an-alert"),
        pytest.param("โทร 069-000-0136", ["069-000-0136"], id="a-telephone"),
        pytest.param("ต.เขาเจียก อ.เมืองพัทลุง: น้ำล้นตลิ่ง", ["ต.เขาเจียก", "อ.เมืองพัทลุง:"], id="places-with-their-colon"),
        pytest.param("(ฝึกซ้อม ไม่ใช่เหตุจริง)", ["(ฝึกซ้อม", "ไม่ใช่เหตุจริง)"], id="brackets-stay-with-their-word"),
        pytest.param("อยู่ในที่ปลอดภัย", [], id="nothing-to-hold"),
    ],
)  # fmt: skip
def test_pieces_are_whole(text: str, pieces: list[str]) -> None:
    assert re.findall(r'<span class="name">([^<]*)</span>', kept(text)) == pieces
    assert re.sub(r"<[^>]*>", "", kept(text)) == text


def test_html_in_a_text_is_text() -> None:
    assert "<b>" not in kept("<b>10 คน</b>") and '<span class="name">10 คน</span>' in kept("<b>10 คน</b>")


@pytest.mark.parametrize(
    ("n", "th", "en"),
    [
        pytest.param(1, "1 หลังคาเรือน", "1 home", id="one"),
        pytest.param(14993, "14,993 หลังคาเรือน", "14,993 homes", id="thousands"),
        pytest.param(0, "0 หลังคาเรือน", "0 homes", id="none"),
    ],
)
def test_counts_are_written_as_people_write_them(n: int, th: str, en: str) -> None:
    assert (say("th", "homes_n", n=n), say("en", "homes_n", n=n)) == (th, en)
