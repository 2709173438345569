"""Which model stands at a path of a file, so that a message can name its keys."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from gameday.adapters.placed_yaml.tree import Node, Path


def keys_at(model: type[BaseModel], root: Node, path: Path) -> list[str]:
    """The keys that the mapping at ``path`` of a file of this model may have; none where any
    is allowed."""
    kind: Any = model
    node = root
    for step in path:
        kind = _inside(_chosen(kind, node), step)
        node = node.child(step) or node
    kind = _chosen(kind, node)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return []


def _inside(kind: Any, step: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        return fields[str(step)].annotation if step in fields else None
    arguments = get_args(kind)
    return arguments[-1] if arguments else None


def _chosen(kind: Any, node: Node) -> Any:
    """The one of a union's members that fits what is written."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    if isinstance(node.value, Mapping):
        return _by_type(get_args(kind), node.value.get("type"))
    wanted = list if isinstance(node.value, list) else None
    return next((member for member in get_args(kind) if get_origin(member) is wanted), None)


def _by_type(members: Iterable[Any], name: object) -> Any:
    models = [m for m in members if isinstance(m, type) and issubclass(m, BaseModel)]
    named = [model for model in models if name in _type_names(model)]
    return named[0] if named else (models[0] if len(models) == 1 else None)


def _type_names(model: type[BaseModel]) -> tuple[Any, ...]:
    field = model.model_fields.get("type")
    if field is None or get_origin(field.annotation) is not Literal:
        return ()
    return get_args(field.annotation)
