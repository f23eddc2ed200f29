"""A form that may carry a list, and the pages' common doors."""

from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import UploadFile

from geo.errors import NotAllowed
from warning.accounts.user import UserRole

MAY = (UserRole.DUTY_OFFICER, UserRole.APPROVER)  # contacts and institutions: who rings them
MAY_HOMES = (UserRole.DUTY_OFFICER, UserRole.RELIEF_OFFICER)
MOST_BYTES = 20_000_000  # a larger list is taken in by the command line


async def form_with_list(request: Request) -> tuple[Mapping[str, str], bytes]:
    """(text fields, the file's bytes or none). Raises NotAllowed before a body too large, or of no told size, is read."""
    told = request.headers.get("content-length", "")
    if not told.isdigit() or int(told) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise NotAllowed(f"ไฟล์ใหญ่เกิน {most} MB: แบ่งไฟล์ (larger than {most} MB: split the file)")
    async with request.form(max_files=1, max_fields=30) as form:
        held = form.get("file")
        body = await held.read() if isinstance(held, UploadFile) and held.filename else b""
        return {key: value for key, value in form.items() if isinstance(value, str)}, body


async def many(request: Request, name: str) -> list[str]:
    """All values of one name of a form: ticked boxes."""
    return [value for value in (await request.form()).getlist(name) if isinstance(value, str)]
