"""A form that may carry one picture, read within bounds: from a stranger's telephone as from the desk."""

from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import UploadFile

from geo.errors import NotAllowed
from teams.response.village_photo import MOST_BYTES

AROUND = 20_000  # the fields beside the picture, and the form's own lines


async def form_with_photo(request: Request) -> tuple[Mapping[str, str], bytes]:
    """(text fields, the picture's bytes or none). Raises NotAllowed before a body too large, or of no told size, is read."""
    told = request.headers.get("content-length", "")
    if not told.isdigit() or int(told) > MOST_BYTES + AROUND:
        most = MOST_BYTES // 1_000_000
        raise NotAllowed(f"รูปใหญ่เกิน {most} MB (the picture is larger than {most} MB)")
    async with request.form(max_files=1, max_fields=30) as form:
        held = form.get("photo")
        photo = await held.read() if isinstance(held, UploadFile) and held.filename else b""
        return {key: value for key, value in form.items() if isinstance(value, str)}, photo
