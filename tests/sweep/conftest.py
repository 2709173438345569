"""The sweep breaks what people install: the wheel, in an environment of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests import wheel


@pytest.fixture(scope="session")
def gameday(tmp_path_factory: pytest.TempPathFactory) -> Sequence[str]:
    """The command of the installed wheel."""
    directory = tmp_path_factory.mktemp("installed")
    return (str(wheel.install(wheel.build(directory), directory / "venv")), "-m", "gameday")
