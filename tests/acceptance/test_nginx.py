"""The engine knows nothing of the shop: a plain nginx is drilled in the same way."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import pytest

from gameday.demo.ports import Ports
from tests.acceptance.program import Program, eventually, finish
from tests.parts import find

pytestmark = [pytest.mark.acceptance, pytest.mark.needs_nginx, pytest.mark.timeout(300)]
HERE = Path(__file__).parent / "nginx"
DRILL, RESPONDERS = str(HERE / "slow-primary-drill.yaml"), str(HERE / "responders.yaml")


@dataclass(frozen=True)
class Site:
    """nginx behind a fault proxy: front → proxy → primary, and a backup beside them."""

    url: str
    proxy_api: str
    prefix: Path

    @property
    def env(self) -> dict[str, str]:
        """What the drill's files ask for."""
        return {
            "DRILL_SITE_URL": self.url,
            "DRILL_PROXY_URL": self.proxy_api,
            "DRILL_NGINX": str(find("nginx")),
            "DRILL_PREFIX": str(self.prefix),
            "DRILL_USE_BACKUP": str(HERE / "use-backup"),
        }

    def page(self) -> str:
        """Who answers now."""
        return get(self.url).decode().strip()

    def toxics(self) -> list[Any]:
        """The toxics between front and primary."""
        found: list[Any] = json.loads(get(f"{self.proxy_api}/proxies/primary/toxics"))
        return found


def get(url: str) -> bytes:
    """The body of an answer."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body


@contextmanager
def running(*command: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process while inside, ended politely."""
    process = subprocess.Popen(command, text=True, stdin=subprocess.DEVNULL, **options)
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A running site."""
    prefix = tmp_path / "nginx"
    prefix.mkdir()
    ports = Ports("127.0.0.1")
    front, primary, backup = ports.take(), ports.take(), ports.take()
    with ExitStack() as stack:
        api, slow = stack.enter_context(fault_proxy(tmp_path, primary))
        configure(prefix, {"front": front, "primary": primary, "backup": backup}, slow)
        files = ["-p", str(prefix), "-e", f"{prefix}/error.log", "-c", f"{prefix}/nginx.conf"]
        nginx = stack.enter_context(running(str(find("nginx")), *files))
        found = Site(f"http://127.0.0.1:{front}", api, prefix)
        eventually(lambda: answers(found, nginx), "nginx does not answer")
        yield found


@contextmanager
def fault_proxy(directory: Path, primary: int) -> Iterator[tuple[str, str]]:
    """The embedded fault proxy alone; its API, and where it listens for the primary."""
    proxy = {"name": "primary", "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{primary}"}
    config = directory / "proxies.json"
    config.write_text(json.dumps([proxy]), encoding="utf-8")
    command = (sys.executable, "-m", "gameday.faultproxy", "--port", "0", "--config", str(config))
    with running(*command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        api = process.stdout.readline().rsplit(" ", 1)[-1].strip()
        yield api, json.loads(get(f"{api}/proxies/primary"))["listen"]


def configure(prefix: Path, ports: dict[str, int], slow: str) -> None:
    """Write nginx's files: everything in ``prefix``, loopback only, no root needed."""
    template = Template((HERE / "nginx.conf").read_text(encoding="utf-8"))
    values = {name: str(port) for name, port in ports.items()}
    text = template.substitute(values, prefix=str(prefix))
    (prefix / "nginx.conf").write_text(text, encoding="utf-8")
    (prefix / "upstream.conf").write_text(f"server {slow};\n", encoding="utf-8")
    backup = f"server 127.0.0.1:{ports['backup']};\n"
    (prefix / "backup.conf").write_text(backup, encoding="utf-8")


def answers(site: Site, nginx: subprocess.Popen[str]) -> bool:
    """It is up; an nginx that has ended never will be."""
    if nginx.poll() is not None:
        raise AssertionError((site.prefix / "error.log").read_text(encoding="utf-8"))
    try:
        return site.page() == "primary"
    except OSError:
        return False


@pytest.fixture
def program(site: Site, tmp_path: Path) -> Program:
    """``gameday`` beside the running site."""
    directory = tmp_path / "work"
    directory.mkdir()
    return Program(directory, site.env)


def test_a_plain_nginx_is_drilled_and_its_people_mitigate(site: Site, program: Program) -> None:
    done = program.run(
        "run", DRILL, "--yes", "--headless", "--responders", RESPONDERS, "-o", "json"
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["attribution"] == "responder", done.stderr
    assert report["verdicts"] == {"run": "valid", "system": "recovered", "people": "met"}
    assert report["milestones"]["impacted"] is not None
    assert report["milestones"]["mitigated"] is not None
    assert [fault["verified"] for fault in report["faults"]] == [True]
    assert report["false_all_clears"] == []
    assert site.toxics() == []
    assert site.page() == "backup"


def test_a_plain_nginx_without_people_is_rolled_back(site: Site, program: Program) -> None:
    """The negative control: the same drill, and nobody uses the backup."""
    drill = program.start("run", DRILL, "--yes", "--headless", "-o", "json")
    program.wait_for("ImpactStarted")
    assert [toxic["name"] for toxic in site.toxics()] == ["gameday_latency"]
    assert program.run("abort", "--reason", "seen enough").returncode == 0
    done = finish(drill)
    assert done.returncode == 7, done.stderr
    report = json.loads(done.stdout)
    assert report["attribution"] in ("abort", "none")
    assert report["milestones"]["mitigated"] is None
    assert [fault["verified"] for fault in report["faults"]] == [True]
    assert site.toxics() == []
    assert site.page() == "primary"
