"""The toxics: one small module for each type, all registered here."""

from collections.abc import Mapping
from types import MappingProxyType

from gameday.faultproxy.toxics.bandwidth import Bandwidth
from gameday.faultproxy.toxics.base import Settings
from gameday.faultproxy.toxics.latency import Latency
from gameday.faultproxy.toxics.limit_data import LimitData
from gameday.faultproxy.toxics.noop import Noop
from gameday.faultproxy.toxics.reset_peer import ResetPeer
from gameday.faultproxy.toxics.slicer import Slicer
from gameday.faultproxy.toxics.slow_close import SlowClose
from gameday.faultproxy.toxics.timeout import Timeout

TOXIC_TYPES: Mapping[str, type[Settings]] = MappingProxyType(
    {
        "bandwidth": Bandwidth,
        "latency": Latency,
        "limit_data": LimitData,
        "noop": Noop,
        "reset_peer": ResetPeer,
        "slicer": Slicer,
        "slow_close": SlowClose,
        "timeout": Timeout,
    }
)
"""The type names the API accepts, and what reads and runs each."""

__all__ = ["TOXIC_TYPES", "Settings"]
