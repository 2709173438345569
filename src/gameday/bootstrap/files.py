"""Files: game days, responder scripts, experiments, and what ships with gameday."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gameday.core.errors import InvalidFile, Problem
from gameday.core.scenario.blast_radius import outside

if TYPE_CHECKING:
    from gameday.adapters.chaostoolkit.outline import Outline
    from gameday.adapters.chaostoolkit.played import Played
    from gameday.core.scenario.responder_script import ResponderScript
    from gameday.core.scenario.scenario import Scenario


def check_file(path: Path) -> list[Problem]:
    """Every mistake in a game day file and the experiments it names."""
    from gameday.adapters.scenario_yaml import check_scenario

    return check_scenario(path, experiment_problems=experiment_problems)


def unreadable(path: Path) -> list[Problem]:
    """Why a path is no file that could be checked."""
    from gameday.adapters.placed_yaml.reading import read_document

    return list(read_document(path).problems)


def is_experiment(path: Path) -> bool:
    """Whether a file is an experiment: it has a method, which no game day has."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return path.suffix == ".json" or any(line.startswith("method:") for line in text.splitlines())


def is_script(path: Path) -> bool:
    """Whether a file is a responder script: it has acts, or takes another one's."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return any(line.startswith(("acts:", "extends:", "without:")) for line in lines)


def script_problems(path: Path, process: Path | None) -> list[Problem]:
    """Every mistake in a responder script. process: the directory of a team's own tables, whose
    checklists its acts can check off, and whose ids they can name."""
    from gameday.adapters.responder_yaml import check_responders
    from gameday.bootstrap.checklist_items import items_of_team
    from gameday.bootstrap.process_tables import ids_of_team
    from gameday.core.log.known_ids import KnownIds

    try:
        items, ids = items_of_team(process), ids_of_team(process)
    except InvalidFile:
        items, ids = (), KnownIds()  # the tables' own mistakes are told as theirs
    return check_responders(path, items, ids)


def load_outline(path: Path) -> Outline:
    """What an experiment would do, step by step. Raises InvalidFile."""
    from gameday.adapters.chaostoolkit.outline import outline

    problems = experiment_problems(path)
    if problems:
        raise InvalidFile(problems)
    return outline(str(path), path.read_text(encoding="utf-8"), os.environ)


def played(journal: Path) -> Played:
    """How an experiment was played, from its journal; nothing where there is none."""
    from gameday.adapters.chaostoolkit.played import played as read

    return read(journal)


def experiment_problems(path: Path) -> list[Problem]:
    """Every mistake in an experiment file, found without importing what it would run."""
    from gameday.adapters.chaostoolkit.files import experiment_problems as mistakes
    from gameday.adapters.chaostoolkit.files import plainly_good

    if _small_json(path) and plainly_good(path.read_text("utf-8", "replace")):
        return []
    from gameday.adapters.placed_yaml.reading import read_document
    from gameday.adapters.placed_yaml.tree import dotted

    document = read_document(path)
    if document.root is None:
        return sorted(document.problems)
    text = path.read_text(encoding="utf-8")
    placed = [
        Problem(document.file, *document.root.at(where).place, dotted(where), message)
        for where, message in mistakes(str(path), text)
    ]
    return sorted({*document.problems, *placed})


def _small_json(path: Path) -> bool:
    return path.suffix == ".json" and path.is_file() and path.stat().st_size < 64 * 1024


def load_game_day(path: Path, environ: Mapping[str, str], seed: int | None = None) -> Scenario:
    """A game day file, checked, with its variables replaced and its cards dealt. Raises
    InvalidFile. seed: of the cards, instead of the file's own."""
    from gameday.adapters.scenario_yaml import load_scenario, resolve

    scenario = load_scenario(path, experiment_problems=experiment_problems)
    return resolve(scenario, environ, str(path)).with_cards(seed)


def load_responders(path: Path, environ: Mapping[str, str]) -> ResponderScript:
    """A responder script, checked, with its variables replaced. Raises InvalidFile."""
    from gameday.adapters.responder_yaml import load_responders as load

    return load(path, environ)


def described_targets(path: Path) -> list[str]:
    """What an experiment would touch, read from its file alone."""
    from gameday.adapters.chaostoolkit.declared import declared_targets

    return list(declared_targets(str(path), path.read_text(encoding="utf-8"), os.environ))


def resolved_targets(path: Path) -> tuple[list[str], str]:
    """What an experiment would touch now, by exact names, and why it would be refused now ("" if
    it would not). Faults that select their targets ask for them; nothing is changed."""
    from gameday.adapters.chaostoolkit.declared import resolved_targets as resolved
    from gameday.engine.faults import FaultFailure

    described, refused = _described(path)
    if refused:
        return described, refused
    try:
        return list(resolved(str(path), path.read_text(encoding="utf-8"), os.environ)), ""
    except FaultFailure as failure:
        return described, str(failure)


def _described(path: Path) -> tuple[list[str], str]:
    """Targets as the file has them, and why its arguments would be refused."""
    from gameday.engine.faults import FaultFailure

    try:
        return described_targets(path), ""
    except FaultFailure as failure:
        return [], str(failure)


def refusals(path: Path, scenario: Scenario) -> list[str]:
    """What would be refused, as far as the files tell."""
    found = []
    for inject in scenario.timeline:
        if inject.fault is not None:
            targets, refused = _described(experiment_file(path, inject.fault))
            if why := refused or outside(scenario.blast_radius, (), targets):
                found.append(f"{inject.id}: {why}")
    return found


def experiment_file(scenario_path: Path, fault: str) -> Path:
    """Where an inject's experiment is."""
    from gameday.adapters.scenario_yaml import experiment_path

    return experiment_path(scenario_path, fault)


def print_pdf(html: str, path: Path) -> None:
    """A page as a PDF file, by the system's browser. Raises BrowserFailure."""
    from gameday.adapters.pdf import print_pdf as printed

    printed(html, path)


def library(name: str) -> Path:
    """A directory of what ships with gameday: ``gamedays`` or ``experiments``.

    In a checkout they are the repository's own folders, in an installed wheel a copy.
    """
    packaged = Path(__file__).parents[1] / "library" / name
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / name
