"""Run all benchmarks, or those named, one after the other; each prints one JSON line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence

from benchmarks.abort import abort
from benchmarks.append import append
from benchmarks.append_many import append_50_processes, append_50_tasks
from benchmarks.experiment_run import experiment_run
from benchmarks.fault_proxy import (
    proxy_added_latency,
    proxy_connections,
    proxy_http,
    proxy_latency_toxic,
    proxy_stalled,
    proxy_stream,
)
from benchmarks.fault_start import fault_start
from benchmarks.measure import Figures
from benchmarks.recovery import guardian_20, recover_100
from benchmarks.rehearsal import rehearsal
from benchmarks.report import report_10k
from benchmarks.sampling import sampling_1s, sampling_100ms
from benchmarks.trends import trends_10k
from benchmarks.undo_20 import undo_20
from benchmarks.validate import validate

BENCHMARKS: Mapping[str, Callable[[bool], Figures]] = {
    "sampling_1s": sampling_1s,
    "sampling_100ms": sampling_100ms,
    "fault_start": fault_start,
    "validate": validate,
    "experiment_run": experiment_run,
    "abort": abort,
    "undo_20": undo_20,
    "guardian_20": guardian_20,
    "recover_100": recover_100,
    "append": append,
    "append_50_tasks": append_50_tasks,
    "append_50_processes": append_50_processes,
    "rehearsal": rehearsal,
    "report_10k": report_10k,
    "trends_10k": trends_10k,
    "proxy_http": proxy_http,
    "proxy_stream": proxy_stream,
    "proxy_added_latency": proxy_added_latency,
    "proxy_latency_toxic": proxy_latency_toxic,
    "proxy_stalled": proxy_stalled,
    "proxy_connections": proxy_connections,
}
"""By name; the argument is whether to be quick: seconds in all, the figures then mean nothing."""


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, run, print. A goal that is missed is in the line and changes no exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="only see that each one runs")
    args = parser.parse_args(argv)
    unknown = [name for name in args.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    # Installed programs have their bytecode; ours gets it in the warm-up, if it may be written.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in args.names or BENCHMARKS:
        figures = BENCHMARKS[name](args.quick)
        print(figures.line(name), flush=True)


if __name__ == "__main__":
    main()
