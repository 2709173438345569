"""Which processes make the shop, how each is started, and where they find each other."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gameday.demo.ports import Ports

PROXY_COMMAND = (sys.executable, "-m", "gameday.faultproxy", "--watch-stdin")
"""Starts the fault proxy; ``--host`` and ``--port`` are added. It must print a line with
``listening on http://HOST:PORT`` once its API answers, and exit at the end of its input."""

STAGES = (("proxy", "db-standby", "payments"), ("db",), ("inventory",), ("checkout",), ("traffic",))
"""The processes in the order they start; those of one stage start together."""

NAMES = tuple(name for stage in STAGES for name in stage)
PROXIED = {"inventory": "inventory", "payments": "payments", "database": "db"}
"""Name of each proxy, and the process it leads to."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the shop was asked to be."""

    directory: Path
    host: str = "127.0.0.1"
    rate: float = 20.0
    port_base: int | None = None
    auto_breaker: bool = False
    proxy_command: Sequence[str] = PROXY_COMMAND


class Topology:
    """Every address and command line, decided before anything starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        ports = Ports(settings.host, settings.port_base)
        self.supervisor_address = (settings.host, ports.take())
        self._ports = {name: ports.take() for name in NAMES}
        self._proxy_ports = {name: ports.take() for name in PROXIED}

    def address(self, process: str) -> str:
        """Return ``host:port`` of a process itself."""
        return f"{self._settings.host}:{self._ports[process]}"

    def proxied(self, proxy: str) -> str:
        """Return ``host:port`` where a proxy listens."""
        return f"{self._settings.host}:{self._proxy_ports[proxy]}"

    def proxies(self) -> list[dict[str, object]]:
        """Return the proxies as Toxiproxy's ``POST /populate`` takes them."""
        return [
            {"name": name, "listen": self.proxied(name), "upstream": self.address(process)}
            for name, process in PROXIED.items()
        ]

    def pidfile(self, process: str) -> Path:
        """Return the file that holds a process's id."""
        return self._settings.directory / f"{process}.pid"

    def command(self, process: str) -> tuple[str, ...]:
        """Return the command line of a process."""
        listen = ("--host", self._settings.host, "--port", str(self._ports[process]))
        if process == "proxy":
            return (*self._settings.proxy_command, *listen)
        module = "database" if process.startswith("db") else process
        python = (sys.executable, "-m", f"gameday.demo.{module}", "--watch-stdin")
        return (*python, *listen, *self._extra(process))

    def _extra(self, process: str) -> tuple[str, ...]:
        settings = self._settings
        match process:
            case "db" | "db-standby":
                file = str(settings.directory / f"{process}.sqlite")
                role = ("primary", "--standby", self.address("db-standby"))
                roles = role if process == "db" else ("standby",)
                return ("--name", process, "--file", file, "--role", *roles)
            case "inventory":
                standby = self.address("db-standby")
                return ("--primary", self.proxied("database"), "--standby", standby)
            case "checkout":
                auto = ("--auto-breaker",) if settings.auto_breaker else ()
                services = ("inventory", "payments")
                return (*(part for name in services for part in self._service(name)), *auto)
            case "traffic":
                checkout = f"http://{self.address('checkout')}"
                return ("--checkout", checkout, "--rate", str(settings.rate))
        return ()

    def _service(self, name: str) -> tuple[str, str]:
        return f"--{name}", f"http://{self.proxied(name)}"

    def env(self) -> dict[str, str]:
        """Return what scenarios know the shop by."""
        env = {
            f"SHOP_{name.upper()}_URL": f"http://{self.address(name)}"
            for name in ("checkout", "inventory", "payments", "traffic", "proxy")
        }
        for name in ("inventory", "payments"):
            env[f"SHOP_{name.upper()}_PROXY_URL"] = f"http://{self.proxied(name)}"
        env["SHOP_SUPERVISOR_URL"] = "http://{}:{}".format(*self.supervisor_address)
        env["SHOP_DB_ADDRESS"] = self.address("db")
        env["SHOP_DB_STANDBY_ADDRESS"] = self.address("db-standby")
        env["SHOP_DB_PROXY_ADDRESS"] = self.proxied("database")
        for name in (*NAMES, "supervisor"):
            env[f"SHOP_{name.upper().replace('-', '_')}_PIDFILE"] = str(self.pidfile(name))
        return env
