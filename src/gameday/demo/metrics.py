"""Request counts and durations in the Prometheus text format."""

from collections import Counter

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What one service has answered since it started."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._counts: Counter[str] = Counter()
        self._totals: dict[str, float] = {}

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count one answer and how long it took."""
        self._requests[route, status] += 1
        self._counts[route] += 1
        self._totals[route] = self._totals.get(route, 0.0) + seconds
        buckets = self._buckets.setdefault(route, [0] * len(BUCKETS_S))
        for place, limit in enumerate(BUCKETS_S):
            buckets[place] += seconds <= limit

    def text(self) -> str:
        """Return everything as Prometheus reads it."""
        lines = ["# TYPE http_requests_total counter"]
        for (route, status), count in sorted(self._requests.items()):
            lines.append(f'http_requests_total{{{self._of(route)},status="{status}"}} {count}')
        name = "http_request_duration_seconds"
        lines.append(f"# TYPE {name} histogram")
        for route, buckets in sorted(self._buckets.items()):
            of = self._of(route)
            for limit, count in zip(BUCKETS_S, buckets, strict=True):
                lines.append(f'{name}_bucket{{{of},le="{limit}"}} {count}')
            lines.append(f'{name}_bucket{{{of},le="+Inf"}} {self._counts[route]}')
            lines.append(f"{name}_sum{{{of}}} {self._totals[route]:.6f}")
            lines.append(f"{name}_count{{{of}}} {self._counts[route]}")
        return "\n".join(lines) + "\n"

    def _of(self, route: str) -> str:
        return f'service="{self._service}",route="{route}"'
