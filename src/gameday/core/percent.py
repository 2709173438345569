"""Shares as percentages."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share of 1 as a percentage to two decimals, which rounds neither a loss nor what little
    there is away: 0.99996 is not 100 %, and 0.00001 is not 0 %."""
    shown = f"{share * 100:.2f}".rstrip("0").rstrip(".")
    if shown == "100" and share < 1:
        return "> 99.99 %"
    if shown == "0" and share > 0:
        return "< 0.01 %"
    return f"{shown} %"
