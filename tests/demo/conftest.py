"""A running shop, and what tests ask of it."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gameday.demo import Shop

DEADLINE_S = 30.0
RATE = 40.0


def until(what: str, holds: Callable[[], bool]) -> None:
    """Look again and again until it holds, and fail at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.03)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists()
    return text.rpartition(")")[2].split()[0] not in ("Z", "X")


class Bench:
    """Pulls the shop's levers and reads its gauges."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.env = dict(shop.env)

    def call(self, method: str, service: str, path: str, value: object = None) -> tuple[int, Any]:
        """Send a request to a service named as in SHOP_<NAME>_URL."""
        data = None if value is None else json.dumps(value).encode()
        url = self.env[f"SHOP_{service}_URL"] + path
        request = urllib.request.Request(url, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, body = error.code, error.read()
        return status, json.loads(body) if body else None

    def do(self, method: str, service: str, path: str, value: object = None) -> Any:
        """Like call, but anything other than success fails the test."""
        status, answer = self.call(method, service, path, value)
        assert 200 <= status < 300, (status, answer)
        return answer

    def stats(self) -> Any:
        """What users saw in the last half second."""
        return self.do("GET", "TRAFFIC", "/stats?window=0.5")

    def wait_all_fail(self) -> None:
        until("every checkout fails", lambda: self._errors() == 1.0)

    def wait_some_fail(self) -> None:
        until("checkouts fail", lambda: self._errors() > 0.0)

    def wait_none_fails(self) -> None:
        until("checkouts work", lambda: self._errors() == 0.0)

    def _errors(self) -> float:
        stats = self.stats()
        # no request of late proves nothing, neither good nor bad
        return float(stats["error_rate"]) if stats["requests"] else 0.5


StartShop = Callable[..., Bench]


@pytest.fixture
def start_shop(tmp_path: Path) -> Iterator[StartShop]:
    """Start a shop with the given options; it is stopped after the test."""
    with ExitStack() as shops:

        def start(**options: Any) -> Bench:
            return Bench(shops.enter_context(Shop(tmp_path / "shop", rate=RATE, **options)))

        yield start


@pytest.fixture
def bench(start_shop: StartShop) -> Bench:
    """A shop with no fault."""
    return start_shop()
