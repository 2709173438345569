"""Programs that tests use for real and a machine may lack: markers ``needs_<part>``.

Where a part is absent its tests are skipped, by name; with ``GAMEDAY_REQUIRE_ALL`` set (CI) they
fail instead.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

CLUSTER = "cluster"
PARTS: dict[str, tuple[str, ...]] = {
    "nginx": ("nginx",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "strace": ("strace",),
    "toxiproxy": ("toxiproxy-server",),  # the real one; .ci/toxiproxy builds it
    "prometheus": ("prometheus",),
    CLUSTER: ("GAMEDAY_TEST_KUBECONFIG",),  # the variable names it; .ci/cluster makes one
    "alertmanager": ("prometheus-alertmanager", "alertmanager"),
}
"""Each part and the names its program goes by; the first that is found counts."""

_SYSTEM = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not on every user's PATH


def find(part: str) -> str | None:
    """Where the part's program is, or for a cluster its kubeconfig; None when it is absent."""
    if part == CLUSTER:
        kubeconfig = os.environ.get(PARTS[CLUSTER][0], "")
        return kubeconfig if Path(kubeconfig).is_file() else None
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), *_SYSTEM))
    found = (shutil.which(name, path=places) for name in PARTS[part])
    return next((path for path in found if path), None)


def required() -> bool:
    """Absent parts are failures."""
    return bool(os.environ.get("GAMEDAY_REQUIRE_ALL"))
