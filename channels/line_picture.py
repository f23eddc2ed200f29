"""A picture somebody sent to the LINE account: only its number comes in the webhook, and LINE keeps it for a while."""

import aiohttp

API, DATA = "https://api.line.me", "https://api-data.line.me"  # pictures lie on another host than the rest


async def picture(
    wire: aiohttp.ClientSession, base_url: str, token: str, message: str, *, most_bytes: int, timeout_s: float = 20.0
) -> bytes | None:  # fmt: skip
    """The bytes of a picture message; None when LINE has it no more, does not give it, or it is larger than `most_bytes`.

    message: the number LINE gave it, digits only.
    """
    if not message.isdecimal():
        return None
    url = f"{base_url.replace(API, DATA)}/v2/bot/message/{message}/content"
    limit = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with wire.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=limit) as answer:
            if answer.status != 200:
                return None
            body = await answer.content.read(most_bytes + 1)
            while len(body) <= most_bytes and (more := await answer.content.read(most_bytes + 1 - len(body))):
                body += more
            return body if len(body) <= most_bytes else None
    except (TimeoutError, aiohttp.ClientError):
        return None
