# SPDX-License-Identifier: MIT
"""What the host functions of one fire hold open: made when it begins, closed when it ends, however it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from munition.capability.parameter import Directory, Host
from munition.host.filesystem import Files
from munition.host.http import Client
from munition.host.roots import open_roots

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
    """

    budget: Budget
    files: Files | None = None
    http: Client | None = None

    def close(self) -> None:
        """Close everything."""
        if self.files is not None:
            self.files.close()


def open_resources(
    required: Iterable[str], reach: CapabilitySet, options: HostOptions, budget: Budget
) -> Resources:
    """Open what a module can use; whoever gets it closes it.

    Args:
        required: names of the capabilities the module's imports need.
        reach: what was both declared and granted.
        options: how the host functions behave.
        budget: what may be used.

    Raises:
        UsageError: a directory cannot be opened.
        MissingToolError: the HTTP library is not installed.
    """
    files = None
    if "filesystem_read" in required:
        roots = (item.parameter for item in reach if isinstance(item.parameter, Directory))
        files = Files(open_roots(roots, broad=options.broad_roots), budget.read, budget.handles)
    http = None
    if "http" in required:
        hosts = (item.parameter for item in reach if isinstance(item.parameter, Host))
        http = Client(hosts, options.ca_file)
    return Resources(budget, files, http)
