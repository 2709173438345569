"""A way to the API server that can be closed: our own fault proxy, which stands before it. kubectl,
which looks on, has a way of its own."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from tests.acceptance.program import Program, finish
from tests.kubernetes_faults.place import SERVER, Place


@dataclass(frozen=True)
class Way:
    """An open way. One that hangs says nothing, as a server that has lost its network."""

    api: str
    listen: str

    @classmethod
    @contextmanager
    def made(cls, directory: Path) -> Iterator[Way]:
        """A proxy of its own, gone in the end."""
        config = directory / "proxies.json"
        upstream = SERVER.removeprefix("https://")
        server = {"name": "server", "listen": "127.0.0.1:0", "upstream": upstream}
        config.write_text(json.dumps([server]), encoding="utf-8")
        running = Program(directory).start("proxy", "serve", "--port", "0", "--config", str(config))
        try:
            assert running.stdout is not None
            api = running.stdout.readline().split()[-1]
            with urllib.request.urlopen(f"{api}/proxies/server", timeout=10) as answer:
                yield cls(api, json.load(answer)["listen"])
        finally:
            running.send_signal(signal.SIGTERM)
            finish(running)

    @property
    def server(self) -> str:
        """The API server's address, by this way."""
        return f"https://{self.listen}"

    def to(self, place: Place) -> Place:
        """A place as gameday is to name it."""
        return replace(place, server=self.server)

    def kubeconfig(self, real: str, file: Path) -> str:
        """Write a kubeconfig that leads to the cluster only by this way; returns its path."""
        config = yaml.safe_load(Path(real).read_text(encoding="utf-8"))
        config["clusters"][0]["cluster"]["server"] = self.server
        file.write_text(json.dumps(config), encoding="utf-8")
        return str(file)

    def close(self) -> None:
        """Connections are refused from now on, and those there are end."""
        self._send("POST", "/proxies/server", {"enabled": False})

    def hang(self) -> None:
        """Nothing is answered from now on."""
        self._toxic("timeout", {"timeout": 0})

    def cut_after(self, size: int) -> None:
        """Each connection ends once the server has answered so many bytes."""
        self._toxic("limit_data", {"bytes": size})

    def open(self) -> None:
        """As at first."""
        self._send("POST", "/reset", {})

    def _toxic(self, kind: str, attributes: dict[str, int]) -> None:
        toxic = {"name": kind, "type": kind, "attributes": attributes}
        self._send("POST", "/proxies/server/toxics", toxic)

    def _send(self, method: str, path: str, body: object) -> None:
        request = urllib.request.Request(self.api + path, json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request, timeout=10):
            pass
