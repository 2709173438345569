"""A namespace to break things in, looked at through kubectl and not through our own client."""

from __future__ import annotations

import difflib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.program import eventually

MANIFEST = Path(__file__).with_name("web.yaml")
CONTEXT = "kind-gameday"
SERVER = "https://127.0.0.1:6443"
NODE = "gameday-node"
WORKER = "gameday-worker"
KINDS = (
    "deployments,replicasets,statefulsets,daemonsets,pods,services,endpoints,configmaps,"
    "networkpolicies,poddisruptionbudgets,leases,serviceaccounts,roles,rolebindings"
)
PATIENCE = 60.0

_BOOKKEEPING = ("resourceVersion", "managedFields", "generation")
_REVISION = re.compile(r"^deployment\.kubernetes\.io/revision")
_IDENTITY = ("name", "uid", "creationTimestamp", "generateName")


@dataclass(frozen=True)
class Place:
    """A namespace of the test cluster."""

    name: str
    kubeconfig: Path
    server: str = SERVER

    @classmethod
    @contextmanager
    def made(cls, name: str, kubeconfig: Path) -> Iterator[Place]:
        """With the web server in it, deleted in the end."""
        place = cls(name, kubeconfig)
        place.kubectl("create", "namespace", name)
        try:
            place.kubectl("-n", name, "apply", "-f", str(MANIFEST))
            place.settled()
            yield place
        finally:
            place.kubectl("delete", "namespace", name, "--wait=false")

    @property
    def where(self) -> dict[str, Any]:
        """The arguments that every fault needs."""
        return {"context": CONTEXT, "api_server": self.server, "namespace": self.name}

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """What kubectl prints; it must succeed."""
        done = subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments],
            input=text,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, *what: str) -> Any:
        """An object, or a list of them, as kubectl sees it."""
        return json.loads(self.kubectl("-n", self.name, "get", *what, "-o", "json"))

    def settled(self) -> None:
        """Return once the web server is ready and no pod is on its way out."""
        self.kubectl("-n", self.name, "rollout", "status", "deployment/web", "--timeout=50s")
        eventually(lambda: not self._leaving(), "pods are on their way out", PATIENCE)

    def _leaving(self) -> bool:
        return any(p["metadata"].get("deletionTimestamp") for p in self.get("pods")["items"])

    def pods_on(self, node: str) -> list[Any]:
        """The web server's pods there that are not on their way out."""
        pods = self.get("pods", "-l", "app=web", f"--field-selector=spec.nodeName={node}")["items"]
        return [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]

    def gathered(self, node: str) -> None:
        """Return once all of the web server is on that node, and pods may go to all again."""
        nodes = (item["metadata"]["name"] for item in self.get("nodes")["items"])
        others = [name for name in nodes if name != node]
        self.kubectl("cordon", *others)
        try:
            self.kubectl("-n", self.name, "delete", "pods", "-l", "app=web")
            self.settled()
        finally:
            self.kubectl("uncordon", *others)
        assert len(self.pods_on(node)) == self.get("deployment", "web")["spec"]["replicas"]
        eventually(lambda: not self._tainted(), "a node takes no pods", PATIENCE)

    def _tainted(self) -> bool:
        return any(item["spec"].get("taints") for item in self.get("nodes")["items"])

    def snapshot(self) -> list[str]:
        """Everything in the namespace, and the nodes, as lines, less what no restoration can bring
        back: status, resourceVersion and other counters of changes, and which pods there are on
        which node: their makers and the scheduler say that."""
        items = [*self.get(KINDS)["items"], *self.get("nodes")["items"]]
        found: dict[str, Any] = {}
        for item in items:
            kind, name = item["kind"], item["metadata"]["name"]
            if kind == "Pod":
                name = _pod_name(item, found)
            found[f"{kind}/{name}"] = _stripped(kind, item)
        return json.dumps(found, indent=1, sort_keys=True).splitlines()


def changed(before: list[str], after: list[str]) -> list[str]:
    """The lines in which two snapshots differ, each with the object it belongs to."""
    lines = difflib.unified_diff(before, after, lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _pod_name(item: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    prefix = str(item["metadata"].get("generateName", item["metadata"]["name"]))
    return f"{prefix}{sum(key.startswith(f'Pod/{prefix}') for key in found)}"


def _stripped(kind: str, item: Mapping[str, Any]) -> Any:
    meta = {k: v for k, v in item["metadata"].items() if k not in _BOOKKEEPING}
    notes = {
        k: v
        for k, v in (meta.get("annotations") or {}).items()
        if not _REVISION.match(k) and not k.startswith("endpoints.kubernetes.io/")
    }
    meta["annotations"] = notes
    if kind in ("Pod", "Endpoints"):
        meta = {k: v for k, v in meta.items() if k not in _IDENTITY}
    rest = {k: v for k, v in item.items() if k not in ("metadata", "status")}
    if kind == "Endpoints":
        subsets = rest.pop("subsets", [])
        rest["ready"] = sum(len(subset.get("addresses", [])) for subset in subsets)
        rest["ports"] = [subset.get("ports") for subset in subsets]
    if kind == "Pod":
        rest["spec"].pop("nodeName", None)
        volumes = rest["spec"]["volumes"]
        rest["spec"]["volumes"] = [v for v in volumes if not v["name"].startswith("kube-api-")]
        for container in rest["spec"]["containers"]:
            mounts = container.get("volumeMounts") or []
            container["volumeMounts"] = [m for m in mounts if not m["name"].startswith("kube-api-")]
    return {"metadata": meta, **rest}
