"""A blocking client of the API that sends what it is told to, right or wrong."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

AGENT = "gameday-tests"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    kind: str
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Client:
    """One server's API; each request goes on a connection of its own."""

    url: str

    def send(
        self, method: str, path: str, body: Any = None, *, agent: str = AGENT, timeout: float = 10.0
    ) -> Answer:
        """Send a request; a body that is no str goes as JSON. Raises OSError, also after
        ``timeout`` seconds without an answer."""
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            where.hostname or "", where.port or 80, timeout=timeout
        )
        try:
            encoded = None if data is None else data.encode("utf-8", "surrogateescape")
            connection.request(method, path, body=encoded, headers={"User-Agent": agent})
            answer = connection.getresponse()
            kind = answer.headers.get("Content-Type", "")
            return Answer(answer.status, kind, answer.read().decode())
        finally:
            connection.close()

    def proxy(self, upstream: str, name: str = "p") -> tuple[str, int]:
        """Create a proxy and return where it listens."""
        made = {"name": name, "listen": "127.0.0.1:0", "upstream": upstream}
        answer = self.send("POST", "/proxies", made)
        assert answer.status == 201, answer
        host, _, port = answer.json["listen"].rpartition(":")
        return host, int(port)

    def toxic(self, kind: str, proxy: str = "p", **more: Any) -> Any:
        """Add a toxic named ``t``; what is not a field of toxics is an attribute."""
        fields: dict[str, Any] = {
            key: more.pop(key) for key in ("stream", "toxicity", "name") if key in more
        }
        body: dict[str, Any] = {"name": "t", "type": kind, "attributes": more, **fields}
        answer = self.send("POST", f"/proxies/{proxy}/toxics", body)
        assert answer.status == 200, answer
        return answer.json

    def wipe(self) -> None:
        """Delete every proxy."""
        for name in self.send("GET", "/proxies").json:
            self.send("DELETE", f"/proxies/{quote(name, safe='')}")
