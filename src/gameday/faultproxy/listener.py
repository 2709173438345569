"""How a listener ends without losing a connection that it has just accepted."""

import asyncio

TURNS = 5
"""Turns of the loop until a connection that is accepted has its protocol, and a few more."""


async def close(server: asyncio.Server) -> None:
    """Accept no more; what was accepted until now gets its protocol first. Then close the sockets.

    Until Python 3.12 a server that closes in the turns between leaves such a connection open for
    ever: its transport fails half-made, and nobody is told.
    """
    loop = asyncio.get_running_loop()
    for sock in server.sockets:
        loop.remove_reader(sock)
    for _ in range(TURNS):
        await asyncio.sleep(0)
    server.close()
