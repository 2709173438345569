"""Settings, read once: ``gameday.toml``, then the environment, then flags, each overriding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gameday.core.errors import ExitCode, GamedayError, InvalidFile, Problem

FILE = "gameday.toml"


class BadSetting(GamedayError):
    """A setting has a value that cannot be used."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Settings:
    """store: the event log's file. data: journals and logs of runs. reports: where reports go.
    process: a directory of tables of the incident process that stand for the packaged ones. One
    that was named is looked for where tables are read, so that what reads none works without it;
    where none was named, it is ``process`` if there is one (a file of that name is told there)."""

    store: Path = Path(".gameday/gameday.db")
    data: Path = Path(".gameday")
    reports: Path = Path("reports")
    process: Path | None = None


_ENVIRONMENT = {
    "GAMEDAY_STORE": "store",
    "GAMEDAY_DATA": "data",
    "GAMEDAY_REPORTS": "reports",
    "GAMEDAY_PROCESS": "process",
}


def load_settings(
    directory: Path, environ: Mapping[str, str], flags: Mapping[str, str | None]
) -> Settings:
    """Settings for a command started in ``directory``; flags that are None do not count.

    Raises InvalidFile when ``gameday.toml`` is wrong, BadSetting for a store we cannot open.
    """
    values = _from_file(directory / FILE)
    values |= {name: environ[key] for key, name in _ENVIRONMENT.items() if environ.get(key)}
    values |= {name: value for name, value in flags.items() if value is not None}
    store = values.get("store", "")
    if "://" in store:
        raise BadSetting(
            f"cannot open the store {store!r}: this version keeps its event log in an SQLite file",
            hint="set GAMEDAY_STORE or --store to a path",
        )
    paths = {name: _absolute(directory, value) for name, value in values.items()}
    if "store" in paths:  # locks and journals of runs belong to their log, wherever one stands
        paths.setdefault("data", paths["store"].parent)
    own = directory / "process"
    usual = Settings()
    defaults = Settings(
        directory / usual.store,
        directory / usual.data,
        directory / usual.reports,
        own if own.exists() else None,
    )
    return replace(defaults, **paths)


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    import tomllib  # most directories have no settings file

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidFile([Problem(str(path), 1, 1, "", f"not TOML: {error}")]) from error
    known = set(_ENVIRONMENT.values())
    problems = [
        Problem(str(path), 1, 1, key, f"unknown setting; known: {', '.join(sorted(known))}")
        for key in content
        if key not in known
    ]
    problems += [
        Problem(str(path), 1, 1, key, "must be a string")
        for key, value in content.items()
        if key in known and not isinstance(value, str)
    ]
    if problems:
        raise InvalidFile(problems)
    return content


def _absolute(directory: Path, value: str) -> Path:
    return directory / Path(value).expanduser()
