"""Game day files: read, checked with every mistake placed, variables replaced."""

from gameday.adapters.scenario_yaml.experiments import ExperimentProblems, experiment_path
from gameday.adapters.scenario_yaml.loading import check_scenario, load_scenario
from gameday.adapters.scenario_yaml.schema import scenario_schema
from gameday.adapters.scenario_yaml.variables import resolve

__all__ = [
    "ExperimentProblems",
    "check_scenario",
    "experiment_path",
    "load_scenario",
    "resolve",
    "scenario_schema",
]
