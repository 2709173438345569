"""What the servers are started with, and what they count."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from tests.toxiproxy import peers
from tests.toxiproxy.client import Answer, Client
from tests.toxiproxy.peers import DEADLINE, connect, read
from tests.toxiproxy.servers import running

CONFIG = [
    {"name": "on", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"},
    {"name": "off", "listen": "127.0.0.1:1234", "upstream": "up:2", "enabled": False, "more": [1]},
    {"NAME": "any case", "Listen": "[::1]:0", "upSTREAM": "127.0.0.1:1", "enabled": True},
    {"name": "any address", "upstream": "127.0.0.1:1"},
]
_PORT = re.compile(r":\d{4,5}\b")
OPTIONS = {"embedded": (), "real": ("-proxy-metrics",)}
"""Toxiproxy has metrics only on demand."""


@pytest.mark.needs_toxiproxy
def test_both_read_the_same_configuration_file(tmp_path: Path) -> None:
    file = tmp_path / "toxiproxy.json"
    file.write_text(json.dumps(CONFIG), encoding="utf-8")
    seen = []
    for kind in ("embedded", "real"):
        with running(kind, 0, "--config", str(file)) as server:
            answer = Client(server.url).send("GET", "/proxies")
            seen.append((answer.status, json.loads(_PORT.sub(":PORT", answer.text))))
    ours, theirs = seen
    assert ours == theirs
    assert set(ours[1]) == {"on", "off", "any case", "any address"}


def counted(kind: str) -> Answer:
    """The metrics of a server after ten bytes each way, once all of them are counted."""
    with running(kind, 0, *OPTIONS[kind]) as server, peers.upstream(peers.echo) as upstream:
        client = Client(server.url)
        with connect(client.proxy(upstream.address, name='a"b\\c\nd')) as connection:
            connection.sendall(pattern := peers.pattern(10))
            assert read(connection, 10) == pattern
        client.wipe()
        deadline = time.monotonic() + DEADLINE
        while (metrics := client.send("GET", "/metrics")).text.count("} 10\n") < 4:
            assert time.monotonic() < deadline, metrics
        client.send("DELETE", "/proxies/p")
        return metrics


def lines(metrics: Answer) -> list[str]:
    """The lines with ports made the same; what a help text says is for each to choose."""
    return [
        _PORT.sub(":PORT", line)
        for line in metrics.text.splitlines()
        if "toxiproxy_" in line and not line.startswith("# HELP")
    ]


@pytest.mark.needs_toxiproxy
def test_both_count_the_same_bytes_in_the_same_words() -> None:
    ours, theirs = counted("embedded"), counted("real")
    assert (ours.status, ours.kind) == (theirs.status, theirs.kind)
    assert lines(ours) == lines(theirs)
    assert len(lines(ours)) == 6
