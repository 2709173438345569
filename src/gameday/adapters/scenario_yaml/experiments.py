"""The experiment files a scenario names: where they are, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path as FilePath

from gameday.adapters.placed_yaml.tree import Node, dotted
from gameday.adapters.scenario_yaml.messages import nearest
from gameday.adapters.scenario_yaml.variables import literals, replaced
from gameday.core.errors import Problem

ExperimentProblems = Callable[[FilePath], list[Problem]]
"""Everything wrong inside one experiment file."""

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


def experiment_path(scenario_path: FilePath, fault: str) -> FilePath:
    """The file that an inject's ``fault`` means: relative to the scenario's directory, else to
    the directory above it (``gamedays/x.yaml`` beside ``experiments/``). When neither is there,
    the first."""
    tried = _candidates(scenario_path, fault)
    return next((path for path in tried if _is_file(path)), tried[0])


def experiment_file_problems(
    scenario_path: FilePath, root: Node, inside: ExperimentProblems | None
) -> Iterator[Problem]:
    """Experiments that are not there, and with ``inside`` the mistakes in those that are."""
    known, checked = literals(root), set[FilePath]()
    for index, node in _faults(root):
        fault = replaced(str(node.value), known)
        if "${" in fault:
            continue  # known only once the environment is; undefined names are told elsewhere
        path = experiment_path(scenario_path, fault)
        if not _is_file(path):
            message = _not_there(scenario_path, fault)
            where = dotted(("timeline", index, "fault"))
            yield Problem(str(scenario_path), *node.place, where, message)
        elif inside is not None and path not in checked:
            checked.add(path)
            yield from inside(path)


def _faults(root: Node) -> Iterator[tuple[int, Node]]:
    timeline = root.child("timeline")
    for index, inject in enumerate((timeline.children or {}).values() if timeline else ()):
        fault = inject.child("fault")
        if fault is not None and isinstance(fault.value, str) and fault.value:
            yield index, fault


def _candidates(scenario_path: FilePath, fault: str) -> list[FilePath]:
    directory = scenario_path.parent
    above = directory.parent if directory.name not in ("", ".", "..") else directory / ".."
    return list(dict.fromkeys([directory / fault, above / fault]))


def _not_there(scenario_path: FilePath, fault: str) -> str:
    tried = _candidates(scenario_path, fault)
    beside = {
        (FilePath(fault).parent / entry.name).as_posix()
        for path in tried
        for entry in _entries(path.parent)
        if entry.suffix in _SUFFIXES
    }
    return (
        f"no such experiment file; tried {' and '.join(map(str, tried))}"
        f"{nearest(fault, sorted(beside))}"
    )


def _entries(directory: FilePath) -> list[FilePath]:
    try:
        return list(directory.iterdir())
    except (OSError, ValueError):
        return []  # no such directory: then nothing in it is near either


def _is_file(path: FilePath) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # a name no file can have
