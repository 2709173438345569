"""Send the same requests to both servers and say where the answers differ.

One difference of status is meant, :data:`UNUSABLE_ADDRESS`: ``as_ours`` turns the original's answer
into the one wanted of ours. Its words, and all the rest of it, are compared as they are.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.toxiproxy.ask import Ask
from tests.toxiproxy.client import Answer, Client
from tests.toxiproxy.servers import free_port

Seen = tuple[int, str, Any]
"""Status, content type, and the body with what may differ made the same."""

UNUSABLE_ADDRESS = {"embedded": 400, "real": 500}
"""Each server's status where a proxy cannot listen on its address, however it was given: created,
updated, enabled, populated or reset. Deliberate: to ours it is a mistake in the request."""

_ABOUT_ADDRESS = re.compile(r"(listen tcp|address|lookup)[: ]")
_PORT = re.compile(r":[1-9]\d{3,4}\b")
_LOOKUP = re.compile(r'(lookup (?!tcp/)[^: "]*[A-Za-z][^: "]*)(?: on [^"]*|: [^"]*)')


@contextmanager
def addresses() -> Iterator[dict[str, str]]:
    """What stands for ``$BUSY`` and ``$FREE`` while this lasts."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = f"127.0.0.1:{taken.getsockname()[1]}"
        yield {"$BUSY": busy, "$FREE": f"127.0.0.1:{free_port()}"}


def as_it_is(answer: Answer) -> Answer:
    """The answer."""
    return answer


def as_ours(real: Answer) -> Answer:
    """What ours has to answer where the original answers so."""
    ours, theirs = UNUSABLE_ADDRESS["embedded"], UNUSABLE_ADDRESS["real"]
    if real.status != theirs or not _ABOUT_ADDRESS.match(real.json["error"]):
        return real
    text = real.text.replace(f'"status":{theirs}', f'"status":{ours}', 1)
    return Answer(ours, real.kind, text)


Turn = Callable[[Answer], Answer]


def ask_all(
    url: str, asks: Iterable[Ask], known: dict[str, str], turn: Turn = as_it_is
) -> list[Seen]:
    """Send them, one after another, to a server without proxies; it has none afterwards.

    turn: what is made of each answer before it is compared.
    """
    client = Client(url)
    client.wipe()
    answers = [_seen(turn(_ask(client, ask, known))) for ask in asks]
    client.wipe()
    return answers


def _ask(client: Client, ask: Ask, known: dict[str, str]) -> Answer:
    body = ask.body if ask.body is None or isinstance(ask.body, str) else json.dumps(ask.body)
    for name, address in known.items():
        body = body and body.replace(name, address)
    return client.send(ask.method, ask.path, body, agent=ask.agent)


def _seen(answer: Answer) -> Seen:
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
