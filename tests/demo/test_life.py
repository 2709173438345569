"""The shop starts whole, stops whole, and leaves nothing behind."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from gameday.demo import Shop, ShopError

from .conftest import Bench, StartShop, alive, until

NAMES = {
    "checkout",
    "db",
    "db-standby",
    "inventory",
    "payments",
    "proxy",
    "supervisor",
    "traffic",
}


def pid_not_in(bench: Bench, pids: set[int]) -> bool:
    return bench.shop.pids["payments"] not in pids


def until_gone(pids: Iterable[int]) -> None:
    left = list(pids)
    until(f"{left} are gone", lambda: not any(alive(pid) for pid in left))


def test_the_state_file_tells_all_and_goes_with_the_shop(tmp_path: Path) -> None:
    with Shop(tmp_path) as shop:
        state = shop.state
        assert set(state["pids"]) == set(state["pidfiles"]) == NAMES
        for name, file in state["pidfiles"].items():
            assert int(Path(file).read_text()) == state["pids"][name]
            assert state["env"][f"SHOP_{name.upper().replace('-', '_')}_PIDFILE"] == file
        for name in ("INVENTORY", "PAYMENTS"):
            assert state["env"][f"SHOP_{name}_PROXY_URL"].startswith("http://127.0.0.1:")
    until_gone(state["pids"].values())
    assert not shop.state_file.exists()
    assert not list(tmp_path.glob("*.pid"))
    with pytest.raises(ShopError):
        shop.state  # noqa: B018  # reading it is the test


def test_no_child_outlives_a_killed_supervisor_not_even_a_paused_one(bench: Bench) -> None:
    pids = dict(bench.shop.pids)
    if sys.platform == "linux":
        for name in ("payments", "proxy"):
            os.kill(pids[name], signal.SIGSTOP)
    os.kill(pids["supervisor"], signal.SIGKILL)
    until_gone(pids.values())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all(bench: Bench, number: signal.Signals) -> None:
    pids = dict(bench.shop.pids)
    os.kill(pids["supervisor"], number)
    until_gone(pids.values())
    assert not bench.shop.state_file.exists()


def test_stop_ends_paused_processes_too(start_shop: StartShop) -> None:
    bench = start_shop()
    pids = dict(bench.shop.pids)
    for name in ("proxy", "inventory"):
        os.kill(pids[name], signal.SIGSTOP)
    assert bench.do("POST", "SUPERVISOR", "/stop") == {"stopping": True}
    until_gone(pids.values())


def test_the_end_of_input_stops_all(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    command = [sys.executable, "-m", "gameday.demo", "--state", str(file), "--watch-stdin"]
    root = str(Path(__file__).resolve().parents[2] / "src")
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "shop ready\n"
        assert file.exists()
        assert process.stdin is not None
        process.stdin.close()
        output = process.stdout.read()
        process.wait(timeout=30)
    assert "SHOP_CHECKOUT_URL=http://" in output
    assert process.returncode == 0
    assert not file.exists()


def test_a_dead_process_comes_back_by_itself_when_asked_to(start_shop: StartShop) -> None:
    bench = start_shop(restart_after=0.2)
    for _ in range(2):
        dead = {bench.shop.pids["payments"]}
        os.kill(bench.shop.pids["payments"], signal.SIGKILL)
        until("payments have a new pid", partial(pid_not_in, bench, dead))
        bench.wait_none_fails()
    assert bench.shop.env == bench.env


def test_a_restarted_proxy_has_its_proxies_again(bench: Bench) -> None:
    before = bench.do("GET", "PROXY", "/proxies")
    os.kill(bench.shop.pids["proxy"], signal.SIGKILL)
    bench.wait_all_fail()
    bench.do("POST", "SUPERVISOR", "/restart", {"process": "proxy"})
    bench.wait_none_fails()
    assert bench.do("GET", "PROXY", "/proxies") == before
    assert set(before) == {"inventory", "payments", "database"}


def test_a_taken_port_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shop = Shop(tmp_path, port_base=port)
        with pytest.raises(ShopError, match=f"port {port} is in use"):
            shop.start()
    assert not list(tmp_path.glob("*.pid"))


def test_a_process_that_does_not_start_is_named_with_its_last_output(tmp_path: Path) -> None:
    fails = f"{sys.executable} -c 'print(\"no luck today\"); raise SystemExit(3)'"
    command = [sys.executable, "-m", "gameday.demo", "--state", str(tmp_path / "state.json")]
    root = str(Path(__file__).resolve().parents[2] / "src")
    done = subprocess.run(
        [*command, "--proxy-command", fails],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.returncode == 6
    assert "proxy: exited 3" in done.stderr
    assert "no luck today" in done.stderr
    assert not list(tmp_path.glob("*.pid"))


def test_a_port_lost_to_somebody_faster_is_given_up_for_another(tmp_path: Path) -> None:
    state, flag, script = tmp_path / "state.json", tmp_path / "flag", tmp_path / "proxy.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\n"
        f"flag = Path({str(flag)!r})\n"
        "if not flag.exists():\n"
        "    flag.touch()\n"
        "    sys.exit('bind: address already in use')\n"
        "from gameday.faultproxy.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "gameday.demo", "--state", str(state), "--watch-stdin"]
    proxy = shlex.join([sys.executable, str(script), "--watch-stdin"])
    with subprocess.Popen(
        [*command, "--proxy-command", proxy],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "shop ready\n"
        process.communicate(timeout=30)
    assert flag.exists()
    assert process.returncode == 0
