"""Rich menus of the simulated LINE: made, given a picture, set for everybody, listed, taken away. As strict as the real one."""

from typing import Any
from uuid import uuid4

from aiohttp import web

MOST_PICTURE = 2**20
SIGNS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


class Menus:
    """`default` is what everybody sees; one without a picture cannot be it."""

    def __init__(self) -> None:
        self.menus: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, bytes] = {}
        self.default: str | None = None

    def routes(self) -> list[web.RouteDef]:
        one = "/v2/bot/richmenu/{id}"
        return [
            web.post("/v2/bot/richmenu", self._make),
            web.get("/v2/bot/richmenu/list", self._list),
            web.post(f"{one}/content", self._picture),
            web.delete(one, self._delete),
            web.post("/v2/bot/user/all/richmenu/{id}", self._set),
            web.get("/v2/bot/user/all/richmenu", self._which),
        ]

    async def _make(self, request: web.Request) -> web.Response:
        menu = await request.json()
        if (wrong := _fault(menu)) is not None:
            return _say(400, f"The request body has 1 error(s): {wrong}")
        made = f"richmenu-{uuid4().hex}"
        self.menus[made] = menu
        return web.json_response({"richMenuId": made})

    async def _list(self, request: web.Request) -> web.Response:
        told = [{"richMenuId": one, **menu} for one, menu in self.menus.items()]
        return web.json_response({"richmenus": told})

    async def _picture(self, request: web.Request) -> web.Response:
        one, raw = request.match_info["id"], await request.read()
        if one not in self.menus:
            return _say(404, "Not found")
        if one in self.pictures:
            return _say(400, "An image has already been uploaded to the richmenu")
        sign = SIGNS.get(request.content_type)
        if sign is None or not raw.startswith(sign) or len(raw) > MOST_PICTURE:
            return _say(400, "The image is invalid")
        self.pictures[one] = raw
        return web.json_response({})

    async def _delete(self, request: web.Request) -> web.Response:
        one = request.match_info["id"]
        if self.menus.pop(one, None) is None:
            return _say(404, "Not found")
        self.pictures.pop(one, None)
        self.default = None if self.default == one else self.default
        return web.json_response({})

    async def _set(self, request: web.Request) -> web.Response:
        one = request.match_info["id"]
        if one not in self.menus:
            return _say(404, "Not found")
        if one not in self.pictures:
            return _say(400, "must upload richmenu image before applying it to user")
        self.default = one
        return web.json_response({})

    async def _which(self, request: web.Request) -> web.Response:
        if self.default is None:
            return _say(404, "no default richmenu")
        return web.json_response({"richMenuId": self.default})


def _fault(menu: Any) -> str | None:
    size, areas = menu.get("size", {}), menu.get("areas", [])
    width, height = size.get("width", 0), size.get("height", 0)
    if not 800 <= width <= 2500 or height < 250 or width / height < 1.45:
        return "size"
    if not 1 <= len(str(menu.get("chatBarText", ""))) <= 14 or not 1 <= len(str(menu.get("name", ""))) <= 300:
        return "chatBarText or name"
    if len(areas) > 20:
        return "areas"
    for area in areas:
        b = area["bounds"]
        if b["x"] + b["width"] > width or b["y"] + b["height"] > height:
            return "bounds"
        if area["action"]["type"] not in ("postback", "message", "uri", "datetimepicker", "richmenuswitch"):
            return "action"
    return None


def _say(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
