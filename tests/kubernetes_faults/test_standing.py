"""``generate toxiproxy`` on a real cluster: applied, led to, led back and taken away by kubectl, as
its head says; the namespace is then as it was."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from gameday.cli.main import cli
from tests.acceptance.program import eventually
from tests.kubernetes_faults.place import CONTEXT, Place, changed

pytestmark = pytest.mark.needs_cluster

_FETCH = (
    "import urllib.request as u; "
    "print(u.urlopen('http://web/', timeout=2).status, "
    "u.urlopen('http://toxiproxy-web:8474/proxies', timeout=2).read().decode())"
)


def test_as_its_head_says(place: Place, tmp_path: Path) -> None:
    place.settled()
    before = place.snapshot()
    file = tmp_path / "toxiproxy.yaml"
    result = CliRunner().invoke(
        cli,
        ["generate", "toxiproxy", "--service", "web", "-n", place.name, "--context", CONTEXT],
    )
    assert result.exit_code == 0, result.output
    file.write_text(result.stdout, encoding="utf-8")
    for what in ("Put it there", "Lead to it"):
        _do(place, result.stdout, what, file)
    seen = eventually(lambda: _fetched(place), "nothing came through")
    assert seen.startswith("200 ")
    assert '"upstream":"web-direct:80"' in seen
    assert changed(before, place.snapshot()), "nothing was changed, so this test shows nothing"
    refused = CliRunner().invoke(
        cli, ["generate", "toxiproxy", "--service", "web", "-n", place.name, "--context", CONTEXT]
    )
    assert refused.exit_code != 0
    for what in ("Lead back", "Take it away"):
        _do(place, result.stdout, what, file)
    place.settled()
    eventually(lambda: not changed(before, place.snapshot()), "something is left")


def _do(place: Place, text: str, what: str, file: Path) -> None:
    (line,) = [line for line in text.splitlines() if line.startswith(f"# {what}:")]
    for command in line.partition(":")[2].split("; "):
        words = shlex.split(command.replace("FILE", str(file)))
        place.kubectl(*words[1:])


def _fetched(place: Place) -> str:
    """What a pod gets from the Service, and the proxies that its Toxiproxy tells of."""
    pod = place.get("pods", "-l", "app=web")["items"][0]["metadata"]["name"]
    try:
        return place.kubectl("-n", place.name, "exec", pod, "--", "python3", "-c", _FETCH)
    except AssertionError:
        return ""
