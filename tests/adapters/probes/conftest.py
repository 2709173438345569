"""Building a probe from what a scenario would say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from gameday.adapters.probes import build_probe
from gameday.core.scenario.probes import Probe as ProbeModel
from gameday.engine.ports import Probe, Reading

MODEL: TypeAdapter[Any] = TypeAdapter(ProbeModel)
SECRETS = {"token": "s3cr3t-t0k3n"}


@pytest.fixture
def probe() -> Callable[..., Probe]:
    def build(**fields: Any) -> Probe:
        return build_probe(MODEL.validate_python(fields), SECRETS.__getitem__)

    return build


@pytest.fixture
def read_once(probe: Callable[..., Probe]) -> Callable[..., Reading]:
    """One reading of a probe that needs no server."""

    async def read(fields: dict[str, Any]) -> Reading:
        made = probe(**fields)
        try:
            return await asyncio.wait_for(made.read(), 20)
        finally:
            await made.close()

    return lambda **fields: asyncio.run(read(fields))
