# SPDX-License-Identifier: MIT
from __future__ import annotations

from tests.support.assemblyscript import needs_compiler
from tests.support.assemblyscript_features import PAGE, with_table


@needs_compiler
def test_the_table_of_features_is_what_compiles() -> None:
    page = PAGE.read_text("utf-8")
    assert with_table(page) == page, "run python -m tests.support.assemblyscript_features"
