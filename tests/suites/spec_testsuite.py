# SPDX-License-Identifier: MIT
"""Run the tests of the WebAssembly specification (WebAssembly/testsuite) through our reader and our engine.

`python -m tests.suites.spec_testsuite FOLDER [TEXT]`: FOLDER holds the scripts as JSON beside their binaries, a folder each, as
`wasm-tools json-from-wast` or `wast2json` write them; TEXT selects those with it in their name. Every module is read by our reader,
validated by the engine with everything on, and fired. Every assert on numbers is one fire in a fresh instance, on this
thread and in a worker; if that differs, all earlier calls are made before it in one fire. The exit code is 0 when
nothing differs unexpectedly. docs/wasm.md has the result.
"""

from __future__ import annotations

import json
import os
import re
import struct
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import wasmtime

from munition import HostOptions, InvalidModuleError, Limits, Outcome, UsageError, fire
from munition.wasm.module import Module
from munition.wasm.reader import read_module
from munition.wasm.scan import check_body
from tests.suites.spec_replay import EXPORT, NUMBERS, Action, Constant, with_replay

_LIMITS: Final = Limits(timeout=60)
_STUBS: Final = HostOptions(stub_denied=True)
"""Imported functions are linked to something that fails when it is called; other imports stay refused."""

_NEVER_RAN: Final = ("invalid", "denied", "limit")
_QUIETED: Final = "an f32 that is a signalling NaN would cross"
_TRAPS: Final = {
    "uninitialized element": "indirect_call_to_null",
    "undefined element": "table_out_of_bounds",
    "out of bounds table access": "table_out_of_bounds",
    "out of bounds memory access": "memory_out_of_bounds",
    "indirect call type mismatch": "bad_signature",
    "unreachable": "unreachable",
    "integer overflow": "integer_overflow",
    "integer divide by zero": "integer_division_by_zero",
    "invalid conversion to integer": "bad_conversion_to_integer",
    "call stack exhausted": "stack_overflow",
}
_SHARED: Final = (
    "elem.wast:959 elem.wast:960 elem.wast:972 elem.wast:973 elem.wast:974 linking.wast:344 linking.wast:350 linking.wast:410"
    " linking.wast:423 linking.wast:506 linking.wast:563 linking.wast:564 linking.wast:576 linking.wast:609 linking.wast:610"
    " linking0.wast:42 linking3.wast:82 linking3.wast:83 load1.wast:25 load1.wast:26 load1.wast:27 load1.wast:28 load1.wast:29"
)
EXPECTED: Final[dict[str, str]] = dict.fromkeys(
    _SHARED.split(), "another module has written into what it exports"
)
"""Asserts that differ, by script and line (193e551), and why."""

_PROPOSALS: Final = (
    "bulk_memory custom_page_sizes exceptions function_references gc memory64 multi_memory multi_value reference_types"
    " relaxed_simd simd tail_call threads wide_arithmetic"
)


@dataclass(slots=True)
class Tally:
    """What was counted, and what differs."""

    counts: Counter[str] = field(default_factory=Counter[str])
    failures: list[str] = field(default_factory=list[str])

    def fail(self, where: str, why: str) -> None:
        """Note a difference."""
        self.counts["FAILED"] += 1
        self.failures.append(f"{where}: {why}")


@dataclass(slots=True)
class Instance:
    """A module that a script made an instance of.

    Attributes:
        wasm: its bytes.
        module: what our reader made of them.
        skip: why its asserts are not run; empty when they are.
        before: what was done to it and did not trap.
        lost: why not all of what was done can be done again; empty when it can.
    """

    wasm: bytes
    module: Module | None
    skip: str
    before: list[Action] = field(default_factory=list[Action])
    lost: str = ""


def everything_on() -> wasmtime.Engine:
    """An engine that takes whatever it knows."""
    config = wasmtime.Config()
    for name in _PROPOSALS.split():
        setattr(config, f"wasm_{name}", True)
    return wasmtime.Engine(config)


class Script:
    """One script of the suite: goes through its commands and counts."""

    def __init__(self, path: Path, engine: wasmtime.Engine, tally: Tally) -> None:
        self.path = path
        self.engine = engine
        self.tally = tally
        self.named: dict[str, Instance] = {}
        self.defined: dict[str | None, Instance] = {}
        self.last: Instance | None = None

    def run(self) -> None:
        """Go through all commands."""
        self.tally.counts["scripts"] += 1
        for command in json.loads(self.path.read_text("utf-8"))["commands"]:
            where = f"{self.path.stem}.wast:{command['line']}"
            self._command(command, where)

    def _command(self, command: dict[str, Any], where: str) -> None:
        match command["type"]:
            case "module":
                self.last = self._instance(command, where)
                if command.get("name"):
                    self.named[command["name"]] = self.last
            case "module_definition":
                self.defined[command.get("name")] = self._instance(command, where)
            case "module_instance":
                made = self.defined[command.get("module")]
                self.last = Instance(made.wasm, made.module, made.skip)
                self.named[command["instance"]] = self.last
            case "assert_malformed" | "assert_invalid":
                self._bad(command, where)
            case "assert_unlinkable" | "assert_uninstantiable":
                self._unusable(command, where)
            case "register":
                if self.last is not None:
                    self.last.lost = "other modules can change it"
            case what if "action" not in command:
                self.tally.counts[f"{what}: not run"] += 1
            case _:
                self._assert(command, where)

    def _bytes(self, command: dict[str, Any]) -> bytes | None:
        name: str = command.get("binary_filename", command["filename"])
        return None if name.endswith(".wat") else (self.path.parent / name).read_bytes()

    def _read(self, wasm: bytes) -> tuple[Module | None, str]:
        try:
            module = read_module(wasm)
        except InvalidModuleError as error:
            return None, f"refused by the reader: {error}"
        try:
            for body in module.code:
                check_body(body.content)
        except InvalidModuleError as error:
            return module, f"refused by the reader of bodies: {error}"
        return module, ""

    def _valid(
        self, command: dict[str, Any], where: str, host: HostOptions | None = None
    ) -> tuple[bytes, Module | None, Outcome] | None:
        """Read, validate and fire a module that is valid, whatever comes of its start."""
        wasm = self._bytes(command)
        if wasm is None:
            self.tally.counts["modules as text: not run"] += 1
            return None
        counts = self.tally.counts
        counts["valid modules"] += 1
        module, refusal = self._read(wasm)
        if refusal:
            self.tally.fail(where, f"a valid module is {refusal}")
        else:
            counts["valid modules: accepted by the reader"] += 1
        if self._validates(wasm):
            counts["valid modules: accepted by the engine with everything on"] += 1
        else:
            counts["valid modules: refused by the engine with everything on"] += 1
        found = fire(wasm, limits=_LIMITS, host=host)
        what = found.kind if found.kind in ("ok", "guest_error") else f"{found.kind}: {_bucket(found)}"
        counts[f"valid modules fired: {what}"] += 1
        return wasm, module, found

    def _validates(self, wasm: bytes) -> bool:
        try:
            wasmtime.Module.validate(self.engine, wasm)
        except wasmtime.WasmtimeError:
            return False
        return True

    def _instance(self, command: dict[str, Any], where: str) -> Instance:
        made = self._valid(command, where, _STUBS)
        if made is None:
            return Instance(b"", None, "module as text")
        wasm, module, found = made
        if found.kind == "ok":
            return Instance(wasm, module, "")
        if found.kind not in _NEVER_RAN:
            self.tally.fail(where, f"a module does not start: {found.kind} {found.reason}")
        return Instance(wasm, module, f"its module is refused ({found.kind}: {_bucket(found)})")

    def _bad(self, command: dict[str, Any], where: str) -> None:
        kind = command["type"][7:]
        wasm = self._bytes(command)
        if wasm is None:
            self.tally.counts[f"{kind} as text: not run"] += 1
            return
        counts = self.tally.counts
        counts[kind] += 1
        module, refusal = self._read(wasm)
        who = (
            "the reader"
            if module is None
            else "the reader of bodies"
            if refusal
            else "nobody before the engine"
        )
        counts[f"{kind}: refused by {who}"] += 1
        if refusal and self._validates(wasm):
            self.tally.fail(where, f"the engine accepts what is {refusal}")
        if self._validates(wasm):
            counts[f"{kind}: accepted by the engine with everything on"] += 1
        found = fire(wasm, limits=_LIMITS, host=_STUBS)
        counts[f"{kind} fired: {found.kind}"] += 1
        if found.kind not in _NEVER_RAN:
            self.tally.fail(where, f"{kind} ({command['text']}), but it ends as {found.kind} {found.reason}")

    def _unusable(self, command: dict[str, Any], where: str) -> None:
        made = self._valid(command, where)
        if made is None:
            return
        found = made[2]
        kind = command["type"][7:]
        if found.kind in _NEVER_RAN:
            self.tally.counts[f"{kind}: refused before it ran"] += 1
        elif kind == "uninstantiable" and found.reason == _trap(command):
            self.tally.counts[f"{kind}: the trap that is expected"] += 1
        else:
            self.tally.fail(where, f"{kind}, but it ends as {found.kind} {found.reason}")

    def _assert(self, command: dict[str, Any], where: str) -> None:
        counts = self.tally.counts
        what = command["type"]
        given = command["action"]
        instance = self.named[given["module"]] if given.get("module") else self.last
        assert instance is not None
        counts[what] += 1
        skip, action = instance.skip, None
        values = [*given.get("args", ()), *command.get("expected", ())]
        odd = next((v["type"] for v in values if v["type"] not in NUMBERS), None)
        if not skip and odd is not None:
            skip = "v128 crosses" if odd == "v128" else "a reference crosses"
        if all(v["type"] in NUMBERS for v in given.get("args", ())):
            constants = tuple(_constant(v) for v in given.get("args", ()))
            action = Action(given["type"], given["field"], constants)
        if skip:
            counts[f"{what}: skipped: {skip}"] += 1
        elif action is not None:
            how, why = self._judge(instance, action, command)
            known = EXPECTED.get(where)
            counts[f"{what}: {f'differs: {known}' if why and known else how}"] += 1
            if why and not known:
                self.tally.fail(where, " ".join((why, instance.lost)))
            elif known and not why:
                self.tally.fail(where, "passes, which is not expected")
        if action is None:
            instance.lost = "a call with references cannot be made again"
        elif what in ("assert_return", "action"):
            instance.before.append(action)
        else:
            instance.lost = instance.lost or "what a call did before it trapped is not done again"

    def _judge(self, instance: Instance, action: Action, command: dict[str, Any]) -> tuple[str, str]:
        """How it ended, and what differs if anything does."""
        module = instance.module
        assert module is not None
        if action.kind == "get":
            first = "it reads a global"
        elif any(map(_signalling, action.arguments)):
            first = _QUIETED
        else:
            first = _fired(instance.wasm, action, command)
        if not first:
            return "passed", ""
        results = command["type"] in ("assert_return", "action")
        why = ""
        for before in ([], instance.before) if instance.before else ([],):
            why = _fired(
                with_replay(module, before, action, results=results), Action("invoke", EXPORT, ()), command
            )
            if not why:
                return (
                    f"passed {'after the calls before it' if before else f'with constants inside, {_cause(first)}'}",
                    "",
                )
        if "denied" in (first.split()[0], why.split()[0]):
            return "skipped: it calls an import", ""
        return "FAILED", f"{action.name}: {first}; replayed: {why}"


def _cause(first: str) -> str:
    """Why an assert passes only when its values need not cross."""
    return f"since {_QUIETED if first.startswith('(nan,)') else first}"


def _fired(wasm: bytes, action: Action, command: dict[str, Any]) -> str:
    """What differs from what is expected when it is fired, both ways; empty if nothing does."""
    numbers = [_number(argument) for argument in action.arguments]
    try:
        here = fire(wasm, action.name, numbers, limits=_LIMITS, host=_STUBS, isolation="thread", trusted=True)
        there = fire(wasm, action.name, numbers, limits=_LIMITS, host=_STUBS)
    except UsageError as error:
        return f"cannot be called: {error}"
    seen = [(o.kind, o.reason, o.fuel_used, [_bits(v, "i64") for v in o.values]) for o in (here, there)]
    if seen[0] != seen[1]:
        return f"the isolations differ: {seen}"
    if command["type"] in ("assert_trap", "assert_exhaustion"):
        wanted = _trap(command)
        return "" if here.reason == wanted else f"{here.kind} {here.reason} {here.message}, not {wanted}"
    if here.kind != "ok":
        return f"{here.kind} {here.reason} {here.message}"
    expected = command.get("expected")
    if expected is None:
        return ""
    same = len(expected) == len(here.values) and all(map(_same, here.values, expected))
    return "" if same else f"{here.values}, not {expected}"


def _trap(command: dict[str, Any]) -> str:
    text: str = command["text"]
    return "trap:" + next((code for start, code in _TRAPS.items() if text.startswith(start)), text)


def _bucket(found: Outcome) -> str:
    """The message of a refusal without what differs from module to module."""
    if found.kind == "denied":
        return "imports"
    message = re.sub(r"^.*code at offset \d+: | \(at offset .*", "", " ".join(found.message.split()))
    return re.sub(
        r"\b(0x[0-9a-f]+|\d+)\b(?!-bit)", "N", message.removeprefix("the engine refuses the module: ")
    )[:120]


def _constant(value: dict[str, Any]) -> Constant:
    return Constant(value["type"], int(value["value"]) % (1 << NUMBERS[value["type"]]))


def _signalling(value: Constant) -> bool:
    """Whether it is a NaN of f32 that a conversion to f64, and so a float of Python, changes."""
    return value.type == "f32" and value.bits & 0x7FC00000 == 0x7F800000 and value.bits & 0x3FFFFF != 0


def _number(value: Constant) -> int | float:
    if value.type[0] == "i":
        return value.bits
    width = NUMBERS[value.type] // 8
    number: float = struct.unpack("<f" if width == 4 else "<d", value.bits.to_bytes(width, "little"))[0]
    return number


def _bits(value: object, type_: str) -> int:
    if isinstance(value, float):
        return int.from_bytes(struct.pack("<f" if type_ == "f32" else "<d", value), "little")
    assert isinstance(value, int)
    return value % (1 << NUMBERS[type_])


def _same(value: object, expected: dict[str, Any]) -> bool:
    """Whether a value is what is expected, bit for bit; of a NaN the bits that the specification fixes."""
    type_: str = expected["type"]
    bits = _bits(value, type_)
    wanted: str = expected["value"]
    if not wanted.startswith("nan:"):
        return bits == int(wanted) % (1 << NUMBERS[type_])
    quiet = 0x7FC00000 if type_ == "f32" else 0x7FF8 << 48
    magnitude = bits & ((1 << NUMBERS[type_] - 1) - 1)
    return magnitude == quiet if wanted == "nan:canonical" else magnitude & quiet == quiet


def main(folder: str, text: str = "") -> int:
    """Run all scripts beneath `folder` and print what was counted and what differs."""
    os.environ["MUNITION_CACHE"] = ""  # thousands of modules that nobody fires again
    tally = Tally()
    engine = everything_on()
    for path in sorted(Path(folder).rglob("*.json")):
        if text in path.stem:
            Script(path, engine, tally).run()
    for line in (*tally.failures, *(f"{n:7} {name}" for name, n in sorted(tally.counts.items()))):
        print(line)  # noqa: T201
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
