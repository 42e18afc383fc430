# SPDX-License-Identifier: MIT
"""`require`: what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import munition
from munition.errors import CompileError, UsageError, UsageTypeError
from tests.support.lua_projects import Project, refused, run


@pytest.mark.parametrize(
    "name",
    [
        "../m",
        "..",
        ".",
        "a..b",
        "a//b",
        "/etc/passwd",
        "./m",
        "m.",
        ".m",
        "",
        "a\\b",
        "c:m",
        "a\0b",
        "a\nb",
        "m.lua\xff",
        "x" * 300,
    ],
)
def test_names_that_lead_elsewhere_are_refused(project: Project, name: str) -> None:
    root = project({"root/m.lua": "return 1", "m.lua": "return 2", "m/lua.lua": "return 3"}) / "root"
    literal = "".join(f"\\{ord(c):03d}" for c in name)
    (found,) = refused(root, f'return require "{literal}"')
    assert found.code == "L301"
    assert found.span.start == len("return require ")


def test_links_lead_nowhere_else(project: Project, tmp_path: Path) -> None:
    root = project({"inside.lua": "return 1"})
    (tmp_path / "secret.lua").write_text("return 'secret'")
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "m.lua").write_text("return 'secret'")
    (root / "out.lua").symlink_to(tmp_path / "secret.lua")
    (root / "dir").symlink_to(tmp_path / "dir")
    (root / "again.lua").symlink_to(root / "inside.lua")
    (root / "circle.lua").symlink_to(root / "circle.lua")
    assert [d.code for d in refused(root, "require 'out'")] == ["L303"]
    assert [d.code for d in refused(root, "require 'dir.m'")] == ["L303"]
    assert [d.code for d in refused(root, "pcall(require, 'out')")] == ["L303"]
    assert [d.code for d in refused(root, "require 'circle'")] == ["L302"]
    assert run(root, "return (require 'again')") == (1,)


def test_only_regular_files_are_modules(project: Project) -> None:
    root = project({"x.lua": ""})
    os.mkfifo(root / "pipe.lua")
    (root / "folder.lua").mkdir()
    for name in ("pipe", "folder"):
        assert [d.code for d in refused(root, f"require '{name}'")] == ["L302"]


def test_what_is_not_there_is_an_error_unless_the_script_can_do_without(project: Project) -> None:
    root = project({"m.lua": ""})
    (found,) = refused(root, "local x\nrequire 'n'")
    assert (found.code, found.span.start) == ("L302", len("local x\nrequire "))
    for text in ("pcall(require, 'n')", "xpcall(require, print, 'n')", "pcall(function() require 'n' end)"):
        munition.compile(f"local print = nil {text}".encode(), path=[root])
    module = munition.compile(b"require 'n'", denied="runtime")
    assert [d.severity.value for d in module.diagnostics] == ["warning"]
    assert munition.fire(module).kind == "guest_error"


def test_nothing_is_searched_by_itself(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project({"m.lua": "return 1", "script.lua": "return require 'm'"})
    monkeypatch.chdir(root)
    with pytest.raises(CompileError):
        munition.compile(Path("script.lua"))
    assert munition.fire(munition.compile(Path("script.lua"), path=["."])).values[0] == 1


@pytest.mark.parametrize(
    ("files", "chain"),
    [
        ({"a.lua": "require 'a'"}, "a -> a"),
        ({"a.lua": "require 'b'", "b.lua": "require 'a'"}, "a -> b -> a"),
        (
            {
                "a.lua": "require 'b'",
                "b.lua": "if x then require 'c' end",
                "c.lua": "local t = {require('b')}",
            },
            "b -> c -> b",
        ),
    ],
)
def test_circles_are_named(project: Project, files: dict[str, str], chain: str) -> None:
    (found,) = refused(project(files), "require 'a'")
    assert found.code == "L304"
    assert found.message == f"modules require each other in a circle: {chain}"
    assert found.source is not None


def test_the_limit_on_the_source_counts_modules(project: Project) -> None:
    root = project({"m.lua": "x = 1 " * 100, "n.lua": "x = 1 " * 100})
    text = "require 'm' require 'n'"
    munition.compile(text.encode(), path=[root], max_source=2000)
    (found,) = refused(root, text, max_source=1000)
    assert (found.code, found.kind) == ("L196", "limit")
    assert text[found.span.start : found.span.end] == "'n'"


def test_the_number_of_modules_is_limited(project: Project) -> None:
    root = project({f"m{i}.lua": "" for i in range(502)})
    found = refused(root, " ".join(f"require 'm{i}'" for i in range(502)))
    assert {(d.code, d.kind) for d in found} == {("L197", "limit")}


def test_package_path_is_a_string_that_nothing_reads() -> None:
    module = munition.compile(
        b"package.path = package.path .. ';./lib/?.lua' return package.path, package.config:sub(1, 1)"
    )
    assert [d.code for d in module.diagnostics] == ["L306"]
    assert munition.fire(module).values == ("./?.lua;./?/init.lua;./lib/?.lua", "/")


def test_the_path_must_be_a_list_of_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageTypeError, match="list of folders"):
        munition.compile(b"", path=str(tmp_path))
    with pytest.raises(UsageError, match="no folder"):
        munition.compile(b"", path=[tmp_path / "nothing"])
