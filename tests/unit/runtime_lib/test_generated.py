# SPDX-License-Identifier: MIT
"""Generated calls of library functions, right and wrong ones, against the reference implementation."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import library_strategies as calls
from tests.support.expressions import differences
from tests.support.oracle import Oracle

KINDS = {
    "patterns": calls.matches,
    "formats": calls.formats,
    "packs": calls.packs,
    "utf8": calls.utf8_calls,
    "tables": calls.table_calls,
}
TOGETHER = 30
"""Expressions in one program, as compiling costs more than evaluating."""


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=max(5, settings().max_examples // 10),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(data=st.data())
def test_agrees_with_the_reference(oracle: Oracle, kind: str, data: st.DataObject) -> None:
    expressions = data.draw(st.lists(KINDS[kind], min_size=1, max_size=TOGETHER))
    assert differences(oracle, expressions) == []
