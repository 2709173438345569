"""``kubernetes.exec``: a command in a container breaks something, another one puts it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import Cluster, Object, Output
from gameday.adapters.kubernetes.fault import Case, KubernetesFault
from gameday.adapters.kubernetes.owners import makers
from gameday.adapters.kubernetes.reach import one_ready
from gameday.engine.faults import FaultFailure, FaultMissing, FaultStillPresent

WITHIN = 15.0
"""Seconds a command may take; what takes longer belongs in the background of the container."""

_SAID = 200


class ExecFault(KubernetesFault):
    """Arguments: selector (its oldest ready pod is taken), container, command; undo_command, which
    must be right any number of times; check_command, which succeeds when the fault is out."""

    call_timeout = WITHIN
    type: ClassVar[str] = "kubernetes.exec"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.selector(),
        fields.name("container", required=False),
        fields.words("command"),
        fields.words("undo_command"),
        fields.words("check_command"),
    )

    def target(self, given: Mapping[str, Any]) -> str:
        """The selector."""
        return f"kubernetes/{given['namespace']}/exec/{given['selector']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """The command."""
        return f"{' '.join(given['command'])!r} in one pod {given['selector']}"

    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """What makes its pods."""
        return makers(cluster, given["namespace"], given["selector"])

    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """The pod it will be."""
        pod = one_ready(cluster, given["namespace"], given["selector"])
        meta = pod["metadata"]
        return {
            "targets": [f"{self.target(given)}/{meta['name']}"],
            "pod": meta["name"],
            "uid": meta["uid"],
            "same": {"pod": meta["uid"]},
            **self.more(cluster, given, pod),
        }

    def more(self, cluster: Cluster, given: Mapping[str, Any], pod: Object) -> dict[str, Any]:
        """What a family captures besides; raises FaultRejected."""
        return {}

    def change(self, case: Case, claim: Claim) -> None:
        """Run the command; raises FaultFailure when it fails."""
        self._done(case, self.command(case), "the command")

    def changed(self, case: Case) -> str:
        """The check does not succeed."""
        output = self._run(case, self.check(case))
        if output.code == 0:
            raise FaultMissing(f"pod {case.prior['pod']}: the check finds no fault")
        return f"pod {case.prior['pod']}: the check finds the fault ({_said(output)})"

    def restore(self, case: Case) -> None:
        """Run the inverse, unless the pod is gone and with it what was done in it."""
        if self._there(case):
            self._done(case, self.inverse(case), "the undo command")

    def restored(self, case: Case) -> str:
        """The check succeeds, or the pod itself is gone."""
        if not self._there(case):
            return f"pod {case.prior['pod']} is gone, and with it what was done in it"
        output = self._run(case, self.check(case))
        if output.code != 0:
            raise FaultStillPresent(f"pod {case.prior['pod']}: the check fails ({_said(output)})")
        return f"pod {case.prior['pod']}: the check succeeds"

    def command(self, case: Case) -> Sequence[str]:
        """What breaks it."""
        return list(case.given["command"])

    def inverse(self, case: Case) -> Sequence[str]:
        """What puts it back."""
        return list(case.given["undo_command"])

    def check(self, case: Case) -> Sequence[str]:
        """What succeeds when it is out."""
        return list(case.given["check_command"])

    def _there(self, case: Case) -> bool:
        now = case.cluster.get(paths.of("pods", case.given["namespace"], case.prior["pod"]))
        return now is not None and now["metadata"]["uid"] == case.prior["uid"]

    def _done(self, case: Case, command: Sequence[str], what: str) -> None:
        output = self._run(case, command)
        if output.code != 0:
            raise FaultFailure(f"pod {case.prior['pod']}: {what} failed: {_said(output)}")

    def _run(self, case: Case, command: Sequence[str]) -> Output:
        container = case.given["container"] or ""
        return case.cluster.run(
            case.given["namespace"], case.prior["pod"], command, container, WITHIN
        )


def _said(output: Output) -> str:
    words = " ".join((output.stderr or output.stdout).split())[:_SAID]
    return f"exit code {output.code}" + (f": {words}" if words else "")
