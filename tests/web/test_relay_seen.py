"""The relay desk as two officers see it at once: what one does the other sees without reloading, and nothing typed is lost."""

from typing import Any
from uuid import uuid4

import pytest

from channels.sms_callback import said as sms_said
from tests.warning.town import VILLAGE
from tests.web.paper_office import HEAD_PHONE, Night, served
from tests.web.test_pages_seen import _SMALL, _WIDEST, AXE, SHOTS, SIZES, browser, opened, town
from tests.web.visitor import press
from warning.caller import unknown_callers
from warning.running import take_in

pytestmark = pytest.mark.service
__all__ = ["browser", "town"]  # fixtures
SOON_MS = 8000


def sms(town: Night, text: str, sender: str = "+66899990001") -> None:
    take_in(town.office, "sms", sms_said(sender, text, town.clock.now(), uuid4().hex, ""), "sms")


def caller_path(town: Night) -> str:
    with town.database.session() as session:
        return f"/relay/callers/{unknown_callers(session, town.office.mode)[0].id}"


def test_the_desk_shows_what_others_do_and_keeps_what_is_typed(town: Night, browser: Any) -> None:
    alert = town.flood()
    other = town.officer(name="นายข้างโต๊ะ")
    with served(town) as url:
        desk, card = (
            opened(browser, url, town.officer(), "desk"),
            opened(browser, url, town.officer(), "desk"),
        )
        desk.goto(f"{url}/relay")
        card.goto(f"{url}/relay/{alert.id}/{VILLAGE}")
        card.locator("form[action$='/take'] button").click()
        card.locator("#heard_from").fill("ผู้ใหญ่บ้านโทรมา")
        card.locator("#homes").fill("12")
        desk.locator(f"#v{VILLAGE} a, #v{VILLAGE} button").first.focus()
        desk.locator("#live").wait_for(timeout=SOON_MS)
        press(f"{url}/relay/{alert.id}/{VILLAGE}/take", other)
        desk.locator(f"#v{VILLAGE} .held", has_text="นายข้างโต๊ะ").wait_for(timeout=SOON_MS)
        card.locator(".held", has_text="นายข้างโต๊ะ").wait_for(timeout=SOON_MS)
        sms(town, "น้ำมาแล้ว", HEAD_PHONE)
        desk.locator("#told summary", has_text="ตอบแล้ว 1 หมู่บ้าน").wait_for(timeout=SOON_MS)
        assert desk.evaluate("document.activeElement.closest('[id]')?.id") == "told"  # where the row went
        assert not desk.locator(f"#v{VILLAGE}").is_visible()
        desk.locator("#told summary").click()
        desk.locator(f"#told #v{VILLAGE} .word", has_text="น้ำถึงแล้ว").wait_for(timeout=SOON_MS)
        card.locator(".word", has_text="น้ำถึงแล้ว").wait_for(timeout=SOON_MS)
        sms(town, "ช่วยด้วย")
        desk.locator("#callers", has_text="ช่วยด้วย").wait_for(timeout=SOON_MS)
        assert (card.locator("#heard_from").input_value(), card.locator("#homes").input_value()) == (
            "ผู้ใหญ่บ้านโทรมา",
            "12",
        )
        assert desk.evaluate("document.activeElement.matches('#told summary')")  # the keyboard stays
        assert desk.locator(f"#told #v{VILLAGE}").is_visible()  # and what was unfolded
        desk.locator("#callers a").first.click()
        desk.locator("#note").fill("หลังวัด")
        sms(town, "น้ำถึงคอแล้ว")
        desk.locator(".words", has_text="น้ำถึงคอแล้ว").wait_for(timeout=SOON_MS)
        assert desk.locator("#note").input_value() == "หลังวัด"


def test_a_cut_line_is_said_and_never_looks_live(town: Night, browser: Any) -> None:
    town.flood()
    with served(town) as url:
        page = opened(browser, url, town.officer(), "desk")
        page.goto(f"{url}/relay")
        page.locator("#live:not(.lost)", has_text="อัปเดตเอง").wait_for(timeout=SOON_MS)
        page.route("**/relay/now*", lambda route: route.abort())
        page.locator("#live.lost", has_text="ขาดการเชื่อมต่อ").wait_for(timeout=SOON_MS)
        page.unroute("**/relay/now*")
        page.locator("#live:not(.lost)").wait_for(timeout=SOON_MS)


def test_without_any_script_the_desk_binds_and_saves(town: Night, browser: Any) -> None:
    alert = town.flood()
    sms(town, "ช่วยด้วย")
    with served(town) as url:
        page = opened(browser, url, town.officer(), "phone", script=False)
        page.goto(f"{url}/relay")
        assert not page.locator("#live").is_visible()
        page.locator("#callers a").click()
        page.locator("form[action$='/take'] button").click()
        page.locator("#village").select_option(VILLAGE)
        page.get_by_role("button", name="บันทึกว่าอยู่หมู่บ้านนี้").click()
        assert "บันทึกหมู่บ้าน" in page.get_by_role("status").inner_text()
        page.goto(f"{url}/relay/{alert.id}/{VILLAGE}")
        page.locator("form[action$='/take'] button").click()
        page.locator("#found summary").click()
        page.locator("#slot").select_option("assistant_1")
        page.locator("#name").fill("นายผู้ช่วย")
        page.locator("#phone").fill("๐๘๑ ๑๑๑ ๒๒๒๒")
        page.get_by_role("button", name="บันทึกเบอร์").click()
        assert "บันทึกเบอร์แล้ว" in page.get_by_role("status").inner_text()
        assert page.locator("a[href='tel:+66811112222']").is_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_callers_and_cards_can_be_read_and_pressed(town: Night, browser: Any, size: str, lang: str) -> None:
    alert = town.flood()
    sms(town, "ฝนตกหนักมาก น้ำจะมาไหม", "+66899990002")
    sms(town, "ช่วยด้วย น้ำเข้าบ้านแล้ว มีคนแก่ติดเตียง")
    sms(town, "อยู่หลังวัด รีบมา")
    token, path, wrong = town.officer(), caller_path(town), []
    SHOTS.mkdir(exist_ok=True)
    with served(town) as url:
        press(f"{url}{path}/take", token)
        press(f"{url}/relay/{alert.id}/{VILLAGE}/take", token)
        page = opened(browser, url, token, size)
        page.on(
            "console",
            lambda said: wrong.append(said.text) if said.type == "error" and "404" not in said.text else None,
        )
        for name, where in {
            "console-callers": "/",
            "desk-callers": "/relay",
            "caller": path,
            "card-found": f"/relay/{alert.id}/{VILLAGE}",
        }.items():
            page.goto(f"{url}{where}?lang={lang}")
            if size == "phone":
                page.evaluate("document.documentElement.style.fontSize = '146%'")
            for summary in page.locator("details:not([open]) > summary").all():
                summary.click()
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SHOTS / f"{name}-{size}-{lang}.png", full_page="callers" not in name)
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            wrong += [f"{name} is {wide} px too wide: {page.evaluate(_WIDEST)}"] if wide > 0 else []
            wrong += [f"{name}: too small to press: {small}" for small in page.evaluate(_SMALL)]
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))")
            wrong += [f"{name}: {violation}" for violation in found]
    assert wrong == []
