"""``kubernetes.disk``: a volume of a pod is filled, up to a bound, by one file of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.adapters.kubernetes.exec import ExecFault
from gameday.adapters.kubernetes.fault import Case
from gameday.engine.faults import FaultRejected

_UNITS = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
_MIB = 1024 * 1024
_NOT_FULL = "full"

# A failing dd is what a full volume looks like; whether it is full is then looked at.
_FILL = 'dd if=/dev/zero of="$1" bs=1048576 count="$2" 2>/dev/null; [ -f "$1" ]'
_FILLER = "gameday-fill"
"""Name of the shell that fills: seen in its processes before they have become a dd."""

# What fills goes on when whoever started it is gone, and writes into a file that has no name any
# more. Read with what every shell has in itself; none of these scripts has such words in its own
# arguments, so it never finds itself or another undo.
_FILLERS = f"""fillers() {{
  for process in /proc/[0-9]*; do
    words=
    IFS= read -r words <"$process/cmdline"
    case "$words" in *"of=$1"*|*"{_FILLER}$1"*) echo "${{process#/proc/}}" ;; esac
  done 2>/dev/null
}}
"""
_REMOVE = f"""{_FILLERS}for one in $(fillers "$1"); do kill -9 "$one" 2>/dev/null; done
rm -f "$1"
"""
_ABSENT = f"""{_FILLERS}if [ -n "$(fillers "$1")" ]; then echo it is still being filled; exit 1; fi
if [ -f "$1" ]; then echo {_NOT_FULL}; exit 1; fi
"""


class DiskFault(ExecFault):
    """Arguments: selector, container, path (a directory on a declared volume), megabytes at most.

    The volume must be a claim, or an emptyDir with a sizeLimit: a volume without a bound is the
    node's own disk, and what fills that takes every pod of the node down.
    """

    type: ClassVar[str] = "kubernetes.disk"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.selector(),
        fields.name("container", required=False),
        fields.text("path"),
        fields.whole("megabytes", 1, 1_000_000, required=True),
    )

    def target(self, given: Mapping[str, Any]) -> str:
        """The selector and the path."""
        return f"kubernetes/{given['namespace']}/disk/{given['selector']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """Which volume."""
        return (
            f"{given['path']} of one pod {given['selector']} is filled with at most "
            f"{given['megabytes']} MiB"
        )

    def more(self, cluster: Cluster, given: Mapping[str, Any], pod: Object) -> dict[str, Any]:
        """The volume it lies on, which must have a bound."""
        volume = _volume(pod, given["container"], given["path"])
        limit = _limit(volume)
        if limit is not None and given["megabytes"] * _MIB > 2 * limit:
            raise FaultRejected(
                f"{given['megabytes']} MiB are more than twice the volume {volume['name']!r} holds"
            )
        return {"volume": volume["name"]}

    def command(self, case: Case) -> Sequence[str]:
        """Fill it: a full volume ends the writing, and is what is wanted."""
        return ["sh", "-c", _FILL, _FILLER, _file(case), str(case.given["megabytes"])]

    def inverse(self, case: Case) -> Sequence[str]:
        """End what still fills it and remove the file."""
        return ["sh", "-c", _REMOVE, "sh", _file(case)]

    def check(self, case: Case) -> Sequence[str]:
        """Nothing fills it and the file is not there."""
        return ["sh", "-c", _ABSENT, "sh", _file(case)]


def _file(case: Case) -> str:
    return f"{case.given['path'].rstrip('/')}/gameday-fill-{case.id}"


def _volume(pod: Object, container: str | None, path: str) -> Object:
    """The pod's volume that a path lies on; raises FaultRejected when there is none fit for it."""
    containers = pod["spec"]["containers"]
    chosen = next((c for c in containers if container in (None, c["name"])), None)
    if chosen is None:
        raise FaultRejected(f"pod {pod['metadata']['name']} has no container {container!r}")
    mounts = [
        mount
        for mount in chosen.get("volumeMounts") or ()
        if f"{path.rstrip('/')}/".startswith(f"{mount['mountPath'].rstrip('/')}/")
    ]
    if not mounts:
        raise FaultRejected(
            f"{path} is on no volume of container {chosen['name']!r}: it would fill the node's disk"
        )
    mount = max(mounts, key=lambda found: len(found["mountPath"]))
    volumes: Sequence[Object] = pod["spec"]["volumes"]
    volume = next(v for v in volumes if v["name"] == mount["name"])
    empty = volume.get("emptyDir")
    if "persistentVolumeClaim" not in volume and not (empty and empty.get("sizeLimit")):
        raise FaultRejected(
            f"volume {volume['name']!r} is neither a claim nor an emptyDir with a sizeLimit: "
            "it would fill the node's disk"
        )
    return volume


def _limit(volume: Object) -> int | None:
    """Bytes an emptyDir may hold; None for a claim."""
    text = str((volume.get("emptyDir") or {}).get("sizeLimit", ""))
    found = re.fullmatch(r"(\d+)([kMG]i?)?", text)
    return int(found[1]) * _UNITS[found[2] or ""] if found else None
