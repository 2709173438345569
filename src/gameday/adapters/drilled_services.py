"""The services that game day files name, without the files being checked: `validate` does that, and
the models it needs take as long to import as all else that trends do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gameday.adapters.placed_yaml.reading import read_document


def services_in(directory: Path) -> Iterator[str]:
    """Of every game day below a directory; a file that is no YAML names none."""
    for path in sorted(directory.rglob("*.y*ml")):
        root = read_document(path).root
        if root is not None and "timeline" in root.value:  # else it is no game day
            services = root.value.get("services")
            named = services if isinstance(services, list) else ()
            yield from (service for service in named if isinstance(service, str))
