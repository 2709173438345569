"""The shop as a blocking context manager, for the CLI and for tests."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_S = 60.0
STOP_S = 4.0
POLL_S = 0.02
KEPT_CHARS = 4000


class ShopError(Exception):
    """The shop did not come up, or is gone; the text ends with the supervisor's last output."""


class Shop:
    """Runs the shop's supervisor as a subprocess: ready on entry, all stopped on exit.

    ``directory`` takes the state file, pidfiles, databases and the supervisor's log. ``rate`` is
    in checkouts a second, ``restart_after`` in seconds (None: the dead stay dead).
    """

    def __init__(
        self,
        directory: Path,
        *,
        rate: float = 20.0,
        restart_after: float | None = None,
        auto_breaker: bool = False,
        port_base: int | None = None,
    ) -> None:
        self._directory = directory.absolute()
        self._options: list[str] = ["--rate", str(rate)]
        if restart_after is not None:
            self._options += ["--restart-after", str(restart_after)]
        if port_base is not None:
            self._options += ["--port-base", str(port_base)]
        if auto_breaker:
            self._options.append("--auto-breaker")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def state_file(self) -> Path:
        """The file that tells where everything is."""
        return self._directory / "state.json"

    @property
    def state(self) -> dict[str, Any]:
        """What the state file says now: ``env``, ``pids``, ``pidfiles``.

        Raises ShopError when the shop is not running.
        """
        try:
            state: dict[str, Any] = json.loads(self.state_file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ShopError(f"the shop is not running\n{self._last_output()}") from error
        return state

    @property
    def env(self) -> Mapping[str, str]:
        """The environment variables that scenarios find the shop by."""
        env: Mapping[str, str] = self.state["env"]
        return env

    @property
    def pids(self) -> Mapping[str, int]:
        """The process ids, those of restarted processes included."""
        pids: Mapping[str, int] = self.state["pids"]
        return pids

    def start(self) -> None:
        """Start it and wait until it sells. Raises ShopError, with nothing left running."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self.state_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "gameday.demo", "--state", str(self.state_file)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--watch-stdin", *self._options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us; we stop it in order
            )
        try:
            self._wait_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, however it has to be done. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # the supervisor sees this even if it was never told to stop
        for last_word in (process.terminate, process.kill):
            try:
                process.wait(STOP_S)
                break
            except subprocess.TimeoutExpired:
                last_word()
        process.wait(STOP_S)
        self.state_file.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Start it. Raises ShopError."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def _log(self) -> Path:
        return self._directory / "supervisor.log"

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_S
        while not self.state_file.exists():
            if process.poll() is not None:
                raise ShopError(f"the shop exited {process.returncode}\n{self._last_output()}")
            if time.monotonic() > deadline:
                raise ShopError(f"not ready within {START_S:g} s\n{self._last_output()}")
            time.sleep(POLL_S)

    def _last_output(self) -> str:
        if not self._log.exists():
            return ""
        return self._log.read_text(encoding="utf-8", errors="replace")[-KEPT_CHARS:]


def _environment() -> dict[str, str]:
    """Return our environment, with the place this package was imported from on the path."""
    root = str(Path(__file__).resolve().parents[2])
    paths: Sequence[str] = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
