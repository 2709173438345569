"""Measurements of what issue and design promise. ``python -m benchmarks [NAME ...]``."""
