"""Real incidents from files; every mistake is placed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gameday.adapters.incidents import load_incidents
from gameday.core.errors import InvalidFile
from gameday.core.trends.trends import Incident

CSV = """\
id,started,severity,service,team,detect_s,mitigate_s
I-1,2026-01-03T10:00:00,SEV2,checkout,sre,240,
I-2,2026-01-03T10:00:00+01:00,SEV1,,,1.5,1200
"""
JSON = """{"incidents": [
  {"id": "I-1", "started": "2026-01-03T10:00:00", "severity": "SEV2", "service": "checkout",
   "team": "sre", "detect_s": 240, "mitigate_s": null},
  {"id": "I-2", "started": "2026-01-03T10:00:00+01:00", "severity": "SEV1",
   "detect_s": 1.5, "mitigate_s": 1200}
]}"""
TEN = 1767434400.0  # 2026-01-03, 10 o'clock UTC
NOW = TEN + 86_400


@pytest.mark.parametrize(("name", "text"), [("x.csv", CSV), ("x.json", JSON)])
def test_both_formats_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert load_incidents(file, NOW) == (
        Incident("I-1", TEN, "SEV2", "checkout", "sre", {"detect": 240.0}),
        Incident("I-2", TEN - 3600, "SEV1", "", "", {"detect": 1.5, "mitigate": 1200.0}),
    )


def test_other_names_of_severities_are_taken_as_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,started,severity\na,2026-01-03,P2\n", encoding="utf-8")
    assert [one.severity for one in load_incidents(file, NOW)] == ["SEV2"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.csv", "id,started\n,2026-01-03\n", ":2:1: id: an incident needs an id"),
        ("x.csv", "id,started\na,soon\n", ":2:1: started: 'soon' is no time"),
        ("x.csv", "id,started,detect_s\na,2026-01-03,-4\n", "detect_s: '-4' is no number"),
        ("x.csv", "id,started,detect_s\na,2026-01-03,inf\n", "is no number of seconds"),
        ("x.csv", "id,started,mttr\na,2026-01-03,4\n", "mttr: unknown"),
        ("x.csv", "id,started\na,2026-01-03\na,2026-01-03\n", ":3:1: id: 'a' is also"),
        ("x.csv", "id,started\na,2026-01-03,5\n", "more values than the header"),
        ("x.json", '{"incidents": [\n {"id": "a"}\n]}', ":2:1: incidents.0.started: '' is no time"),
        ("x.csv", "id,started,id\na,2026-01-03,b\n", ":1:12: id: the column 'id' is also column 1"),
        (
            "x.csv",
            "id,begun\na,2026-01-03\n",
            ":1:1: started: the header lacks this column; it has",
        ),
        ("x.csv", "", ":1:1: id: the header lacks this column"),
        ("x.csv", "id,started,severity\na,2026-01-03,sev1\n", "'sev1' is none of SEV1, SEV2"),
        ("x.csv", "id,started,severity\na,2026-01-03,sev2\n", "; did you mean SEV2?"),
        ("x.csv", "id,started\na,2026-01-05\n", ":2:1: started: 2026-01-05 lies in the future"),
        (
            "x.json",
            '{"incidents": [\n {"id": "a", "started": "2026-01-03", "severity": 9}\n]}',
            ":2:1: incidents.0.severity: 9 is none of",
        ),
        ("x.json", "{}", "incidents: must be a list"),
        ("x.json", '{"incidents": [1]}', "an incident is a mapping"),
        ("x.json", "[", "x.json:2:1: not YAML"),
    ],
)
def test_a_mistake_is_placed(tmp_path: Path, name: str, text: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFile) as caught:
        load_incidents(file, NOW)
    assert said in str(caught.value)
