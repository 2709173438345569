"""``make kind-up``: what it asks of docker, kind and kubectl, in which order, and what it says when
one of them is not there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = ("docker", "kind", "kubectl")
USUAL = "/usr/bin:/bin"


def stubs(directory: Path, *programs: str, failing: str = "", errors: int = 0) -> dict[str, str]:
    """An environment in which these programs write down how they are called."""
    places = directory / "bin"
    places.mkdir()
    for tool in ("bash", "env", "dirname", "grep", "cat"):
        (places / tool).symlink_to(_tool(tool))
    (places / "sleep").symlink_to(_tool("true"))
    for program in programs:
        stub = places / program
        stub.write_text(
            f'#!/bin/sh\necho "{program} $*" >>"{directory}/calls"\n'
            f'case "$*" in *"get deployment"*) echo deployment.apps/checkout;;\n'
            f'*/stats*) echo \'{{"requests": 200, "errors": {errors}, "p95_ms": 9}}\';; esac\n'
            f'[ "{program} $1" != "{failing}" ]\n',
            encoding="utf-8",
        )
        stub.chmod(0o755)
    return {"PATH": str(places)}


def _tool(name: str) -> str:
    return next(f"{place}/{name}" for place in USUAL.split(":") if Path(f"{place}/{name}").exists())


def kind(environment: dict[str, str], what: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "deploy" / "kind"), what],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_cluster_is_made_loaded_and_waited_for(tmp_path: Path) -> None:
    done = kind(stubs(tmp_path, *PROGRAMS), "up")
    assert done.returncode == 0, done.stderr
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    order = (
        "docker info",
        "kind get clusters",
        "kind create cluster --config kind-cluster.yaml",
        "docker build -q -t gameday:dev",
        "docker build -q -t gameday-toxiproxy:2.12.0",
        "kind load docker-image --name gameday gameday:dev gameday-toxiproxy:2.12.0",
        "kubectl --context kind-gameday apply -k deploy/shop",
        "kubectl --context kind-gameday apply -k deploy/prometheus",
        "kubectl --context kind-gameday -n shop rollout restart",
        "kubectl --context kind-gameday -n shop get deployment",
        "kubectl --context kind-gameday -n shop rollout status deployment.apps/checkout",
        "kubectl --context kind-gameday get --raw /api/v1/namespaces/shop/services/traffic:http/",
    )
    assert len(calls) == len(order)
    for call, start in zip(calls, order, strict=True):
        assert call.startswith(start)
    assert "gamedays/kubernetes/pod-kill.yaml" in done.stdout


def test_a_shop_whose_orders_fail_is_not_said_to_sell(tmp_path: Path) -> None:
    """Its pods are ready: a drill that began now would be refused, for its steady state."""
    done = kind(stubs(tmp_path, *PROGRAMS, errors=7), "up")
    assert done.returncode == 1
    assert "orders still fail" in done.stderr
    assert "The shop sells" not in done.stdout


@pytest.mark.parametrize("absent", PROGRAMS)
def test_what_is_missing_is_named_with_where_to_get_it(tmp_path: Path, absent: str) -> None:
    there = [program for program in PROGRAMS if program != absent]
    done = kind(stubs(tmp_path, *there), "up")
    assert done.returncode == 4
    assert f"needs: {absent}." in done.stderr
    assert not (tmp_path / "calls").exists(), "something was done all the same"


def test_a_docker_that_does_not_run_is_said(tmp_path: Path) -> None:
    done = kind(stubs(tmp_path, *PROGRAMS, failing="docker info"), "up")
    assert done.returncode == 4
    assert "Docker does not run" in done.stderr


def test_it_is_taken_down_by_its_name(tmp_path: Path) -> None:
    done = kind(stubs(tmp_path, *PROGRAMS), "down")
    assert done.returncode == 0
    assert "kind delete cluster --name gameday" in (tmp_path / "calls").read_text()


def test_each_port_of_the_manifests_is_mapped() -> None:
    """What the library of drills finds on this machine is what the Services open."""
    import yaml

    opened = {
        port["nodePort"]
        for file in (ROOT / "deploy").rglob("*.yaml")
        for found in yaml.safe_load_all(file.read_text(encoding="utf-8"))
        if isinstance(found, dict) and found.get("kind") == "Service"
        for port in found["spec"]["ports"]
        if "nodePort" in port
    }
    cluster = yaml.safe_load((ROOT / "kind-cluster.yaml").read_text(encoding="utf-8"))
    mapped = {m["containerPort"] for m in cluster["nodes"][0]["extraPortMappings"]}
    assert opened == mapped
    assert all(m["listenAddress"] == "127.0.0.1" for m in cluster["nodes"][0]["extraPortMappings"])
