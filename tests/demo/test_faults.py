"""Each fault is felt by users, and each mitigation heals it."""

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from .conftest import Bench, StartShop, until


def test_without_a_fault_nobody_sees_an_error(bench: Bench) -> None:
    until("traffic flows", lambda: bench.stats()["requests"] >= 5)
    stats = bench.do("GET", "TRAFFIC", "/stats")
    assert stats["window_s"] == 5
    assert (stats["errors"], stats["error_rate"]) == (0, 0.0)
    assert stats["p50_ms"] <= stats["p95_ms"] <= stats["p99_ms"]


def test_slow_inventory_is_felt_and_the_cache_heals_it(bench: Bench) -> None:
    slow = {"type": "latency", "name": "slow", "attributes": {"latency": 500}}
    bench.do("POST", "PROXY", "/proxies/inventory/toxics", slow)
    until("users wait", lambda: (bench.stats()["p95_ms"] or 0) > 400)
    bench.do("POST", "CHECKOUT", "/admin/cache", {"on": True})
    until("users do not wait", lambda: (bench.stats()["p95_ms"] or 999) < 400)
    assert bench.do("POST", "CHECKOUT", "/checkout")["stock_from"] == "cache"


def test_cut_payments_fail_and_the_queue_heals_it_and_drains(bench: Bench) -> None:
    bench.do("POST", "PROXY", "/proxies/payments", {"enabled": False})
    bench.wait_all_fail()
    bench.do("POST", "CHECKOUT", "/admin/queue-payments", {"on": True})
    bench.wait_none_fails()
    assert bench.do("GET", "CHECKOUT", "/admin/state")["queued"] > 0
    bench.do("POST", "PROXY", "/proxies/payments", {"enabled": True})
    bench.do("POST", "CHECKOUT", "/admin/queue-payments", {"on": False})
    until("the queue is empty", lambda: bench.do("GET", "CHECKOUT", "/admin/state")["queued"] == 0)
    state = bench.do("GET", "CHECKOUT", "/admin/state")
    assert state["drained"] > 0
    assert state["abandoned"] == 0


@pytest.mark.parametrize("name", ["inventory", "payments"])
def test_an_open_breaker_fails_over(bench: Bench, name: str) -> None:
    until("traffic flows", lambda: bench.stats()["requests"] >= 8)  # every sku is cached
    bench.do("POST", "PROXY", f"/proxies/{name}", {"enabled": False})
    bench.wait_all_fail()
    answer = bench.do("POST", "CHECKOUT", "/admin/breaker", {"dependency": name, "state": "open"})
    assert answer["breakers"][name] == {"state": "open", "open": True}
    bench.wait_none_fails()


def test_automatic_breakers_absorb_a_dead_dependency(start_shop: StartShop) -> None:
    bench = start_shop(auto_breaker=True)
    bench.do("POST", "PROXY", "/proxies/payments", {"enabled": False})
    assert bench.do("POST", "CHECKOUT", "/checkout")["payment"] == "queued"


def test_a_dead_database_fails_and_promotion_heals_with_the_data_kept(bench: Bench) -> None:
    bench.do("POST", "INVENTORY", "/stock", {"sku": "lamp", "quantity": 77})
    until("the standby has it", lambda: _ask_standby(bench, "lamp") == 77)
    os.kill(bench.shop.pids["db"], signal.SIGKILL)
    bench.wait_all_fail()
    assert bench.do("POST", "INVENTORY", "/admin/promote")["promoted"] is True
    bench.wait_none_fails()
    assert bench.do("GET", "INVENTORY", "/stock?sku=lamp")["quantity"] == 77
    bench.do("POST", "INVENTORY", "/stock", {"sku": "lamp", "quantity": 76})
    assert bench.do("GET", "INVENTORY", "/stock?sku=lamp")["quantity"] == 76


def test_a_standby_takes_no_writes(bench: Bench) -> None:
    answer = _ask(bench, {"op": "set", "sku": "lamp", "quantity": 1})
    assert (answer["ok"], "standby" in answer["error"]) == (False, True)


def test_dead_payments_fail_and_a_restart_heals_on_the_same_port(bench: Bench) -> None:
    pid = bench.shop.pids["payments"]
    pidfile = Path(bench.env["SHOP_PAYMENTS_PIDFILE"])
    assert int(pidfile.read_text()) == pid
    os.kill(pid, signal.SIGKILL)
    bench.wait_all_fail()
    shown = bench.do("GET", "SUPERVISOR", "/state")["processes"]["payments"]
    assert shown == {"up": False, "pid": pid, "exit_code": -signal.SIGKILL}
    bench.do("POST", "SUPERVISOR", "/restart", {"process": "payments"})
    bench.wait_none_fails()
    assert bench.shop.env == bench.env
    assert int(pidfile.read_text()) == bench.shop.pids["payments"] != pid


def test_a_small_pool_before_a_slow_database_is_exhausted_and_a_large_one_is_not(
    bench: Bench,
) -> None:
    slow = {"type": "latency", "name": "slow", "attributes": {"latency": 100}}
    bench.do("POST", "PROXY", "/proxies/database/toxics", slow)
    bench.do("POST", "INVENTORY", "/admin/pool", {"size": 1})
    bench.wait_some_fail()
    assert bench.do("GET", "INVENTORY", "/admin/state")["exhausted"] > 0
    bench.do("POST", "INVENTORY", "/admin/pool", {"size": 32})
    bench.wait_none_fails()


def test_metrics_count_requests_by_route_and_status(bench: Bench) -> None:
    for name in ("CHECKOUT", "INVENTORY", "PAYMENTS", "TRAFFIC", "SUPERVISOR"):
        assert bench.do("GET", name, "/healthz")["status"] == "up"
    url = bench.env["SHOP_CHECKOUT_URL"] + "/metrics"
    with urllib.request.urlopen(url, timeout=30) as answer:
        text = answer.read().decode()
    wanted = 'http_requests_total{service="checkout",route="/checkout",status="200"} '
    assert wanted in text
    wanted = 'http_request_duration_seconds_bucket{service="checkout",route="/checkout",le="+Inf"} '
    assert wanted in text


def test_bad_requests_are_told_why(bench: Bench) -> None:
    for service, path, value in (
        ("CHECKOUT", "/checkout", {"quantity": 0}),
        ("CHECKOUT", "/checkout", {"sku": 1}),
        ("CHECKOUT", "/admin/cache", {}),
        ("CHECKOUT", "/admin/cache", []),
        ("CHECKOUT", "/admin/breaker", {"dependency": "x", "state": "open"}),
        ("INVENTORY", "/admin/pool", {"size": 0}),
        ("PAYMENTS", "/charge", {"order": "x"}),
        ("SUPERVISOR", "/restart", {"process": "x"}),
    ):
        status, answer = bench.call("POST", service, path, value)
        assert (status, bool(answer["error"])) == (400, True), (service, path, answer)


def _ask_standby(bench: Bench, sku: str) -> object:
    return _ask(bench, {"op": "get", "sku": sku})["quantity"]


def _ask(bench: Bench, request: dict[str, object]) -> Any:
    host, _, port = bench.env["SHOP_DB_STANDBY_ADDRESS"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as standby:
        standby.sendall(json.dumps(request).encode() + b"\n")
        with standby.makefile() as lines:
            return json.loads(lines.readline())
