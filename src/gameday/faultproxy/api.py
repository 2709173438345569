"""Toxiproxy's HTTP API as calls: a request comes in as values and a response goes out as values."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from gameday.faultproxy.errors import (
    ApiError,
    MissingFieldError,
    ProxyExistsError,
    ProxyNotFoundError,
)
from gameday.faultproxy.fields import Fields, read_array, read_object
from gameday.faultproxy.proxy import Proxy, ProxyCollection

TOXIPROXY_VERSION = "2.12.0"
"""The Toxiproxy release whose API this is."""

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """What the API needs of an HTTP request. ``path`` has no query string."""

    method: str
    path: str
    body: bytes = b""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """Status, body and content type of an HTTP response."""

    status: int
    body: bytes = b""
    content_type: str = ""


Handler = Callable[..., Awaitable[Response]]


class Api:
    """The routes over a collection of proxies."""

    def __init__(self, proxies: ProxyCollection) -> None:
        self._proxies = proxies
        proxy, toxic = r"/proxies/(?P<proxy>[^/]+)", r"(?P<toxic>[^/]+)"
        routes: dict[str, dict[str, Handler]] = {
            "/version": {"GET": self._version},
            "/reset": {"POST": self._reset},
            "/populate": {"POST": self._populate},
            "/proxies": {"GET": self._list, "POST": self._create},
            proxy: {"GET": self._show, "DELETE": self._delete, **_both(self._update)},
            f"{proxy}/toxics": {"GET": self._toxics, "POST": self._add_toxic},
            f"{proxy}/toxics/{toxic}": {
                "GET": self._show_toxic,
                "DELETE": self._remove_toxic,
                **_both(self._update_toxic),
            },
        }
        self._routes = [(re.compile(pattern), routes[pattern]) for pattern in routes]

    async def handle(self, request: Request) -> Response:
        """Answer one request. Never raises for what a client can get wrong."""
        for pattern, handlers in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if request.method not in handlers:
                return Response(HTTPStatus.METHOD_NOT_ALLOWED)
            # A web page must not be able to drive this API from somebody's browser.
            if request.user_agent.startswith("Mozilla/"):
                return _text(HTTPStatus.FORBIDDEN, "User agent not allowed")
            names = {key: unquote(value) for key, value in match.groupdict().items()}
            try:
                return await handlers[request.method](request.body, **names)
            except ApiError as error:
                return _refusal(error)
        return _text(HTTPStatus.NOT_FOUND, "404 page not found")

    def _proxy(self, name: str) -> Proxy:
        proxy = self._proxies.find(name)
        if proxy is None:
            raise ProxyNotFoundError
        return proxy

    async def _version(self, _body: bytes) -> Response:
        body = json.dumps({"version": TOXIPROXY_VERSION}) + "\n"
        return Response(HTTPStatus.OK, body.encode(), f"{JSON_TYPE};charset=utf-8")

    async def _reset(self, _body: bytes) -> Response:
        await self._proxies.reset()
        return Response(HTTPStatus.NO_CONTENT)

    async def _list(self, _body: bytes) -> Response:
        proxies = self._proxies.all()
        return _json(HTTPStatus.OK, {name: proxies[name].as_json() for name in sorted(proxies)})

    async def _create(self, body: bytes) -> Response:
        given = read_object(body)
        proxy = _new_proxy(given, "")
        if not await self._proxies.add(proxy, given.flag("enabled", True)):
            raise ProxyExistsError
        return _json(HTTPStatus.CREATED, proxy.as_json())

    async def _populate(self, body: bytes) -> Response:
        done: list[Any] = []
        try:
            wanted = [
                (_new_proxy(fields, f" at proxy {place}"), fields.flag("enabled", True))
                for place, fields in enumerate(read_array(body), 1)
            ]
            for proxy, enabled in wanted:
                await self._proxies.add(proxy, enabled, replace=True)
                done.append(self._proxy(proxy.name).as_json())
        except ApiError as error:
            told = {"error": error.message, "status": error.status, "proxies": done or None}
            return _json(error.status, told)
        return _json(HTTPStatus.CREATED, {"proxies": done or None})

    async def _show(self, _body: bytes, proxy: str) -> Response:
        return _json(HTTPStatus.OK, self._proxy(proxy).as_json())

    async def _update(self, body: bytes, proxy: str) -> Response:
        found = self._proxy(proxy)
        given = read_object(body)
        await self._proxies.update(
            found,
            given.text("listen", found.listen),
            given.text("upstream", found.upstream),
            given.flag("enabled", found.enabled),
        )
        return _json(HTTPStatus.OK, found.as_json())

    async def _delete(self, _body: bytes, proxy: str) -> Response:
        if not await self._proxies.remove(proxy):
            raise ProxyNotFoundError
        return Response(HTTPStatus.NO_CONTENT)

    async def _toxics(self, _body: bytes, proxy: str) -> Response:
        return _json(HTTPStatus.OK, [toxic.as_json() for toxic in self._proxy(proxy).toxics])

    async def _add_toxic(self, body: bytes, proxy: str) -> Response:
        return _json(HTTPStatus.OK, self._proxy(proxy).add_toxic(read_object(body)).as_json())

    async def _show_toxic(self, _body: bytes, proxy: str, toxic: str) -> Response:
        return _json(HTTPStatus.OK, self._proxy(proxy).toxic(toxic).as_json())

    async def _update_toxic(self, body: bytes, proxy: str, toxic: str) -> Response:
        found = self._proxy(proxy)
        found.toxic(toxic)  # an unknown toxic is refused before a bad body
        return _json(HTTPStatus.OK, found.update_toxic(toxic, read_object(body)).as_json())

    async def _remove_toxic(self, _body: bytes, proxy: str, toxic: str) -> Response:
        self._proxy(proxy).remove_toxic(toxic)
        return Response(HTTPStatus.NO_CONTENT)


def _both(handler: Handler) -> dict[str, Handler]:
    """Updates come as POST (old clients) or PATCH."""
    return {"POST": handler, "PATCH": handler}


def _new_proxy(given: Fields, place: str) -> Proxy:
    name, upstream = given.text("name", ""), given.text("upstream", "")
    listen = given.text("listen", "")
    given.flag("enabled", True)
    if not name:
        raise MissingFieldError(f"name{place}")
    if not upstream:
        raise MissingFieldError(f"upstream{place}")
    return Proxy(name, listen, upstream)


def _json(status: int, value: object) -> Response:
    return Response(status, json.dumps(value, separators=(",", ":")).encode(), JSON_TYPE)


def _text(status: int, text: str) -> Response:
    return Response(status, f"{text}\n".encode(), TEXT_TYPE)


def _refusal(error: ApiError) -> Response:
    # Go's http.Error labels every error text/plain, JSON or not.
    told = json.dumps({"error": error.message, "status": int(error.status)}, separators=(",", ":"))
    return _text(error.status, told)
