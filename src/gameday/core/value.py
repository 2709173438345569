"""Values: alike when their fields are alike, and shown by them.

What ``dataclass`` would write into each of some sixty classes of events and commands stands
here once: writing it costs a tenth of a millisecond a class at every start.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Value:
    """Base of frozen dataclasses that are declared with ``eq=False, repr=False``."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        """Same class, same fields."""
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, f) == getattr(other, f) for f in self.__dataclass_fields__)

    def __hash__(self) -> int:
        """Of the fields; raises TypeError when one of them is a mapping."""
        return hash((type(self), *(getattr(self, f) for f in self.__dataclass_fields__)))

    def __repr__(self) -> str:
        """As ``dataclass`` would show it."""
        fields = (f"{f}={getattr(self, f)!r}" for f in self.__dataclass_fields__)
        return f"{type(self).__qualname__}({', '.join(fields)})"
