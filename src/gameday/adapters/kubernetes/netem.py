"""``kubernetes.netem``: the kernel delays what a pod sends, where the kernel can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields
from gameday.adapters.kubernetes.cluster import Cluster, Object, Output
from gameday.adapters.kubernetes.exec import WITHIN, ExecFault
from gameday.adapters.kubernetes.fault import Case
from gameday.engine.faults import FaultRejected

# On the loopback device, without a delay, and at once taken back: whether the kernel has netem and
# the container may use it can be found out in no other way.
_TRY = "tc qdisc add dev lo root netem delay 0ms && tc qdisc del dev lo root netem"

# A tc that fails says nothing about the device: it must not look like one without a delay.
_SHOWN = 'shown=$(tc qdisc show dev "$1") || exit 2; '
_REMOVE = _SHOWN + 'case $shown in *netem*) tc qdisc del dev "$1" root netem ;; esac'
_ABSENT = _SHOWN + 'case $shown in *netem*) echo "$shown"; exit 1 ;; esac'


class NetemFault(ExecFault):
    """Arguments: selector, container (one with ``tc`` and NET_ADMIN), latency and jitter in ms,
    device."""

    type: ClassVar[str] = "kubernetes.netem"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.selector(),
        fields.name("container", required=False),
        fields.whole("latency", 1, fields.HOUR, required=True),
        fields.whole("jitter", 0, fields.HOUR, default=0),
        fields.name("device", required=False, default="eth0"),
    )

    def target(self, given: Mapping[str, Any]) -> str:
        """The selector."""
        return f"kubernetes/{given['namespace']}/netem/{given['selector']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """The delay."""
        return f"what one pod {given['selector']} sends is {given['latency']} ms late"

    def more(self, cluster: Cluster, given: Mapping[str, Any], pod: Object) -> dict[str, Any]:
        """Whether the kernel can, and whether somebody else shapes this device already."""
        name = pod["metadata"]["name"]
        tried = _shell(cluster, given, name, _TRY)
        if tried.code != 0:
            said = " ".join((tried.stderr or tried.stdout).split())
            raise FaultRejected(
                f"pod {name} cannot delay its traffic: {said} (it needs a kernel with netem, and "
                "a container with tc and the capability NET_ADMIN; latency through Toxiproxy "
                "needs neither)"
            )
        shaped = _shell(cluster, given, name, f"tc qdisc show dev {given['device']}")
        if shaped.code != 0:
            raise FaultRejected(f"pod {name}: device {given['device']}: {shaped.stderr.strip()}")
        if "netem" in shaped.stdout:
            raise FaultRejected(f"pod {name} delays its traffic already: {shaped.stdout.strip()}")
        return {}

    def command(self, case: Case) -> Sequence[str]:
        """Delay."""
        given = case.given
        delay = ["delay", f"{given['latency']}ms", f"{given['jitter']}ms"]
        return ["tc", "qdisc", "add", "dev", given["device"], "root", "netem", *delay]

    def inverse(self, case: Case) -> Sequence[str]:
        """Take it off where it is."""
        return ["sh", "-c", _REMOVE, "sh", case.given["device"]]

    def check(self, case: Case) -> Sequence[str]:
        """No delay."""
        return ["sh", "-c", _ABSENT, "sh", case.given["device"]]


def _shell(cluster: Cluster, given: Mapping[str, Any], pod: str, script: str) -> Output:
    command, container = ["sh", "-c", script], given["container"] or ""
    return cluster.run(given["namespace"], pod, command, container, WITHIN)
