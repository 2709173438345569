"""Steady-state probes: one module for each kind, imported only when a scenario has one."""

from gameday.adapters.probes.build import build_probe

__all__ = ["build_probe"]
