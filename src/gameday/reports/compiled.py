"""Templates as bytecode, kept beside them as Python keeps its modules': compiling those of one
report takes 50 ms at every start.

What a template was compiled to is taken only for the same text, the same Jinja and the same
escaping: what an environment without escaping has made can never end up in a page.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Compiled(FileSystemBytecodeCache):
    """A directory of compiled templates; one that cannot be used is done without."""

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory), "%s.jinja")

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        """Where a template's code is; what it depends on goes into the checksum."""
        made_by = f"jinja2 {jinja2.__version__}, escaping {environment.autoescape}"
        return super().get_bucket(environment, name, filename, f"{made_by}\n{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """A template's code, if it is there and whole: a machine may have lost power meanwhile."""
        with suppress(OSError, EOFError, UnpicklingError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code, unless Python was told to keep none."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)
