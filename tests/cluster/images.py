"""The images of a test cluster, without Docker and without a registry.

``python tests/cluster/images.py ROOT.tar TOXIPROXY PROMETHEUS COREDNS OUT.tar``: ROOT.tar is a
Debian root with Python, the next three are programs of this machine. OUT.tar holds the images as
`docker save` would write them.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

SITE = "opt/gameday"
"""Where the image has gameday and what it needs."""

PYTHON = (3, 11)
"""Debian 12's, which the root has: compiled packages of another one would not load."""


@dataclass(frozen=True, slots=True)
class Layer:
    """An uncompressed layer and its digest."""

    content: bytes

    @property
    def digest(self) -> str:
        """The layer's SHA-256, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Image:
    """A name with tag, layers, and what it runs."""

    name: str
    layers: Sequence[Layer]
    entrypoint: Sequence[str]
    user: str = "10001"

    @property
    def config(self) -> bytes:
        """The image's configuration as JSON."""
        environment = [f"PYTHONPATH=/{SITE}", "PYTHONUNBUFFERED=1", "PATH=/usr/bin:/bin:/sbin"]
        return json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {
                    "Entrypoint": list(self.entrypoint),
                    "Env": environment,
                    "User": self.user,
                },
                "rootfs": {
                    "type": "layers",
                    "diff_ids": [f"sha256:{layer.digest}" for layer in self.layers],
                },
                "history": [{"created_by": "gameday's tests"} for _ in self.layers],
            }
        ).encode()


def write(images: Sequence[Image], out: Path) -> None:
    """One archive of several images; layers they share are in it once."""
    manifest, seen = [], set()
    with tarfile.open(out, "w") as archive:
        for image in images:
            config = hashlib.sha256(image.config).hexdigest() + ".json"
            _add(archive, config, image.config)
            paths = []
            for layer in image.layers:
                paths.append(f"{layer.digest}/layer.tar")
                if layer.digest not in seen:
                    seen.add(layer.digest)
                    _add(archive, paths[-1], layer.content)
            manifest.append({"Config": config, "RepoTags": [image.name], "Layers": paths})
        _add(archive, "manifest.json", json.dumps(manifest).encode())


def programs(*paths: Path) -> Layer:
    """A layer with some programs in /usr/bin, under the names they have here."""
    return _layer((path, f"usr/bin/{path.name}", 0o755) for path in paths)


def gameday() -> Layer:
    """A layer with gameday, its library of drills and the packages it needs."""
    here = Path(__file__).parents[2]
    return _layer([*_sources(here), *_packages("gameday")])


def _sources(checkout: Path) -> Iterator[tuple[Path, str, int]]:
    for path in sorted((checkout / "src" / "gameday").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path, f"{SITE}/{path.relative_to(checkout / 'src')}", 0o644
    for name in ("experiments", "gamedays"):
        for path in sorted((checkout / name).rglob("*")):
            if path.is_file():
                yield path, f"{SITE}/gameday/library/{path.relative_to(checkout)}", 0o644


def _packages(name: str) -> Iterator[tuple[Path, str, int]]:
    """The files of everything that a distribution needs, itself excepted."""
    for needed in sorted(_closure(name) - {name}):
        found = distribution(needed)
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if ".." not in file.parts and path.is_file() and "__pycache__" not in file.parts:
                yield path, f"{SITE}/{file}", 0o755 if path.suffix == ".so" else 0o644


def _closure(name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        name = _canonical(waiting.pop())
        if name in found:
            continue
        try:
            known = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform or Python
        found.add(name)
        waiting += _needs(known)
    return found


def _needs(known: Distribution) -> Iterator[str]:
    for requirement in known.requires or ():
        if "extra ==" not in requirement:
            yield re.split(r"[\s;\[<>=!~(]", requirement, maxsplit=1)[0]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _layer(files: Iterator[tuple[Path, str, int]] | Sequence[tuple[Path, str, int]]) -> Layer:
    """The same files give the same digest: neither times nor owners of this machine enter."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, name, mode in files:
            _add(archive, name, path.read_bytes(), mode)
    return Layer(buffer.getvalue())


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def main(root: Path, toxiproxy: Path, prometheus: Path, coredns: Path, out: Path) -> None:
    """Build every image that the tests use."""
    if sys.version_info[:2] != PYTHON:
        raise SystemExit(
            f"the images have Python {PYTHON[0]}.{PYTHON[1]}, and packages are taken from this "
            f"{sys.version_info[0]}.{sys.version_info[1]}: run this with {PYTHON[0]}.{PYTHON[1]}"
        )
    base = Layer(root.read_bytes())
    python = ["/usr/bin/python3", "-m"]
    write(
        [
            Image("localhost/gameday-pause:1", [base], ["/usr/bin/sleep", "2147483647"]),
            Image("gameday:dev", [base, gameday()], [*python, "gameday"]),
            Image(
                "gameday-toxiproxy:2.12.0",
                [base, programs(toxiproxy)],
                ["/usr/bin/toxiproxy-server", "-host=0.0.0.0"],
            ),
            Image(
                "prom/prometheus:v2.42.0",
                [base, programs(prometheus)],
                ["/usr/bin/prometheus"],
                user="65534",
            ),
            Image(
                "localhost/gameday-coredns:1", [base, programs(coredns)], ["/usr/bin/coredns"], "0"
            ),
        ],
        out,
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:6]))
