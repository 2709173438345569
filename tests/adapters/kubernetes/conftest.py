from __future__ import annotations

from tests.adapters.kubernetes.fake_cluster import cluster

__all__ = ["cluster"]
