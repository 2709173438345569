"""The database: stock levels in SQLite, spoken to in lines of JSON over TCP.

A primary takes reads and writes and ships every write to its standby. A standby takes reads, and
writes only from its primary, until it is promoted.
"""

import argparse
import asyncio
import contextlib
import json
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gameday.demo.line_client import LineClient, LineError
from gameday.demo.process import announce, argument_parser, die_with_parent, run

QUERY_S = 0.003
SHIP_TIMEOUT_S = 1.0
SHIP_PAUSE_S = 0.2
SHIP_BACKLOG = 10_000
IDLE_TIMEOUT_S = 600.0
SEED = {"book": 1000, "lamp": 500, "mug": 2000, "chair": 80}


class RefusedError(Exception):
    """A request that is not understood or not allowed now."""


class Database:
    """One SQLite file, and whether this process may write to it."""

    def __init__(self, file: Path, primary: bool) -> None:
        # WAL and synchronous=OFF: the demo's data may be lost, the demo's disk must not be slow
        self._store = sqlite3.connect(file, isolation_level=None)
        self._store.execute("PRAGMA journal_mode=WAL")
        self._store.execute("PRAGMA synchronous=OFF")
        self._store.execute(
            "CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL)"
        )
        self._standby = not primary
        self.primary = primary
        self.to_ship: asyncio.Queue[tuple[str, int]] = asyncio.Queue(SHIP_BACKLOG)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def seed(self) -> None:
        """Put goods on the shelves where there are none."""
        for sku, quantity in SEED.items():
            if self._get(sku)["quantity"] is None:
                self._set(sku, quantity)

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request. Raises RefusedError."""
        match request:
            case {"op": "get", "sku": str(sku)}:
                return self._get(sku)
            case {"op": "set", "sku": str(sku), "quantity": int(quantity)}:
                return self._set(sku, quantity)
            case {"op": "ship", "sku": str(sku), "quantity": int(quantity)}:
                return self._take_shipped(sku, quantity)
            case {"op": "promote", "on": bool(on)}:
                self.primary = on or not self._standby
                return {"primary": self.primary}
            case {"op": "role"}:
                return {"primary": self.primary}
        raise RefusedError("unknown request")

    def _get(self, sku: str) -> dict[str, Any]:
        row = self._store.execute("SELECT quantity FROM stock WHERE sku = ?", (sku,)).fetchone()
        return {"quantity": None if row is None else row[0]}

    def _set(self, sku: str, quantity: int) -> dict[str, Any]:
        if not self.primary:
            raise RefusedError("read-only: this is a standby")
        self._write(sku, quantity)
        self._queue(sku, quantity)
        return {"quantity": quantity}

    def _take_shipped(self, sku: str, quantity: int) -> dict[str, Any]:
        if self.primary:
            raise RefusedError("this is no standby any more")
        self._write(sku, quantity)
        return {}

    def _write(self, sku: str, quantity: int) -> None:
        self._store.execute("INSERT OR REPLACE INTO stock VALUES (?, ?)", (sku, quantity))

    def _queue(self, sku: str, quantity: int) -> None:
        if not self._standby and not self.to_ship.full():
            self.to_ship.put_nowait((sku, quantity))


async def ship(database: Database, standby: LineClient) -> None:
    """Send writes to the standby for as long as the process lives, each until it is taken.

    This is a replication stream, not a request: it has no end, but it pauses between attempts.
    """
    while True:
        sku, quantity = await database.to_ship.get()
        shipped = False
        while not shipped:
            try:
                await standby.ask({"op": "ship", "sku": sku, "quantity": quantity})
                shipped = True
            except LineError:
                await asyncio.sleep(SHIP_PAUSE_S)


class _Server:
    """Accepts clients of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.clients: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self.clients.add(task)
        task.add_done_callback(self.clients.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                async with asyncio.timeout(IDLE_TIMEOUT_S):
                    line = await reader.readline()
                if not line:
                    return
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass  # the client is gone, idle for long, or sends lines without end
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        await asyncio.sleep(QUERY_S)
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise RefusedError("not an object")
            return {"ok": True, **self._database.answer(request)}
        except (ValueError, RefusedError) as error:
            return {"ok": False, "error": str(error)}


async def serve(args: argparse.Namespace, stopped: asyncio.Event) -> None:
    """Serve until stopped."""
    database = Database(Path(args.file), primary=args.role == "primary")
    standby = LineClient(args.standby, SHIP_TIMEOUT_S) if args.standby else None
    if database.primary:
        database.seed()
    server = _Server(database)
    listener = await asyncio.start_server(server.accept, args.host, args.port)
    host, port = listener.sockets[0].getsockname()[:2]
    announce(args.name, f"tcp://{host}:{port}")
    shipping = asyncio.create_task(ship(database, standby)) if standby else None
    try:
        await stopped.wait()
    finally:
        listener.close()
        tasks = [*server.clients, *([shipping] if shipping else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if standby:
            await standby.close()
        database.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process."""
    parser = argument_parser("database", "The demo shop's database.")
    parser.add_argument("--name", default="db", help="what it calls itself")
    parser.add_argument("--file", required=True, help="the SQLite file")
    parser.add_argument("--role", choices=("primary", "standby"), default="primary")
    parser.add_argument("--standby", default="", help="host:port to ship writes to")
    args = parser.parse_args(argv)
    if args.watch_stdin:
        die_with_parent()
    return run(serve, args, args.name)


if __name__ == "__main__":
    sys.exit(main())
