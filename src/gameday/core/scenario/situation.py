"""What is known of a system in an incident: what a mitigation is chosen by."""

from typing import Annotated

from pydantic import Field

from gameday.core.model import Model


class Situation(Model):
    """What is known; what is not known counts as not so. Of a replica, a flag or a backup only
    those of the part that fails are meant.

    deploy_minutes_ago: since the last change of code or configuration went out. tried: ids of
    options that were carried out already and did not help.
    """

    deploy_minutes_ago: Annotated[float, Field(ge=0)] | None = None
    errors_up: bool = False
    latency_up: bool = False
    has_rollback: bool = False
    migration_applied: bool = False
    has_failover: bool = False
    primary_healthy: bool = False
    replica_behind: bool = False
    feature_flagged: bool = False
    feature_essential: bool = False
    external_dependency_failing: bool = False
    has_backup: bool = False
    backup_stale: bool = False
    database_overloaded: bool = False
    overloaded: bool = False
    requests_precious: bool = False
    resources_exhausted: bool = False
    fix_identified: bool = False
    fix_simple: bool = False
    fix_untested: bool = False
    tried: frozenset[str] = frozenset()
