"""Put a proxy back as it was before a fault, also when its server is wedged.

The ladder, climbed only as far as needed:

1. Delete the fault's toxic and repair what else differs. No connection is touched.
2. Delete the proxy and create it again. That cuts its connections, and with them the stalled
   reader that Toxiproxy's toxics can wait for without an end.
3. Say that the fault is stuck. Toxiproxy 2.12 deadlocks for good when a connection arrives while
   the deletion of a toxic hangs; only its restart helps. It forgets everything then, and the next
   try creates the proxy.
"""

from __future__ import annotations

import time

from gameday.adapters.toxiproxy.client import TIMEOUT, Toxiproxy, ToxiproxyFailure
from gameday.adapters.toxiproxy.prior import Proxy, changed, lasting, misplaced
from gameday.engine.faults import FaultFailure

PATIENCE = 0.5
"""Seconds to wait for a toxic to be deleted. A healthy server needs a few milliseconds, and in a
wedged one every moment may bring the connection that deadlocks it."""

_STEP = 0.05
_UNAVAILABLE = 503  # what Toxiproxy says itself, after 25 s, when it is wedged
_MAY_PASS = (409, 500, 400)
"""The name is still taken, or the address: that is a 500 of Toxiproxy, a 400 of the embedded."""


def put_back(server: Toxiproxy, prior: Proxy, ours: str = "") -> None:
    """Restore the proxy; ``ours``: name of the fault's toxic, "" for none. Can be repeated.

    A proxy that was enabled is enabled again, whoever has disabled it: nothing on the server tells
    a fault that is still meant from one that was left behind, and leaving one would be worse.
    Raises FaultFailure with the reason when no rung of the ladder holds.
    """
    try:
        if _repaired(server, prior, ours):
            return
    except ToxiproxyFailure as failure:
        if failure.status not in (0, _UNAVAILABLE):
            raise  # it answers and says no: a fresh proxy would fare no better
    try:
        _create_again(server, prior)
    except ToxiproxyFailure as failure:
        if failure.status:
            raise
        raise FaultFailure(
            f"{failure}; start or restart that server, then the proxy is created again"
        ) from failure


def _repaired(server: Toxiproxy, prior: Proxy, ours: str) -> bool:
    """The first rung. False when the proxy is gone: that is no undo."""
    name = prior["name"]
    now = server.proxy(name)
    if now is None:
        return False
    if any(item["name"] == ours for item in now["toxics"]):
        server.delete_toxic(name, ours, PATIENCE)
    delete, add = misplaced(now, prior)
    for item in delete:
        server.delete_toxic(name, item["name"], PATIENCE)
    for item in changed(now, prior):
        if item not in add:
            server.update_toxic(name, item)
    for item in add:
        server.add_toxic(name, item)
    if prior["enabled"] and not now["enabled"]:
        server.update(name, {"enabled": True})
    return True


def _create_again(server: Toxiproxy, prior: Proxy) -> None:
    """The second rung."""
    server.delete(prior["name"])
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            server.create(prior)
            break
        except ToxiproxyFailure as failure:  # the old listener may still be closing
            if failure.status not in _MAY_PASS or time.monotonic() >= deadline:
                raise
            time.sleep(_STEP)
    for toxic in lasting(prior["toxics"]):
        server.add_toxic(prior["name"], toxic)
