"""From a scenario's probe to one that can be asked."""

from __future__ import annotations

from collections.abc import Callable

from gameday.adapters.probes.secrets import Secrets
from gameday.core.errors import IntegrationFailure
from gameday.core.scenario.probes import (
    HttpProbe,
    ProcessProbe,
    PrometheusProbe,
    StoryProbe,
    TcpProbe,
)
from gameday.core.scenario.probes import Probe as ScenarioProbe
from gameday.engine.ports import Probe, Reading


def build_probe(
    model: ScenarioProbe,
    secrets: Callable[[str], str],
) -> Probe:
    """The probe of a resolved scenario, ready to be read; nothing is contacted yet.

    secrets: the value of a secret by its name; what it raises passes through. Its values
    appear in no reading. Raises IntegrationFailure when a certificate file cannot be used.
    """
    known = Secrets(secrets)
    return _Discreet(_built(model, known), known)


def _built(model: ScenarioProbe, secrets: Secrets) -> Probe:
    """Each kind brings its own imports (httpx costs 50 ms), so they are made here."""
    if isinstance(model, HttpProbe):
        from gameday.adapters.probes.http import HttpReader

        return HttpReader(model, secrets)
    if isinstance(model, PrometheusProbe):
        from gameday.adapters.probes.prometheus import PrometheusReader

        return PrometheusReader(model, secrets)
    if isinstance(model, TcpProbe):
        from gameday.adapters.probes.tcp import TcpReader

        return TcpReader(model, secrets)
    if isinstance(model, ProcessProbe):
        from gameday.adapters.probes.process import ProcessReader

        return ProcessReader(model, secrets)
    if isinstance(model, StoryProbe):
        raise IntegrationFailure("a story is told in a tabletop, and nothing else can read it")
    from gameday.adapters.probes.python import PythonReader

    return PythonReader(model, secrets)


class _Discreet:
    """Hides secrets in whatever a probe answers."""

    def __init__(self, inner: Probe, secrets: Secrets) -> None:
        self._inner = inner
        self._secrets = secrets

    async def read(self) -> Reading:
        reading = await self._inner.read()
        value = reading.value
        hidden = self._secrets.hide(value) if isinstance(value, str) else value
        return Reading(hidden, self._secrets.hide(reading.error))

    async def close(self) -> None:
        await self._inner.close()
