"""``gameday init``: a game day of your own, ready to be committed."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import click

from gameday.cli.output import note
from gameday.core.errors import Refused

_FILES = {
    "first.yaml": Path("gamedays/first.yaml"),
    "slow-dependency.yaml": Path("experiments/slow-dependency.yaml"),
    "gameday.toml": Path("gameday.toml"),
}
_IGNORED = ".gameday/\nreports/\n"


@click.command(epilog="Example: gameday init drills --url http://127.0.0.1:8080/ --proxy payments")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--url", default="http://127.0.0.1:8080/", help="What users call.")
@click.option("--proxy", default="my-dependency", help="Name of the proxy in front of what breaks.")
@click.option("--proxy-api", default="http://127.0.0.1:8474", help="Toxiproxy's address.")
def init(directory: Path, url: str, proxy: str, proxy_api: str) -> None:
    """Write a first game day, its experiment and settings into a directory. Never overwrites."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", proxy):
        raise click.UsageError(f"--proxy {proxy!r}: letters, digits, dots and dashes only")
    targets = {name: directory / path for name, path in _FILES.items()}
    existing = [str(path) for path in targets.values() if path.exists()]
    if existing:
        raise Refused(
            f"these files are there already: {', '.join(existing)}",
            hint="give another directory, or move them away; nothing was written",
        )
    for name, path in targets.items():
        text = (files("gameday.cli") / "scaffold" / name).read_text(encoding="utf-8")
        for mark, value in (
            ("@URL@", json.dumps(url)),  # as JSON quotes, so does YAML
            ("@PROXY@", proxy),
            ("@API@", json.dumps(proxy_api)),
        ):
            text = text.replace(mark, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        note(f"wrote {path}")
    ignore = directory / ".gitignore"
    if not ignore.exists():
        ignore.write_text(_IGNORED, encoding="utf-8")
    note(f"Next: gameday plan {targets['first.yaml']}")
