"""The field's standard terms as closed sets: one word for one thing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Severity(StrEnum):
    """SEV1 is the worst."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


OLD_SEVERITIES: Mapping[str, str] = {"P1": "SEV1", "P2": "SEV2", "P3": "SEV3"}
"""Other names of severities, which some teams use."""


class Role(StrEnum):
    """What a person is in a drill."""

    FACILITATOR = "facilitator"
    INCIDENT_COMMANDER = "incident_commander"
    TECH_LEAD = "tech_lead"
    COMMS_LEAD = "comms_lead"
    SCRIBE = "scribe"
    SUBJECT_EXPERT = "subject_expert"
    RESPONDER = "responder"
    OBSERVER = "observer"


class Milestone(StrEnum):
    """Points every incident passes, in the order in which they usually come.

    ``mitigated`` is verified by the probes; ``claimed`` is when somebody said so.
    """

    INJECTED = "injected"
    IMPACTED = "impacted"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    DECLARED = "declared"
    TRIAGED = "triaged"
    CLAIMED = "claimed"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


class Response(StrEnum):
    """What ``gameday respond`` and a responder script can say."""

    DETECT = "detect"
    ACK = "ack"
    DECLARE = "declare"
    TRIAGE = "triage"
    SEVERITY = "severity"
    ROLE = "role"
    NOTE = "note"
    ACT = "act"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    ANNUL = "annul"
    HANDOVER = "handover"
    HYPOTHESIS = "hypothesis"
    VERDICT = "verdict"
    PROPOSE = "propose"
    APPROVE = "approve"
    COMMS = "comms"
    ESCALATE = "escalate"
    CHECK = "check"
    OBSERVE = "observe"
    HINT = "hint"
    STORY = "story"
    ITEM = "item"
    FOLLOWUP = "followup"
    DEBRIEF = "debrief"


class Audience(StrEnum):
    """Whom a message is for."""

    INTERNAL = "internal"
    STATUS_PAGE = "status_page"
    EXECUTIVES = "executives"
    CUSTOMERS = "customers"
    SALES_SUPPORT = "sales_support"


class StatusPhase(StrEnum):
    """What a status page shows, in the order in which an incident goes through it."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class HypothesisVerdict(StrEnum):
    """What the test of a hypothesis said."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class RunPhase(StrEnum):
    """Where a run is in its life; verdicts are separate."""

    SCHEDULED = "scheduled"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    ROLLING_BACK = "rolling_back"
    COMPLETED = "completed"
    ABORTED = "aborted"

    @property
    def ended(self) -> bool:
        """Nothing can happen to the run any more."""
        return self in (RunPhase.COMPLETED, RunPhase.ABORTED)


class Cause(StrEnum):
    """Why a fault is taken out or a run rolled back."""

    MITIGATED = "mitigated"  # responders ended the impact, verified
    HOLD_EXPIRED = "hold_expired"  # the fault stayed as long as it may
    FINISHED = "finished"  # the exercise's time is up or everything in it is done
    FAILED = "failed"  # the fault could not be injected as planned
    ABORT = "abort"  # a person or an abort condition stopped the run
    RECOVERY = "recovery"  # the conductor died; somebody else cleaned up


class Attribution(StrEnum):
    """Who ended the impact. Only ``responder`` counts as mitigated."""

    RESPONDER = "responder"
    ROLLBACK = "rollback"
    ABORT = "abort"
    SELF_HEALED = "self_healed"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Expects(StrEnum):
    """Whether the fault should be felt by users or absorbed by the system."""

    IMPACT = "impact"
    ABSORBED = "absorbed"


class TimeVerdict(StrEnum):
    """Whether a time's target was kept; censored: the run ended before it could be known."""

    MET = "met"
    MISSED = "missed"
    CENSORED = "censored"


class RuleVerdict(StrEnum):
    """Whether a rule was kept; not_asked: the run gave no occasion for it, or ended before there
    was one."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_ASKED = "not_asked"


class Grouping(StrEnum):
    """What drills are put together by in trends. A run of two services is in the group of each."""

    SCENARIO = "scenario"
    SERVICE = "service"
    TEAM = "team"
    SEVERITY = "severity"
