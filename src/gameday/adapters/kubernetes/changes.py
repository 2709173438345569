"""What people did to a namespace, from two looks at its objects. Pure.

Who did it is the manager of the fields that changed, as the API server keeps them. What gameday
does carries its mark, and controllers and autoscalers are no people.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gameday.adapters.kubernetes.cluster import MANAGER, Object
from gameday.engine.witness import Sighting

Look = Mapping[str, Object]
"""Objects by path, as the API server has them."""

SOMEBODY = "somebody"
"""Who did what left no name."""

_NO_PEOPLE = (
    MANAGER,
    "kube-",
    "kubelet",
    "cluster-autoscaler",
    "vpa-",
    "keda",
    "rollouts-controller",
    "flagger",
    "argocd-",
    "kustomize-controller",
    "helm-controller",
)
_MARK = "gameday.dev/"
_OWN = {"template": "f:template", "replicas": "f:replicas", "selector": "f:selector"}


def sightings(before: Look, after: Look, history: Sequence[Object]) -> Iterator[Sighting]:
    """What happened between two looks. history: the replica sets that were there before."""
    for path, now in after.items():
        then = before.get(path)
        if then is None or then["metadata"]["uid"] != now["metadata"]["uid"]:
            continue
        yield from _deeds(path, then, now, history)
        yield from _ready_again(path, then, now)


def _deeds(path: str, then: Object, now: Object, history: Sequence[Object]) -> Iterator[Sighting]:
    if _marks(then) != _marks(now):
        return  # a fault goes in or comes out
    name = _name(path)
    for field, text in _changed(name, then, now, history):
        who = _who(then, now, _OWN[field])
        key = f"{now['metadata']['uid']}/{field}/{now['metadata']['resourceVersion']}"
        people = not who.startswith(_NO_PEOPLE)
        yield Sighting(who, text, key, deed=people)


def _changed(
    name: str, then: Object, now: Object, history: Sequence[Object]
) -> Iterator[tuple[str, str]]:
    old, new = then["spec"], now["spec"]
    if "template" in new and old["template"] != new["template"]:
        yield "template", f"{name}: {_rollout(old, new, then, history)}"
    if "template" in new and old.get("replicas") != new.get("replicas"):
        yield "replicas", f"{name}: scaled from {old.get('replicas')} to {new.get('replicas')}"
    if "template" not in new and old.get("selector") != new.get("selector"):
        yield "selector", f"{name}: leads to {_labels(new)}, and led to {_labels(old)}"


def _rollout(old: Object, new: Object, then: Object, history: Sequence[Object]) -> str:
    mine = [one for one in history if _owned_by(one, then["metadata"]["uid"])]
    for one in mine:
        if _without_hash(one) == new["template"]:
            revision = (one["metadata"].get("annotations") or {}).get(_REVISION, "an earlier one")
            return f"rolled back to revision {revision}"
    if _spec(old) == _spec(new):
        return "restarted"
    return "a new version is rolled out"


_REVISION = "deployment.kubernetes.io/revision"


def _spec(spec: Object) -> Any:
    return spec["template"]["spec"]


def _without_hash(replica_set: Object) -> Object:
    template: Object = json.loads(json.dumps(replica_set["spec"]["template"]))
    (template["metadata"].get("labels") or {}).pop("pod-template-hash", None)
    return template


def _owned_by(item: Object, uid: str) -> bool:
    return any(one["uid"] == uid for one in item["metadata"].get("ownerReferences") or ())


def _ready_again(path: str, then: Object, now: Object) -> Iterator[Sighting]:
    was, is_now = _readiness(then), _readiness(now)
    if was is None or is_now is None:
        return
    wanted = is_now[1]
    if was[0] < was[1] and is_now[0] >= wanted > 0:
        key = f"{now['metadata']['uid']}/ready/{now['metadata']['resourceVersion']}"
        yield Sighting("the cluster", f"{_name(path)}: {wanted} of {wanted} pods are ready", key)


def _readiness(item: Object) -> tuple[int, int] | None:
    if "template" not in item["spec"]:
        return None
    wanted = int(item["spec"].get("replicas", 1))
    return int((item.get("status") or {}).get("readyReplicas", 0)), wanted


def _who(then: Object, now: Object, field: str) -> str:
    """The manager who came to own the field meanwhile, the latest of them.

    Who only takes parts of it away comes to own none, and shortens the entry of who had them: that
    is somebody. Where no entry is another one, whoever owns the field has changed it again within
    the second that entries are timed by.
    """
    before, after = _owners(then, field), _owners(now, field)
    fresh = [after[turn] for turn in after.keys() - before.keys()]
    taken = any(
        turn not in after or _owned(after[turn])[field] != _owned(one)[field]
        for turn, one in before.items()
    )
    candidates = fresh or ([] if taken else list(after.values()))
    if not candidates:
        return SOMEBODY
    return str(max(candidates, key=lambda one: one.get("time") or "")["manager"])


def _owners(item: Object, field: str) -> dict[tuple[str, ...], Object]:
    """The entries of those who own a field of the spec, by their turn."""
    entries = item["metadata"].get("managedFields") or ()
    return {_turn(one): one for one in entries if field in _owned(one)}


def _owned(entry: Object) -> Object:
    """What of the spec an entry's manager owns."""
    found: Object = (entry.get("fieldsV1") or {}).get("f:spec", {})
    return found


def _turn(entry: Object) -> tuple[str, ...]:
    """Who changed something last, by what, and when: the same while others change the rest."""
    return tuple(str(entry.get(key)) for key in ("manager", "operation", "subresource", "time"))


def _marks(item: Object) -> dict[str, str]:
    labels = item["metadata"].get("labels") or {}
    return {key: value for key, value in labels.items() if key.startswith(_MARK)}


def _name(path: str) -> str:
    collection, name = path.rsplit("/", 2)[1:]
    return f"{collection.removesuffix('s')}/{name}"


def _labels(spec: Object) -> str:
    return (
        ",".join(f"{k}={v}" for k, v in sorted((spec.get("selector") or {}).items())) or "nothing"
    )
