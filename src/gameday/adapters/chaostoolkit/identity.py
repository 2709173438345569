"""Whether an experiment's targets are still those that were there when the run began."""

from __future__ import annotations

from collections.abc import Mapping

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.chaostoolkit.source import Source, fill_secrets
from gameday.engine.faults import FaultRejected, IdentifiedFault

Identities = Mapping[str, str]
"""What each target is, by its name."""


def identities(source: Source) -> Identities:
    """Which ones the targets of its faults are now. Raises FaultFailure when nobody can tell."""
    found: dict[str, str] = {}
    for name, arguments in source.faults:
        plugin = plugins.fault(name)
        if isinstance(plugin, IdentifiedFault):
            found.update(plugin.identity(fill_secrets(arguments, source.secrets)))
    return found


def refuse_others(then: Identities, now: Identities) -> None:
    """Raise FaultRejected unless they are the same, naming each one that is not."""
    gone = sorted(then.keys() - now.keys())
    new = sorted(now.keys() - then.keys())
    other = sorted(name for name in then.keys() & now.keys() if then[name] != now[name])
    said = [
        f"{', '.join(names)} {what}"
        for names, what in (
            (gone, "is gone"),
            (new, "was not there"),
            (other, "was made anew"),
        )
        if names
    ]
    if said:
        raise FaultRejected(
            f"the targets are not those of the run's start: {'; '.join(said)}; look at "
            "`gameday plan` and run it again"
        )
