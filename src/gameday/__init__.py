"""Incident drills against real systems."""

__version__ = "0.1.0"
