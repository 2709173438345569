"""Loaded by the fork server before the first worker that will call Toxiproxy, as process/warm.py
is before every other: what each of them would pay for is paid once.

Loading httpx is the greater part of it. The rest is its first call, which writes to hundreds of
pages that a worker shares with its parent until then; so a few are made here, to nobody.
"""

import sys
from typing import Any, cast

# httpx's own command line, which no worker has a use for, brings rich and pygments: 30 of 40 ms.
cast("dict[str, Any]", sys.modules).setdefault("httpx._main", None)

import httpcore  # noqa: E402

import gameday.adapters.toxiproxy.actions  # noqa: E402, F401
from gameday.adapters.toxiproxy import wire  # noqa: E402

CALLS = 10
"""As many as Python needs to have seen a function before it leaves its code as it is."""

for _ in range(CALLS):
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    nobody = httpcore.MockBackend([answer])
    wire.call("POST", "http://127.0.0.1:8474/proxies/p", b"{}", 10.0, nobody)
