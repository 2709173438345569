"""``gameday proxy serve``: the embedded fault proxy, alone."""

from __future__ import annotations

import click


@click.group()
def proxy() -> None:
    """The embedded fault proxy: Toxiproxy's HTTP API with nothing to install."""


@proxy.command(epilog="Example: gameday proxy serve --port 8474")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8474, show_default=True, type=click.IntRange(0, 65535))
@click.option("--config", type=click.Path(exists=True, dir_okay=False), help="Proxies to create.")
def serve(host: str, port: int, config: str | None) -> int:
    """Serve the fault proxy's API until stopped."""
    from gameday.faultproxy.__main__ import main

    arguments = ["--host", host, "--port", str(port)]
    return int(main(arguments + (["--config", config] if config else [])) or 0)
