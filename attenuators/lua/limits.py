# SPDX-License-Identifier: MIT
"""How large a script may be. The compiler is a target too: every limit is checked before the work it bounds."""

from __future__ import annotations

from msgspec import Struct

from munition.errors import UsageError

MAX_NESTING = (
    220  # what the recursion of later passes is proven for within Python's default limit of 1000 frames
)


class SourceLimits(Struct, frozen=True):
    """Bounds on one source. Beyond any of them the source is refused with a diagnostic of kind `limit`.

    Attributes:
        source_bytes: length of the source.
        tokens: tokens of the source; the syntax tree has fewer nodes than twice this number.
        nesting: levels of open brackets, blocks, pending right operands and functions (a function counts two), at most
            `MAX_NESTING`.
        functions: functions of the whole source.
        locals: local variables that are visible at one place of one function (the reference implementation's 200).
        upvalues: outer variables that one function uses (the reference implementation's 255).
    """

    source_bytes: int = 1 << 20
    tokens: int = 400_000
    nesting: int = 200
    functions: int = 20_000
    locals: int = 200
    upvalues: int = 255

    def __post_init__(self) -> None:
        """Refuse limits that are no limits, or that the passes cannot honour.

        Raises:
            UsageError: a value is below 1, or `nesting` is above `MAX_NESTING`.
        """
        for name in self.__struct_fields__:
            if getattr(self, name) < 1:
                raise UsageError(f"the source limit {name!r} must be at least 1")
        if self.nesting > MAX_NESTING:
            raise UsageError(f"the source limit 'nesting' cannot be raised above {MAX_NESTING}")


DEFAULT_LIMITS = SourceLimits()
