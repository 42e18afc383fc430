# SPDX-License-Identifier: MIT
"""The worker on the V8 package, as a process of its own: V8's limits do not protect the process it runs in.

Started as: python -P -m munition.attenuators.assemblyscript.v8 COMPILER_FOLDER. Speaks as worker/node.mjs does.

There are no modules in a bare V8, so the files of the compiler, whose imports and exports are few and known, are made
plain scripts that hand their exports on.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

_OURS: Final = Path(__file__).parent / "worker"
_FILES: Final = (
    ("long", "long/index.js"),
    ("binaryen", "binaryen/index.js"),
    ("assemblyscript", "assemblyscript/dist/assemblyscript.js"),
    ("asc", "assemblyscript/dist/asc.js"),
)
_NAMES: Final = "binaryen|long|assemblyscript"
_IMPORT: Final = re.compile(
    rf'import\s*(?:\*\s*as\s+(?P<all>[\w$]+)|\{{(?P<some>[^}}"]*)\}}|(?P<one>[\w$]+))\s*from\s*"(?P<from>{_NAMES})";?'
)
_EXPORTS: Final = re.compile(r"export\s*\{(?P<names>[^{}]*)\};?\s*(?://[^\n]*\s*)*\Z")
_DEFAULT: Final = re.compile(r"export\s+default\s+([\w$]+);?\s*\Z")
_BOOT_SECONDS: Final = 60


def as_script(name: str, text: str) -> str:
    """An ES module as an expression that runs it and puts its exports into `modules`.

    Raises:
        ValueError: the module has another form than those of the known release.
    """
    exports = _EXPORTS.search(text)
    default = _DEFAULT.search(text)
    match = exports or default
    if match is None:
        raise ValueError(f"{name} has no exports where they are expected")
    body = text[: match.start()]
    if exports:
        pairs = [_pair(item) for item in exports["names"].split(",") if item.strip()]
        made = ", ".join(f"{json.dumps(outer)}: {inner}" for inner, outer in pairs)
    else:
        assert default is not None
        made = f'"default": {default[1]}'
    imports: list[str] = []

    def replace(found: re.Match[str]) -> str:
        imports.append(_bound(found))
        return ""

    body = _IMPORT.sub(replace, body).replace("import.meta.url", '"file:///"')
    return f"(async () => {{ {' '.join(imports)}\n{body}\nmodules[{json.dumps(name)}] = {{ {made} }}; }})()"


def _pair(item: str) -> tuple[str, str]:
    inner, _, outer = item.strip().partition(" as ")
    return inner.strip(), outer.strip() or inner.strip()


def _bound(found: re.Match[str]) -> str:
    source = f"modules.{found['from']}"
    if found["all"]:
        return f"const {found['all']} = {source};"
    if found["one"]:
        return f'const {found["one"]} = {source}["default"];'
    names = (_pair(item) for item in found["some"].split(",") if item.strip())
    return " ".join(f"const {inner} = {source}[{json.dumps(outer)}];" for outer, inner in names)


def own_script() -> str:
    """Our own modules, which export functions and import nothing but each other, as one script."""
    out: list[str] = []
    for name in ("rewrite.mjs", "surface.mjs", "pipeline.mjs"):
        text = (_OURS / name).read_text("utf-8")
        text = re.sub(r'^import \{[^}]*\} from "\./[\w.]+";$', "", text, flags=re.MULTILINE)
        out.append(re.sub(r"^export (?=function|class|const)", "", text, flags=re.MULTILINE))
    return "\n".join(out)


def main(folder: Path) -> None:
    """Answer requests until standard input ends."""
    from py_mini_racer import MiniRacer

    engine: Any = MiniRacer()
    engine.eval((_OURS / "v8.mjs").read_text("utf-8") + "\nglobalThis.modules = {};")
    for name, path in _FILES:
        engine.eval(as_script(name, (folder / path).read_text("utf-8"))).get(timeout=_BOOT_SECONDS)
    engine.eval(
        f"{{ {own_script()}\n"
        'globalThis.compileRequest = createCompile(modules.assemblyscript, modules.binaryen["default"], '
        "modules.asc.libraryFiles); }"
    )
    version = engine.eval("modules.asc.version")
    _say(json.dumps({"ready": True, "version": version}))
    for line in sys.stdin.buffer:
        _say(engine.eval(f"answerLine({json.dumps(line.decode())})"))


def _say(line: str) -> None:
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
