"""The recorder's pages. Speaking and uploading end in the same form, which works without a script too."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import FileResponse, RedirectResponse, Response

from geo.errors import NotAllowed
from geo.when import english_text, thai_text
from warning.accounts.user import UserRole
from warning.alert import Alert
from warning.speech.audio import MOST_BYTES
from warning.speech.clip import ClipLang, file_of, keep, keep_tones, retire
from warning.speech.script import Group
from warning.speech.sound import announcement, sound
from warning.web.clips.view import A_PAGE, STATES, last_speaker, library, speaker_of, takes
from warning.web.render import language_of, must, office_of, render
from warning.words.one_language import one_language

router = APIRouter()
MAY_RECORD = (UserRole.DUTY_OFFICER, UserRole.ADMINISTRATOR)
_CLIP = re.compile(r"[0-9a-f]{64}")


@router.get("/clips")
def shelf_page(
    request: Request, group: str = "", state: str = "missing", after: int = 0, lang_of: ClipLang = ClipLang.TH
) -> Response:
    must(request, *MAY_RECORD)
    office = office_of(request)
    after = max(0, after)
    with office.database.session() as session:
        held = library(session, office, lang_of)
        shown = held.shown(group, state)
        return render(
            request, "clips/list.html", library=held, lines=shown[after : after + A_PAGE], found=len(shown), after=after,
            more=after + A_PAGE if len(shown) > after + A_PAGE else None, group=group, state=state if state in STATES else "",
            groups=[g.name.lower() for g in Group], chosen=lang_of, languages=list(ClipLang), **_words(request),
        )  # fmt: skip


@router.get("/clips/one")
def one(request: Request, phrase: str = "", lang_of: ClipLang = ClipLang.TH, done: str = "") -> Response:
    return _one(request, phrase, lang_of, done=done)


@router.post("/clips/one")
def take(
    request: Request, phrase: str = Form(default=""), lang_of: ClipLang = Form(default=ClipLang.TH),  # noqa: B008
    speaker: str = Form(default="", max_length=80), source: str = Form(default="uploaded"), sound_file: UploadFile | None = None,
) -> Response:  # fmt: skip
    person = must(request, *MAY_RECORD)
    office = office_of(request)
    body = sound_file.file.read(MOST_BYTES + 1) if sound_file and sound_file.filename else b""
    try:
        with office.database.session() as session:
            session.info["actor"] = str(person.id)
            held = library(session, office, lang_of)
            wanted = held.phrase(phrase)
            if wanted is None:
                raise NotAllowed(
                    "ไม่มีวลีนี้ในรายการแล้ว เปิดรายการใหม่ (this phrase is not in the list any more: open the list again)"
                )
            if not body:
                raise NotAllowed("ยังไม่มีเสียง บันทึกหรือเลือกไฟล์ก่อน (no sound yet: record one or choose a file)")
            keep(
                session, office.var, wanted, lang_of, body, speaker=speaker, keyring=office.keyring, actor=str(person.id),
                source="recorded" if source == "recorded" else "uploaded", now=office.clock.now(),
            )  # fmt: skip
            following = held.next_missing(phrase)
    except NotAllowed as wrong:
        return _one(request, phrase, lang_of, problem=str(wrong), speaker=speaker)
    to = {"phrase": following, "lang_of": lang_of.value, "done": phrase} if following else {}
    return RedirectResponse(f"/clips/one?{urlencode(to)}" if to else "/clips", status_code=303)


@router.post("/clips/tones")
def tones(request: Request) -> Response:
    person = must(request, *MAY_RECORD)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        keep_tones(session, office.var, office.clock.now(), str(person.id))
    return RedirectResponse("/clips", status_code=303)


@router.post("/clips/{clip_id}/retire")
def out_of_use(request: Request, clip_id: UUID) -> Response:
    person = must(request, *MAY_RECORD)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        clip = retire(session, clip_id, office.clock.now())
        back = urlencode({"phrase": clip.phrase, "lang_of": clip.lang})
    return RedirectResponse(f"/clips/one?{back}", status_code=303)


@router.get("/clips/sound/{name}")
def heard(request: Request, name: str) -> Response:
    """One clip, `<sha256>.wav`."""
    must(request)
    sha256, _, ending = name.partition(".")
    file = file_of(office_of(request).var, sha256)
    if ending != "wav" or not _CLIP.fullmatch(sha256) or not file.is_file():
        return Response(status_code=404)
    return played(file)


@router.get("/clips/alert/{alert_id}/{village}.wav")
def whole(request: Request, alert_id: UUID, village: str) -> Response:
    """The announcement of an alert, a draft too, as it will be heard in one village or tambon; 404 while it cannot be said."""
    must(request)
    office = office_of(request)
    with office.database.session() as session:
        alert = session.get_one(Alert, alert_id)
        path = sound(session, office, announcement(session, alert, office, village))
    return played(path) if path else Response(status_code=404)


def played(file: Path) -> Response:
    return FileResponse(file, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})


def _one(
    request: Request, phrase: str, lang_of: ClipLang, *, done: str = "", problem: str = "", speaker: str = ""
) -> Response:
    person = must(request, *MAY_RECORD)
    office = office_of(request)
    with office.database.session() as session:
        held = library(session, office, lang_of)
        line = held.line(phrase)
        if line is None:
            return RedirectResponse("/clips", status_code=303)
        history = takes(session, phrase, lang_of, office.keyring)
        speaker = speaker or last_speaker(session, str(person.id), office.keyring)
        left = sum(other.clip is None for other in held.lines)
        return render(
            request, "clips/one.html", status=409 if problem else 200, line=line, takes=history, speaker=speaker, left=left,
            following=held.next_missing(phrase), done=done if held.line(done) else "", chosen=lang_of, most=MOST_BYTES,
            problem=one_language(problem, language_of(request)), total=len(held.lines), **_words(request),
        )  # fmt: skip


def _words(request: Request) -> dict[str, Any]:
    office = office_of(request)
    return {
        "moment": thai_text if language_of(request) == "th" else english_text,
        "speaker_of": lambda clip: speaker_of(clip, office.keyring),
        "address": lambda phrase, lang: "/clips/one?" + urlencode({"phrase": phrase, "lang_of": lang.value}),
    }
