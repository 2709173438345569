"""Send the same requests to both servers and say where the answers differ."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.toxiproxy.ask import Ask
from tests.toxiproxy.client import Client
from tests.toxiproxy.servers import free_port

Seen = tuple[int, str, Any]
"""Status, content type, and the body with what may differ made the same."""

_PORT = re.compile(r":[1-9]\d{3,4}\b")
_LOOKUP = re.compile(r'(lookup (?!tcp/)[^: "]*[A-Za-z][^: "]*)(?: on [^"]*|: [^"]*)')


@contextmanager
def addresses() -> Iterator[dict[str, str]]:
    """What stands for ``$BUSY`` and ``$FREE`` while this lasts."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = f"127.0.0.1:{taken.getsockname()[1]}"
        yield {"$BUSY": busy, "$FREE": f"127.0.0.1:{free_port()}"}


def ask_all(url: str, asks: Iterable[Ask], known: dict[str, str]) -> list[Seen]:
    """Send them, one after another, to a server without proxies; it has none afterwards."""
    client = Client(url)
    client.wipe()
    answers = [_ask(client, ask, known) for ask in asks]
    client.wipe()
    return answers


def _ask(client: Client, ask: Ask, known: dict[str, str]) -> Seen:
    body = ask.body if ask.body is None or isinstance(ask.body, str) else json.dumps(ask.body)
    for name, address in known.items():
        body = body and body.replace(name, address)
    answer = client.send(ask.method, ask.path, body, agent=ask.agent)
    return answer.status, answer.kind, _same(answer.text)


def without_resolver(text: str) -> str:
    """The text without why a host was not found, if it can be a name: that is said in the words of
    the machine's resolver."""
    return _LOOKUP.sub(r"\1", text)


def _same(text: str) -> Any:
    """The body without what nobody decides: ports are chosen at random, and see above."""
    text = without_resolver(_PORT.sub(":PORT", text))
    try:
        return json.loads(text)
    except ValueError:
        return text


def differences(
    asks: Iterable[Ask], ours: Iterable[Seen], theirs: Iterable[Seen]
) -> dict[str, tuple[Seen, Seen]]:
    """Each request that was answered differently, with both answers."""
    return {
        str(ask): (mine, real)
        for ask, mine, real in zip(asks, ours, theirs, strict=True)
        if mine != real
    }
