"""Toxiproxy's HTTP API as calls: a request comes in as values and a response goes out as values."""

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from gameday.faultproxy.collection import ProxyCollection
from gameday.faultproxy.errors import (
    ApiError,
    MissingFieldError,
    ProxyExistsError,
    ProxyNotFoundError,
    ResetError,
)
from gameday.faultproxy.expiry import EXPIRES_IN_MS, time_limit
from gameday.faultproxy.fields import (
    FLAG,
    INT64,
    TEXT,
    Given,
    Shape,
    ignored,
    read_array,
    read_object,
)
from gameday.faultproxy.proxy import Proxy
from gameday.faultproxy.traffic import CONTENT_TYPE as METRICS_TYPE

TOXIPROXY_VERSION = "2.12.0"
"""The Toxiproxy release whose API this is."""

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"

_PROXY_FIELDS = {
    "name": TEXT,
    "listen": TEXT,
    "upstream": TEXT,
    "enabled": FLAG,
    "Logger": ignored("zerolog.Logger"),
    EXPIRES_IN_MS: INT64,
}
_PROXY = Shape("toxiproxy.Proxy", "Proxy", _PROXY_FIELDS)
_POPULATED = Shape(
    r'struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }',
    ".Proxy",
    _PROXY_FIELDS,
    outer=frozenset({"enabled"}),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the API needs of an HTTP request. ``path`` is decoded and has no query string."""

    method: str
    path: str
    body: bytes = b""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """Status, body and headers of an HTTP response; an empty content type sends none."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Awaitable[Response]]


class Api:
    """The routes over a collection of proxies."""

    def __init__(self, proxies: ProxyCollection) -> None:
        self._proxies = proxies
        proxy, toxic = r"/proxies/(?P<proxy>[^/]+)", r"(?P<toxic>[^/]+)"
        routes: dict[str, dict[str, Handler]] = {
            "/version": {"GET": self._version},
            "/metrics": {ANY_METHOD: self._metrics},
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
            handler = handlers.get(request.method, handlers.get(ANY_METHOD))
            if handler is None:
                return Response(HTTPStatus.METHOD_NOT_ALLOWED)
            return _numbered(await self._call(handler, request, match.groupdict()))
        return _text(HTTPStatus.NOT_FOUND, "404 page not found")

    async def _call(self, handler: Handler, request: Request, names: Mapping[str, str]) -> Response:
        # A web page must not be able to drive this API from somebody's browser.
        if request.user_agent.startswith("Mozilla/"):
            return _text(HTTPStatus.FORBIDDEN, "User agent not allowed")
        try:
            return await handler(request.body, **names)
        except ApiError as error:
            return _refusal(error)

    def _proxy(self, name: str) -> Proxy:
        proxy = self._proxies.find(name)
        if proxy is None:
            raise ProxyNotFoundError
        return proxy

    async def _version(self, _body: bytes) -> Response:
        body = json.dumps({"version": TOXIPROXY_VERSION}) + "\n"
        return Response(HTTPStatus.OK, body.encode(), f"{JSON_TYPE};charset=utf-8")

    async def _metrics(self, _body: bytes) -> Response:
        return Response(HTTPStatus.OK, self._proxies.metrics().encode(), METRICS_TYPE)

    async def _reset(self, _body: bytes) -> Response:
        await self._proxies.reset()
        return Response(HTTPStatus.NO_CONTENT)

    async def _list(self, _body: bytes) -> Response:
        proxies = sorted(self._proxies.all().items())
        return _json(HTTPStatus.OK, {name: self._proxies.as_json(proxy) for name, proxy in proxies})

    async def _create(self, body: bytes) -> Response:
        given = read_object(body, _PROXY)
        proxy = self._new_proxy(given, "")
        if not await self._proxies.add(proxy, given.flag("enabled", True), time_limit(given)):
            raise ProxyExistsError
        return self._shown(HTTPStatus.CREATED, proxy)

    async def _populate(self, body: bytes) -> Response:
        done: list[Any] = []
        try:
            wanted = [
                (self._new_proxy(given, f" at proxy {place}"), given, time_limit(given))
                for place, given in enumerate(read_array(body, _POPULATED), 1)
            ]
            for new, given, limit in wanted:
                enabled = given.flag("enabled", True)
                proxy = await self._proxies.add_or_replace(new, enabled, limit)
                done.append(self._proxies.as_json(proxy))
        except ApiError as error:
            told = {"error": error.message, "status": error.status, "proxies": done or None}
            return _json(error.status, told)
        return _json(HTTPStatus.CREATED, {"proxies": done or None})

    async def _show(self, _body: bytes, proxy: str) -> Response:
        return self._shown(HTTPStatus.OK, self._proxy(proxy))

    async def _update(self, body: bytes, proxy: str) -> Response:
        found = self._proxy(proxy)
        given = read_object(body, _PROXY)
        await self._proxies.update(
            found,
            given.text("listen", found.listen),
            given.text("upstream", found.upstream),
            given.flag("enabled", found.enabled),
            time_limit(given),
        )
        return self._shown(HTTPStatus.OK, found)

    async def _delete(self, _body: bytes, proxy: str) -> Response:
        if not await self._proxies.remove(proxy):
            raise ProxyNotFoundError
        return Response(HTTPStatus.NO_CONTENT)

    async def _toxics(self, _body: bytes, proxy: str) -> Response:
        found = self._proxy(proxy)
        return _json(HTTPStatus.OK, [found.toxic_as_json(toxic) for toxic in found.toxics])

    async def _add_toxic(self, body: bytes, proxy: str) -> Response:
        found = self._proxy(proxy)
        return _json(HTTPStatus.OK, found.toxic_as_json(found.add_toxic(body)))

    async def _show_toxic(self, _body: bytes, proxy: str, toxic: str) -> Response:
        found = self._proxy(proxy)
        return _json(HTTPStatus.OK, found.toxic_as_json(found.toxic(toxic)))

    async def _update_toxic(self, body: bytes, proxy: str, toxic: str) -> Response:
        found = self._proxy(proxy)
        return _json(HTTPStatus.OK, found.toxic_as_json(found.update_toxic(toxic, body)))

    async def _remove_toxic(self, _body: bytes, proxy: str, toxic: str) -> Response:
        self._proxy(proxy).remove_toxic(toxic)
        return Response(HTTPStatus.NO_CONTENT)

    def _shown(self, status: int, proxy: Proxy) -> Response:
        return _json(status, self._proxies.as_json(proxy))

    def _new_proxy(self, given: Given, place: str) -> Proxy:
        for name in ("name", "upstream"):
            if not given.text(name, ""):
                raise MissingFieldError(f"{name}{place}")
        return Proxy(
            given.text("name", ""),
            given.text("listen", ""),
            given.text("upstream", ""),
            self._proxies.traffic,
        )


ANY_METHOD = "*"


def _both(handler: Handler) -> dict[str, Handler]:
    """Updates come as POST (old clients) or PATCH."""
    return {"POST": handler, "PATCH": handler}


def _numbered(answer: Response) -> Response:
    headers = {**answer.headers, "X-Toxiproxy-Request-Id": secrets.token_hex(10)}
    return Response(answer.status, answer.body, answer.content_type, headers)


def _encoded(value: object) -> str:
    """Return JSON as the original writes it: compact, UTF-8, safe inside of HTML."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _json(status: int, value: object) -> Response:
    return Response(status, _encoded(value).encode(), JSON_TYPE)


def _text(status: int, text: str) -> Response:
    nosniff = {"X-Content-Type-Options": "nosniff"}
    return Response(status, f"{text}\n".encode(), TEXT_TYPE, nosniff)


def _refusal(error: ApiError) -> Response:
    # Go's http.Error labels every error text/plain, JSON or not.
    told: dict[str, Any] = {"error": error.message, "status": int(error.status)}
    if isinstance(error, ResetError):
        told["failed"] = dict(error.failed)
    return _text(error.status, _encoded(told))
