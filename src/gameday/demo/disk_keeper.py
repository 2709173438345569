"""Disk keeper: tells how full a volume is, and cleans it up when it stays nearly full.

It runs beside whatever uses the volume. Only files of one pattern are scratch and may go, the
largest first.
"""

import argparse
import asyncio
import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from gameday.demo.http_server import HttpServer
from gameday.demo.messages import Reply, Request, Routes
from gameday.demo.process import announce, argument_parser, die_with_parent, run

FULL = 0.9
LOOK_S = 0.5
PATIENCE_S = 5.0
SCRATCH = "*-fill-*"


def used_share(directory: Path) -> float:
    """Share of a directory's volume that is used."""
    usage = shutil.disk_usage(directory)
    return usage.used / usage.total


class DiskKeeper:
    """Looks at a directory's volume. ``patience_s``: how long it may stay nearly full, so that
    an alert is seen; None leaves the cleaning to people."""

    def __init__(
        self,
        directory: Path,
        scratch: str,
        patience_s: float | None,
        used: Callable[[Path], float] = used_share,
    ) -> None:
        self._directory = directory
        self._used = used
        self._scratch = scratch
        self._patience_s = patience_s
        self._full_since: float | None = None
        self._cleaned = 0

    def routes(self) -> Routes:
        """Return what it serves."""
        return {
            ("GET", "/disk"): self.disk,
            ("GET", "/disk/metrics"): self.metrics,
            ("POST", "/admin/clean"): self.clean,
        }

    @property
    def used(self) -> float:
        """Share of the volume that is used."""
        return self._used(self._directory)

    async def disk(self, _request: Request) -> Reply:
        """Show how full it is, and how many files were cleaned away; 503 when nearly full."""
        used = self.used
        status = HTTPStatus.SERVICE_UNAVAILABLE if used > FULL else HTTPStatus.OK
        return Reply.of({"used": round(used, 4), "cleaned": self._cleaned}, status)

    async def metrics(self, _request: Request) -> Reply:
        """The same as Prometheus reads it."""
        text = (
            "# TYPE disk_used_ratio gauge\n"
            f"disk_used_ratio {self.used:.4f}\n"
            "# TYPE disk_cleaned_files_total counter\n"
            f"disk_cleaned_files_total {self._cleaned}\n"
        )
        return Reply(HTTPStatus.OK, text.encode(), "text/plain; version=0.0.4; charset=utf-8")

    async def clean(self, request: Request) -> Reply:
        """Remove all scratch files."""
        self._remove(self._scratch_files())
        return await self.disk(request)

    async def keep(self) -> None:
        """Look again and again; clean up when it stays nearly full."""
        while True:
            self.look(time.monotonic())
            await asyncio.sleep(LOOK_S)

    def look(self, now: float) -> None:
        """Clean up if it has been nearly full for too long at ``now`` (monotonic seconds)."""
        if self.used <= FULL:
            self._full_since = None
            return
        if self._full_since is None:
            self._full_since = now
        if self._patience_s is not None and now - self._full_since >= self._patience_s:
            self._remove(self._scratch_files()[:1])

    def _scratch_files(self) -> list[Path]:
        return sorted(self._directory.glob(self._scratch), key=_size, reverse=True)

    def _remove(self, files: Sequence[Path]) -> None:
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # whoever wrote it removed it
                file.unlink()
                self._cleaned += 1


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


async def serve(args: argparse.Namespace, stopped: asyncio.Event) -> None:
    """Serve until stopped."""
    patience = args.patience if args.patience > 0 else None
    keeper = DiskKeeper(Path(args.directory), args.scratch, patience)
    keeping = asyncio.create_task(keeper.keep())
    try:
        async with HttpServer("disk", keeper.routes(), args.host, args.port) as server:
            announce("disk", server.url)
            await stopped.wait()
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process."""
    parser = argument_parser("disk_keeper", "Keeps the demo shop's disk from running full.")
    parser.add_argument("--directory", required=True, help="where the volume is mounted")
    parser.add_argument("--scratch", default=SCRATCH, help="files that may go (%(default)s)")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_S,
        help="seconds it may stay nearly full, 0 for ever (%(default)s)",
    )
    args = parser.parse_args(argv)
    if args.watch_stdin:
        die_with_parent()
    return run(serve, args, "disk")


if __name__ == "__main__":
    sys.exit(main())
