"""The fork server behind the guardian's nursery: births, deaths, and its own end."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gameday.adapters.process import forkserver
from gameday.adapters.process.groups import kill_group
from gameday.adapters.process.nursery import Born, Died, Nursery, Stillborn
from tests.adapters.workers.drilling import until

News = list[Born | Stillborn | Died]


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """A nursery that needs no chaoslib."""
    nursery = Nursery(["no_such_module"])
    yield nursery
    nursery.close()


def next_news(nursery: Nursery, count: int = 1) -> News:
    """That many news."""
    heard: News = []
    while len(heard) < count:
        assert select.select([nursery], [], [], 20.0)[0], f"heard only {heard}"
        heard += nursery.news()
    return heard


def parent(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def born(nursery: Nursery, number: int) -> Born:
    nursery.ask(number)
    (news,) = next_news(nursery)
    assert isinstance(news, Born)
    assert news.number == number
    return news


def test_a_worker_is_born_and_its_death_is_told(nursery: Nursery) -> None:
    worker = born(nursery, 7).worker
    until(lambda: os.getpgid(worker.pid) == worker.pid)  # it leads a group of its own
    kill_group(worker.pid)
    assert next_news(nursery) == [Died(worker.pid, -signal.SIGKILL)]
    worker.link.close()


def test_a_worker_dies_with_its_channel(nursery: Nursery) -> None:
    worker = born(nursery, 1).worker
    worker.link.close()
    (news,) = next_news(nursery)
    assert isinstance(news, Died)


def test_hundreds_are_born_in_the_order_asked_for(nursery: Nursery) -> None:
    for number in range(200):
        nursery.ask(number)
    news = next_news(nursery, 200)
    assert [item.number for item in news if isinstance(item, Born)] == list(range(200))
    for item in news:
        assert isinstance(item, Born)
        item.worker.link.close()
    assert len({item.pid for item in next_news(nursery, 200) if isinstance(item, Died)}) == 200


def test_when_it_dies_its_workers_are_given_up_and_another_one_takes_over(
    nursery: Nursery,
) -> None:
    worker = born(nursery, 1).worker
    os.kill(parent(worker.pid), signal.SIGKILL)
    assert next_news(nursery) == [Died(worker.pid, None)]
    second = born(nursery, 2).worker
    assert second.pid != worker.pid
    for link in (worker.link, second.link):
        link.close()


def test_what_was_asked_of_a_dead_one_is_asked_again(nursery: Nursery) -> None:
    first = born(nursery, 1).worker
    server = parent(first.pid)
    os.kill(server, signal.SIGSTOP)
    nursery.ask(2)
    os.kill(server, signal.SIGKILL)
    (second,) = [item for item in next_news(nursery, 2) if isinstance(item, Born)]
    assert second.number == 2
    for link in (first.link, second.worker.link):
        link.close()


def test_when_each_one_dies_at_once_the_worker_is_given_up() -> None:
    nursery = Nursery(["tests.adapters.workers.deadly"])
    nursery.ask(1)
    (news,) = next_news(nursery)
    assert isinstance(news, Stillborn)
    assert "fork servers died" in news.reason
    nursery.close()


def test_a_kit_that_cannot_be_loaded_is_a_matter_of_its_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "httpx.py").write_text("raise RuntimeError('a broken installation')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    nursery = Nursery([], forkserver.start([]))
    nursery.ask(1, forkserver.TOXIPROXY)
    nursery.ask(2)
    first, second = next_news(nursery, 2)
    assert isinstance(first, Born)
    assert isinstance(second, Born)
    assert parent(first.worker.pid) == parent(second.worker.pid)
    for born_one in (first, second):
        born_one.worker.link.close()
    nursery.close()


def test_it_ends_with_its_guardian() -> None:
    nursery = Nursery([], forkserver.start([]))
    worker = born(nursery, 1).worker
    server = parent(worker.pid)
    nursery.close()
    until(lambda: not _lives(server))
    worker.link.close()
    until(lambda: not _lives(worker.pid))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
