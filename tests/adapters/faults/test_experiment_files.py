"""Experiment files: every mistake at once, and ours run under plain Chaos Toolkit."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.chaostoolkit.files import experiment_problems, plainly_good
from gameday.adapters.toxiproxy.actions import remove_toxic
from gameday.engine.faults import FaultMissing
from tests.adapters.faults.proxying import Api

EXPERIMENTS = sorted((Path(__file__).parents[3] / "experiments").glob("*.yaml"))

GOOD: dict[str, Any] = {
    "title": "t",
    "description": "d",
    "method": [
        {"type": "action", "name": "a", "provider": {"type": "process", "path": "true"}},
        {"ref": "a"},
    ],
}
PROVIDER = {"type": "http", "url": "http://x"}
TOXIC = {"type": "toxiproxy.toxic", "arguments": {"proxy": "p", "type": "timeout"}}


def problems(**change: Any) -> list[tuple[str, str]]:
    found = experiment_problems("x.yaml", yaml.safe_dump({**GOOD, **change}))
    return [(".".join(map(str, where)), what) for where, what in found]


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        ({"title": ""}, "title", "needs a title"),
        ({"description": None}, "description", "needs a description"),
        ({"method": None}, "method", "list of activities"),
        ({"method": ["x"]}, "method.0", "mapping"),
        (
            {"method": [{"type": "acton", "name": "a", "provider": PROVIDER}]},
            "method.0.type",
            "acton",
        ),
        ({"method": [{"type": "action", "provider": PROVIDER}]}, "method.0.name", "name"),
        ({"method": [{"type": "action", "name": "a"}]}, "method.0.provider", "provider"),
        ({"rollbacks": [{"ref": "b"}]}, "rollbacks.0.ref", "'b'"),
        ({"rollbacks": {"ref": "b"}}, "rollbacks", "list"),
        ({"dry": "actions"}, "dry", "ignores dry"),
        ({"secrets": []}, "", ""),
        ({"configuration": "x"}, "configuration", "mapping"),
        ({"extensions": {"name": "x"}}, "extensions", "list"),
        ({"extensions": [{"name": "gameday"}]}, "extensions.0.faults", "breaks"),
        ({"extensions": [{"name": "other", "faults": 5}]}, "", ""),
        (
            {"extensions": [{"name": "gameday", "faults": [{"type": "toxiproxy.toxc"}]}]},
            "extensions.0.faults.0.type",
            "did you mean 'toxiproxy.toxic'",
        ),
        (
            {"extensions": [{"name": "gameday", "faults": [TOXIC]}]},
            "extensions.0.faults.0.arguments.attributes.timeout",
            "needed",
        ),
        ({"steady-state-hypothesis": {"title": "h", "probes": [{}]}}, "several", ""),
    ],
)
def test_each_mistake_is_placed(change: dict[str, Any], where: str, said: str) -> None:
    found = problems(**change)
    if where == "several":
        assert len(found) > 2
    elif not where:
        assert found == []
    else:
        assert [(place, said in what) for place, what in found] == [(where, True)]


def test_all_mistakes_are_found_at_once() -> None:
    assert len(problems(title="", description="", method=[{}, "x"])) >= 6


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.txt", "", "ends in"),
        ("x.json", "{", "not valid json"),
        ("x.yaml", "a: [", "not valid yaml"),
        ("x.yaml", "- a", "mapping"),
        ("x.yaml", "a: &a x\nb: [" + "*a, " * 200 + "]", "aliases"),
        ("x.yaml", "!!python/object/apply:os.system [true]", "not valid"),
    ],
)
def test_what_is_not_an_experiment_at_all(name: str, text: str, said: str) -> None:
    [(where, what)] = experiment_problems(name, text)
    assert where == ()
    assert said in what


def test_the_check_imports_neither_chaoslib_nor_a_provider() -> None:
    code = (
        "import sys; from gameday.adapters.chaostoolkit.files import experiment_problems\n"
        "for path in sys.argv[1:]: assert not experiment_problems(path, open(path).read())\n"
        "assert not [name for name in sys.modules if name.startswith('chaoslib')]\n"
        "assert 'gameday.adapters.toxiproxy.actions' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, *map(str, EXPERIMENTS)], check=True, timeout=30)


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: str(path.stem))
def test_ours_are_plain_chaos_toolkit_files(path: Path, tmp_path: Path) -> None:
    done = chaos(tmp_path, {}, "validate", str(path))
    assert done.returncode == 0, done.stdout


def test_ours_run_under_plain_chaos_toolkit(api: Api, tmp_path: Path) -> None:
    text = (EXPERIMENTS[0].parent / "inventory-latency.yaml").read_text()
    path = tmp_path / "x.yaml"
    text = text.replace("proxy: inventory", f"proxy: {api.name}").replace("healthz", "version")
    path.write_text(text)
    environment = {"SHOP_PROXY_URL": api.server, "SHOP_CHECKOUT_URL": api.server}
    journal = tmp_path / "journal.json"
    for strategy, left in (("never", ["gameday_latency"]), ("always", [])):
        options = ["--journal-path", str(journal), "--rollback-strategy", strategy]
        done = chaos(tmp_path, environment, "run", *options, str(path))
        assert done.returncode == 0, done.stdout
        assert api.toxics() == left
        assert [run["status"] for run in json.loads(journal.read_text())["run"]] == ["succeeded"]
        remove_toxic(api.name, "gameday_latency", api.server)


ON_PROXIES = sorted(path for path in EXPERIMENTS if "toxiproxy" in path.read_text())


@pytest.mark.parametrize("path", ON_PROXIES, ids=lambda path: str(path.stem))
def test_method_and_rollbacks_work_on_both_servers(path: Path, api: Api, tmp_path: Path) -> None:
    text = path.read_text().replace("healthz", "version")
    for name in ("inventory", "payments"):
        text = text.replace(f"proxy: {name}", f"proxy: {api.name}")
    (tmp_path / "x.yaml").write_text(text)
    before = api.now()
    journal = tmp_path / "journal.json"
    options = ["--journal-path", str(journal), "--rollback-strategy", "always"]
    environment = {"SHOP_PROXY_URL": api.server, "SHOP_CHECKOUT_URL": api.server}
    done = chaos(tmp_path, environment, "run", *options, str(tmp_path / "x.yaml"))
    assert done.returncode == 0, done.stdout
    told = json.loads(journal.read_text())
    statuses = [run["status"] for run in (*told["run"], *told["rollbacks"])]
    assert statuses == ["succeeded", "succeeded"]
    assert api.now() == before


@pytest.mark.parametrize("path", ON_PROXIES, ids=lambda path: str(path.stem))
def test_what_is_declared_is_what_the_method_does(path: Path, api: Api, tmp_path: Path) -> None:
    """The fault under ``extensions`` names the same toxic as the action, and the same rollback."""
    text = path.read_text()
    for limit in ('"${hold_ms}"', "${hold_ms}"):
        text = text.replace(limit, "60000")
    experiment = yaml.safe_load(text)
    [method], [rollback] = experiment["method"], experiment["rollbacks"]
    [declared] = experiment["extensions"][0]["faults"]
    fault = plugins.fault(declared["type"])
    place = {"server": api.server, "proxy": api.name}
    arguments = {**declared["arguments"], **place}
    call(method, place)
    assert fault.verify_injected(arguments, {})
    call(rollback, place)
    with pytest.raises(FaultMissing):
        fault.verify_injected(arguments, {})


def call(activity: dict[str, Any], place: dict[str, str]) -> Any:
    """What Chaos Toolkit would call."""
    provider = activity["provider"]
    function = getattr(importlib.import_module(provider["module"]), provider["func"])
    return function(**{**provider["arguments"], **place})


def chaos(
    directory: Path, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    code = "import sys; from chaostoolkit.__main__ import cli; cli()"
    log = ["--no-version-check", "--log-file", str(directory / "log")]
    return subprocess.run(
        [sys.executable, "-c", code, *log, *arguments],
        env={**os.environ, **environment},
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (json.dumps(GOOD), True),
        (json.dumps(GOOD).replace("{", '{"title": "u", ', 1), False),
        ('{"title": "t", "description": "d"}', False),
        ('{"title": "t", ', False),
        ("[1]", False),
        ("[" * 100_000, False),
    ],
)
def test_json_without_a_mistake_is_seen_at_a_glance(text: str, plain: bool) -> None:
    assert plainly_good(text) is plain
