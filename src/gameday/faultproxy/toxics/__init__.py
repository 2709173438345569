"""The toxics: one small module for each type, all registered here."""

from collections.abc import Mapping
from types import MappingProxyType

from gameday.faultproxy.toxics.base import Settings
from gameday.faultproxy.toxics.latency import Latency
from gameday.faultproxy.toxics.timeout import Timeout

TOXIC_TYPES: Mapping[str, type[Settings]] = MappingProxyType(
    {"latency": Latency, "timeout": Timeout}
)
"""The type names the API accepts, and what reads and runs each."""

__all__ = ["TOXIC_TYPES", "Settings"]
