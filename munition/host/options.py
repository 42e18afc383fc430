# SPDX-License-Identifier: MIT
"""What a caller may say about the host functions of a fire beyond capabilities and limits. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from munition.errors import UsageError, UsageTypeError

_MAX_VARIABLES: Final = 1000
_MAX_TEXT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class HostOptions:
    """How host functions behave. The defaults are the strictest.

    Attributes:
        broad_roots: allow directories that are nearly everything (`/`, `/proc`, a home directory).
        one_filesystem: nothing that is mounted beneath a granted directory belongs to it.
        stub_denied: link what is not granted to something that fails when it is called, instead of refusing the module.
        environment: environment variables a WASI program sees, as (name, value); none unless given.
        ca_file: a file of certificates (PEM) to trust for https instead of the system's.

    Raises:
        UsageError: a variable that has no place in an environment, or too many of them.
        UsageTypeError: a value of the wrong type.
    """

    broad_roots: bool = False
    one_filesystem: bool = False
    stub_denied: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    ca_file: str | None = None

    def __post_init__(self) -> None:
        """Check every value; a mapping of variables becomes pairs."""
        given: object = self.environment
        if isinstance(given, Mapping):
            pairs = cast("Mapping[str, str]", given).items()
            object.__setattr__(self, "environment", tuple(pairs))
        for name in ("broad_roots", "one_filesystem", "stub_denied"):
            if not isinstance(getattr(self, name), bool):
                raise UsageTypeError(f"{name} must be True or False")
        if self.ca_file is not None:
            object.__setattr__(self, "ca_file", str(Path(self.ca_file).absolute()))
        _check_variables(self.environment)


def _check_variables(variables: tuple[tuple[str, str], ...]) -> None:
    if len(variables) > _MAX_VARIABLES:
        raise UsageError(f"more than {_MAX_VARIABLES} environment variables")
    total = 0
    for name, value in variables:
        if not all(isinstance(part, str) for part in (name, value)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageTypeError("an environment variable is a name and a value, both strings")
        if not name or "=" in name or "\0" in name + value:
            raise UsageError(f"{name[:40]!a} cannot be an environment variable")
        total += len(name) + len(value)
    if total > _MAX_TEXT:
        raise UsageError(f"the environment is longer than {_MAX_TEXT} characters")


DEFAULT: Final = HostOptions()
