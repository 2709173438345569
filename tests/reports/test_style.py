"""The style sheet: text stands out enough in light, in dark and on paper."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = (files("gameday.reports") / "templates" / "report.css").read_text(encoding="utf-8")
PAIRS = (
    *((name, "paper") for name in ("ink", "quiet", "good", "bad", "warn", "link")),
    ("ink", "soft"),
    ("quiet", "soft"),
    ("ink", "lost"),
    ("fault-ink", "fault"),
)
GRAPHICS = ("lost-line", "fault", "line", "inject", "said")


def themes() -> dict[str, dict[str, str]]:
    """The colours by name, of each theme."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block)) for block in blocks]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""
    first, second = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_text_has_a_contrast_of_at_least_four_and_a_half(theme: str) -> None:
    colours = themes()[theme]
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in PAIRS}
    assert [pair for pair, ratio in found.items() if ratio < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_graphics_have_a_contrast_of_at_least_three(theme: str) -> None:
    colours = themes()[theme]
    for name in GRAPHICS:
        assert contrast(colours[name], colours["paper"]) >= 3, name


def test_the_ratio_is_wcags() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_the_style_asks_for_nothing_elsewhere() -> None:
    assert "@import" not in STYLE
    assert set(re.findall(r"url\(([^)]*)\)", STYLE)) == {"#hatch", "#stand"}
    assert "</" not in STYLE
    assert "<" not in STYLE
