# SPDX-License-Identifier: MIT
"""Build hook: puts `attenuators/` and `analysis/` where they are imported from, inside `munition`.

In a work tree two links do that. A wheel gets the folders themselves; an editable build of an unpacked source
distribution, which carries no links, gets the links back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("attenuators", "analysis")


class FolderHook(BuildHookInterface[Any]):
    """Maps the top-level folders into the package, or links them for editable builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build; `version` is `standard` or `editable`."""
        if self.target_name != "wheel":
            return
        for folder in FOLDERS:
            if version == "editable":
                _link(Path(self.root), folder)
            else:
                build_data["force_include"][str(Path(self.root) / folder)] = f"munition/{folder}"


def _link(root: Path, folder: str) -> None:
    link = root / "munition" / folder
    if not link.is_symlink() and not link.exists():
        link.symlink_to(Path("..") / folder, target_is_directory=True)
