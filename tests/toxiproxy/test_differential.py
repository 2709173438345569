"""Both servers get the same requests, good and bad, and answer the same: status, content type
and JSON. What differs on purpose stands in DELIBERATE, and nothing stands there in vain; but for
one status, which many answers share: comparing.UNUSABLE_ADDRESS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from tests.toxiproxy.ask import Ask, proxy
from tests.toxiproxy.asks import GROUPS
from tests.toxiproxy.client import Answer, Client
from tests.toxiproxy.comparing import addresses, as_ours, ask_all, differences
from tests.toxiproxy.servers import Server

pytestmark = pytest.mark.needs_toxiproxy

HOUR = 3_600_000
DELIBERATE: dict[str, str] = {
    str(Ask("POST", "/populate", [proxy("twice"), proxy("twice")])): (
        "Toxiproxy answers when all are done, and shows the first as what it is by then: replaced "
        "and disabled. Ours shows each as it was made."
    ),
    str(Ask("POST", "/reset", "one cannot listen")): (
        "Toxiproxy stops at the first proxy that cannot listen and leaves the rest as they are. "
        "Ours goes on, and names those that failed in a further field."
    ),
    str(Ask("GET", "/proxies/t/toxics/half")): (
        "Toxiproxy keeps the attributes before the wrong one of an update it has refused. "
        "Ours changes nothing."
    ),
    str(Ask("GET", "/metrics")): "Toxiproxy has it only when started with a flag.",
    str(
        Ask("POST", "/proxies/t/toxics", {"type": "noop", "name": "v", "expires_in_ms": HOUR})
    ): "Toxiproxy has no time limits and ignores the field.",
    str(
        Ask("PATCH", "/proxies/t", {"enabled": False, "expires_in_ms": HOUR})
    ): "Toxiproxy has no time limits and ignores the field.",
}
"""Requests by their text, and why the answers differ. What ours refuses because it kills Toxiproxy
is never sent there: test_dangerous_attributes.py."""


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group.__name__))
def test_both_answer_the_same(
    group: Callable[[], Iterator[Ask]], embedded_server: Server, real_server: Server
) -> None:
    asks = list(group())
    with addresses() as known:
        ours = ask_all(embedded_server.url, asks, known)
        theirs = ask_all(real_server.url, asks, known, as_ours)
    found = differences(asks, ours, theirs)
    told = "\n".join(
        f"{ask}\n  ours {mine}\n  real {real}"
        for ask, (mine, real) in found.items()
        if ask not in DELIBERATE
    )
    assert not told, f"\n{told}"
    missed = {str(ask) for ask in asks} & DELIBERATE.keys() - found.keys()
    assert not missed, "these do not differ any more"


def test_the_list_is_long_and_its_exceptions_are_few() -> None:
    asks = list(chain.from_iterable(group() for group in GROUPS))
    assert len(asks) > 1000
    assert {str(ask) for ask in asks} >= DELIBERATE.keys()
    assert len(DELIBERATE) < 20


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Ask("GET", "/proxies/nobody"), Ask("GET", "/proxies/p")),  # another status
        (Ask("GET", "/proxies/p/toxics"), Ask("GET", "/proxies/p")),  # other JSON
        (Ask("GET", "/version"), Ask("GET", "/proxies")),  # another content type
    ],
)
def test_the_comparison_can_fail(real_server: Server, first: Ask, second: Ask) -> None:
    """The negative control: two different questions to one server."""
    made = Ask("POST", "/proxies", {"name": "p", "listen": "127.0.0.1:0", "upstream": "x:1"})
    mine, other = (ask_all(real_server.url, [made, ask], {}) for ask in (first, second))
    assert list(differences([made, first], mine, other)) == [str(first)]
    Client(real_server.url).wipe()


@pytest.mark.parametrize(
    ("status", "error", "wanted"),
    [
        (500, "listen tcp 127.0.0.1:1: bind: address already in use", 400),
        (500, "address x: missing port in address", 400),
        (500, "something else went wrong", 500),
        (409, "proxy already exists", 409),
    ],
)
def test_only_the_status_of_an_unusable_address_is_turned(
    status: int, error: str, wanted: int
) -> None:
    def told(code: int) -> Answer:
        return Answer(code, "text/plain", f'{{"error":"{error}","status":{code}}}\n')

    assert as_ours(told(status)) == told(wanted)
