"""Parts of the shop that only the cluster has: a shared cache, a disk keeper, releases with
defects."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from gameday.demo.breaker import Breaker, BreakerState
from gameday.demo.cache import Cache
from gameday.demo.checkout import Checkout
from gameday.demo.dependency import Dependency
from gameday.demo.disk_keeper import DiskKeeper
from gameday.demo.http_server import HttpServer
from gameday.demo.messages import Request
from gameday.demo.stock_cache import OwnCache, SharedCache

DEAD = "http://127.0.0.1:9"


def test_replicas_share_what_the_cache_knows() -> None:
    async def main() -> None:
        async with HttpServer("cache", Cache().routes(), "127.0.0.1", 0) as server:
            one, other = SharedCache(server.url), SharedCache(server.url)
            assert await other.get("book") is None
            await one.put("book", 7)
            for _ in range(500):  # it is told in the background
                if await other.get("book") == 7:
                    break
                await asyncio.sleep(0.01)
            assert await other.get("book") == 7
            assert await other.size() == 1
            await one.close()
            await other.close()

    asyncio.run(main())


def test_a_cache_that_is_away_knows_nothing_and_fails_nobody() -> None:
    async def main() -> None:
        away = SharedCache(DEAD)
        await away.put("book", 7)
        assert await away.get("book") is None
        assert await away.size() == 0
        await away.close()

    asyncio.run(main())


class Volume:
    """A volume of 100 bytes."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __call__(self, _directory: Path) -> float:
        return sum(file.stat().st_size for file in self.directory.iterdir()) / 100


def test_a_disk_that_stays_nearly_full_is_cleaned_of_scratch_alone(tmp_path: Path) -> None:
    keeper = DiskKeeper(tmp_path, "*-fill-*", 5.0, Volume(tmp_path))
    data, big, small = (tmp_path / name for name in ("stock.sqlite", "x-fill-1", "x-fill-2"))
    data.write_bytes(bytes(30))
    small.write_bytes(bytes(5))
    keeper.look(0)
    big.write_bytes(bytes(60))
    for now in (1, 5.9):
        keeper.look(now)
        assert big.exists(), "too soon: nobody could see an alert"
    keeper.look(6)
    assert not big.exists()
    assert small.exists(), "one file was enough"
    assert data.exists()
    keeper.look(20)
    assert small.exists()


def test_a_disk_that_is_left_to_people_stays_full(tmp_path: Path) -> None:
    keeper = DiskKeeper(tmp_path, "*-fill-*", None, Volume(tmp_path))
    (tmp_path / "x-fill-1").write_bytes(bytes(95))
    for now in (0, 1000):
        keeper.look(now)
    answer = asyncio.run(keeper.disk(Request("GET", "/disk")))
    assert (answer.status, json.loads(answer.body)["used"]) == (503, 0.95)
    cleaned = asyncio.run(keeper.clean(Request("POST", "/admin/clean")))
    assert json.loads(cleaned.body) == {"used": 0.0, "cleaned": 1}


def test_a_release_with_a_defect_fails_as_many_orders_as_it_says() -> None:
    async def main() -> None:
        services = [Dependency(n, DEAD, 0.1, Breaker(BreakerState.CLOSED)) for n in ("i", "p")]
        checkout = Checkout(services[0], services[1], OwnCache(), fail_share=1.0)
        answer = await checkout.checkout(Request("POST", "/checkout"))
        assert answer.status == 500
        assert "defect" in json.loads(answer.body)["error"]
        for service in services:
            await service.close()

    asyncio.run(main())
