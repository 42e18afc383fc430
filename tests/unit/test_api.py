# SPDX-License-Identifier: MIT
"""The public package: what it costs to import, what its functions say of modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import munition
from munition.errors import InvalidModuleError, UsageError, UsageTypeError
from tests.support.wasm_text import guest, wat

LOG = '(import "munition:log" "write" (func (param i32 i32 i32)))'
WASI = '(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))'


ADD = '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'


def test_importing_the_package_loads_no_engine_and_no_compiler() -> None:
    script = "import sys, munition; print([m for m in ('wasmtime', 'lark', 'msgspec', 'ctypes', 'munition.engine', 'click') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_firing_never_runs_the_python_layer_of_wasmtime() -> None:
    script = "import sys, munition; print(munition.fire(bytes.fromhex(sys.argv[1]), 'f').kind, 'wasmtime' in sys.modules)"
    module = wat('(module (func (export "f")))').hex()
    done = subprocess.run(
        [sys.executable, "-c", script, module], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["ok", "False"]


def test_every_public_name_is_there_and_no_other() -> None:
    for name in munition.__all__:
        assert getattr(munition, name) is not None
    assert dir(munition) == sorted(munition.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        munition.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("text", "needs"),
    [("", set()), (LOG, {"log"}), (WASI, {"log"}), (LOG + '(import "env" "x" (func))', {"log", "opaque"})],
)
def test_capabilities_are_read_from_the_imports(text: str, needs: set[str], tmp_path: Path) -> None:
    module = wat(f"(module {text})")
    path = tmp_path / "x.wasm"
    path.write_bytes(module)
    assert munition.infer_capabilities(module) == munition.infer_capabilities(path) == needs


def test_what_is_no_module_has_no_capabilities() -> None:
    with pytest.raises(InvalidModuleError):
        munition.infer_capabilities(b"local x = 1")
    with pytest.raises(UsageTypeError):
        munition.infer_capabilities(5)  # type: ignore[arg-type]


def test_a_module_is_validated_against_what_is_wanted() -> None:
    module = guest(imports=LOG, caps="log")
    good = munition.validate(module, required_exports=["echo", "memory"][:1], allowed_imports=["log"])
    assert good
    assert good.ok
    assert good.required == {"log"}
    bad = munition.validate(module, required_exports=["echo", "price"], allowed_imports=["time"])
    assert not bad
    assert bad.problems == ("it exports no function 'price'", "it imports 'munition:log.write'")


@pytest.mark.parametrize("allowed", [["log"], ["munition:log"], ["munition:log.write"]])
def test_imports_are_allowed_by_capability_module_or_name(allowed: list[str]) -> None:
    assert munition.validate(wat(f"(module {LOG})"), allowed_imports=allowed)


@pytest.mark.parametrize("allowed", [[], ["lo"], ["write"], ["munition:log.writ"], ["munition:"]])
def test_nothing_else_allows_an_import(allowed: list[str]) -> None:
    assert not munition.validate(wat(f"(module {LOG})"), allowed_imports=allowed)


def test_nonsense_is_a_problem_and_not_an_exception() -> None:
    found = munition.validate(b"\0asm\1\0\0\0\xff")
    assert not found
    assert found.exports == {}


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({"required_exports": "echo"}, UsageTypeError),
        ({"allowed_imports": b"log"}, UsageTypeError),
        ({"required_exports": [1]}, UsageTypeError),
        ({"allowed_imports": [""]}, UsageError),
    ],
)
def test_wrong_wishes_are_refused(keywords: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        munition.validate(wat("(module)"), **keywords)


@pytest.mark.parametrize("isolation", ["thread", "process"])
@pytest.mark.parametrize(
    ("keywords", "error"),
    [({"seed": "x"}, UsageTypeError), ({"seed": 1 << 5000}, UsageError), ({"output": 5}, UsageTypeError)],
)
def test_what_a_fire_is_given_besides_is_checked_where_it_is_not_needed(
    isolation: Any, keywords: dict[str, Any], error: type[Exception]
) -> None:
    module = munition.compile("print('x')", "log")
    with pytest.raises(error):
        munition.fire(module, capabilities=["log"], isolation=isolation, **keywords)


def test_a_seed_is_checked_in_the_shortest_of_fires() -> None:
    added = wat(ADD)
    for _ in range(3):
        assert munition.fire(added, "add", (1, 2), isolation="thread", trusted=True).values == (3,)
        with pytest.raises(UsageTypeError):
            munition.fire(added, "add", (1, 2), isolation="thread", trusted=True, seed="x")  # type: ignore[arg-type]


def test_a_script_is_compiled_from_text_bytes_and_files(tmp_path: Path) -> None:
    text = "function double(n) return n * 2 end"
    path = tmp_path / "double.lua"
    path.write_text(text)
    for source in (text, text.encode(), path, str(path)):
        module = munition.compile(source)
        assert munition.fire(module, "double", [21]).values == (42,)
    assert munition.compile(path).manifest.source_name == "double.lua"
    with pytest.raises(FileNotFoundError):
        munition.compile(str(tmp_path / "missing.lua"))
    with pytest.raises(UsageTypeError):
        munition.compile(5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="did you mean 'time'"):
        munition.compile("return 1", caps="tme")


def test_a_denied_power_and_an_endless_script() -> None:
    with pytest.raises(munition.CompileError, match="time"):
        munition.compile("return os.time()")
    module = munition.compile("return os.time()", caps=["time"])
    assert munition.infer_capabilities(module) == {"time"}
    assert munition.fire(module).kind == "denied"
    (seconds,) = munition.fire(module, capabilities=["time"]).values
    assert isinstance(seconds, int)
    assert munition.fire(munition.compile("while true do end"), fuel=100_000).kind == "fuel"


def test_an_error_of_a_script_has_its_line_and_its_memory() -> None:
    outcome = munition.fire(munition.compile("local t = nil\n\nreturn t.x", name="x.lua"))
    assert (outcome.kind, outcome.reason) == ("guest_error", "error")
    assert "x.lua:3:" in outcome.message
    assert outcome.crash is not None
    assert outcome.crash.error is not None
    assert outcome.crash.error.line == 3
    assert len(outcome.crash.memory or b"") == outcome.peak_memory > 0


def test_memory_that_may_grow_is_asked_and_memory_that_may_not_is_known() -> None:
    still = wat('(module (memory (export "m") 3) (func (export "f")))')
    grows = wat('(module (memory (export "m") 3) (func (export "f") (drop (memory.grow (i32.const 2)))))')
    for module, pages in ((still, 3), (grows, 5)):
        for _ in range(2):  # the second fire takes the short way
            outcome = munition.fire(module, "f")
            assert (outcome.kind, outcome.peak_memory) == ("ok", pages * 65536)
