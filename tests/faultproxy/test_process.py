"""``python -m gameday.faultproxy`` as others start it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gameday.faultproxy.__main__ import main

PREFIX = "fault proxy API listening on http://127.0.0.1:"


def start(*extra: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-m", "gameday.faultproxy", "--port", "0", *extra]
    root = str(Path(__file__).resolve().parents[2] / "src")
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_cleanly(number: signal.Signals) -> None:
    with start() as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(PREFIX)
        process.send_signal(number)
        _out, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_the_end_of_input_stops_it_when_asked_to() -> None:
    with start("--watch-stdin") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(PREFIX)
        _out, errors = process.communicate(timeout=20)  # closes its input
    assert (process.returncode, errors) == (0, "")


def test_a_config_file_creates_proxies(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    proxy = {"name": "p", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"}
    config.write_text(json.dumps([proxy]), encoding="utf-8")
    with start("--config", str(config)) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(PREFIX)
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.parametrize("text", ["{", '[{"name": "p"}]'])
def test_a_bad_config_file_is_told_and_nothing_runs(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text(text, encoding="utf-8")
    assert main(["--port", "0", "--config", str(config)]) == 6
    assert capsys.readouterr().err.startswith("fault proxy: ")
