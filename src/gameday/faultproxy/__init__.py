"""A stand-alone asyncio TCP fault proxy that speaks Toxiproxy 2.12's HTTP API.

It imports nothing else of gameday. Run it with ``python -m gameday.faultproxy``, or embed it::

    async with FaultProxy("127.0.0.1", 0) as server:
        print(server.url)
"""

from gameday.faultproxy.server import FaultProxy

__all__ = ["FaultProxy"]
