# SPDX-License-Identifier: MIT
"""What the host functions of one fire hold open: made when it begins, closed when it ends, however it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.capability.parameter import Directory, Host
from munition.host.files import Files
from munition.host.http import Client
from munition.host.roots import open_roots
from munition.host.wasi.program import Program

if TYPE_CHECKING:
    from munition.capability.model import CapabilitySet
    from munition.host.budget import Budget
    from munition.host.options import HostOptions


@dataclass(frozen=True, slots=True)
class Resources:
    """See the module.

    Attributes:
        budget: what may be used.
        files: what can be read; None when the module imports nothing for that.
        http: sends requests; None likewise.
        program: what a WASI program has; None likewise.
    """

    budget: Budget
    files: Files | None = None
    http: Client | None = None
    program: Program | None = None

    def close(self) -> None:
        """Close everything."""
        if self.files is not None:
            self.files.close()


@dataclass(frozen=True, slots=True)
class Uses:
    """What the imports of a module are about."""

    files: bool
    http: bool
    wasi: bool


def open_resources(
    uses: Uses, reach: CapabilitySet, options: HostOptions, budget: Budget, arguments: tuple[bytes, ...] = ()
) -> Resources:
    """Open what a module can use; whoever gets it closes it.

    Args:
        uses: what its imports are about.
        reach: what was both declared and granted.
        options: how the host functions behave.
        budget: what may be used.
        arguments: of a WASI program, without its name.

    Raises:
        UsageError: a directory cannot be opened.
        MissingToolError: the HTTP library is not installed.
    """
    http = files = program = None
    if uses.http:
        hosts = (item.parameter for item in reach if isinstance(item.parameter, Host))
        http = Client(hosts, options.ca_file)
    if uses.files:
        roots = (item.parameter for item in reach if isinstance(item.parameter, Directory))
        opened = open_roots(roots, broad=options.broad_roots)
        files = Files(opened, budget.read, budget.handles, one_filesystem=options.one_filesystem)
    if uses.wasi:
        environment = tuple(f"{name}={value}".encode() for name, value in options.environment)
        program = Program((PROGRAM, *arguments), environment, logs="log" in reach, files=files)
    return Resources(budget, files, http, program)


PROGRAM: Final = b"program"
"""What a WASI program is called in its arguments: the same for all, wherever they came from."""
