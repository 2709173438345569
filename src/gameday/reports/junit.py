"""The scorecard as JUnit XML, for CI servers: a testcase for each thing that was expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from xml.etree import ElementTree as ET

from gameday.core.duration import format_duration
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.scorecard.verdicts import Verdict
from gameday.core.words import TimeVerdict


class Result(StrEnum):
    """How a testcase ended; skipped: it could not be known."""

    PASSED = "passed"
    FAILED = "failure"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation. seconds: how long it took, where it is a time."""

    group: str
    name: str
    result: Result
    why: str = ""
    seconds: float = 0.0


GOOD = ("valid", "held", "recovered", "met")
UNKNOWN = ("not_exercised",)


def to_junit(card: Scorecard) -> str:
    """The report as one testsuite."""
    cases = [
        *(*_verdicts(card), *_times(card), *_expectations(card)),
        *(*_faults(card), *_claims(card)),
    ]
    suite = ET.Element(
        "testsuite",
        name=_text(card.scenario.title),
        tests=str(len(cases)),
        failures=str(sum(case.result is Result.FAILED for case in cases)),
        errors="0",
        skipped=str(sum(case.result is Result.SKIPPED for case in cases)),
        time=f"{card.offset(card.ended):.3f}",
        timestamp=card.started.isoformat(),
        id=card.run_id,
    )
    for case in cases:
        _add(suite, case)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(suite: ET.Element, case: Case) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        classname=case.group,
        name=_text(case.name),
        time=f"{case.seconds:.3f}",
    )
    if case.result is Result.PASSED:
        return
    ET.SubElement(element, str(case.result), message=_text(case.why))


def _verdicts(card: Scorecard) -> Iterator[Case]:
    for name in ("run", "system", "people"):
        verdict: Verdict = getattr(card.verdicts, name)
        yield Case("verdicts", name, _result(verdict.verdict), "; ".join(verdict.reasons))


def _result(verdict: str) -> Result:
    if verdict in UNKNOWN:
        return Result.SKIPPED
    return Result.PASSED if verdict in GOOD else Result.FAILED


_TIMES = {
    TimeVerdict.MET: Result.PASSED,
    TimeVerdict.MISSED: Result.FAILED,
    TimeVerdict.CENSORED: Result.SKIPPED,
}


def _times(card: Scorecard) -> Iterator[Case]:
    for time in card.times:
        name = f"{time.name} within {format_duration(time.target.within)}"
        seconds = time.seconds if time.seconds is not None else time.observed_s or 0.0
        yield Case("targets", name, _TIMES[time.verdict], time.why, seconds)


def _expectations(card: Scorecard) -> Iterator[Case]:
    for outcome in card.expectations:
        within = format_duration(outcome.expectation.within)
        name = f"{outcome.inject}: {outcome.expectation.title} within {within}"
        result = _TIMES[outcome.verdict]
        yield Case("expectations", name, result, outcome.why, outcome.seconds or 0.0)


def _faults(card: Scorecard) -> Iterator[Case]:
    for fault in card.faults:
        result = Result.FAILED if fault.status.outstanding else Result.PASSED
        why = "; ".join(fault.reasons) or f"it is {fault.status}"
        yield Case("faults", f"{fault.id} is out", result, why)


def _claims(card: Scorecard) -> Iterator[Case]:
    for claim in card.false_all_clears:
        name = f"{claim.by} says {claim.milestone}"
        yield Case("claims", name, Result.FAILED, f"false all-clear: {claim.reason}")


_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(text: str) -> str:
    """What XML 1.0 can hold; people paste anything."""
    return _UNFIT.sub("�", text)
