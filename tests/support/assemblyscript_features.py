# SPDX-License-Identifier: MIT
"""What people write, one thing at a time: whether it compiles is found out by compiling it, and becomes a table.

`python -m tests.support.assemblyscript_features` writes the table into the front end's README; a test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from munition.attenuator import Options
from munition.attenuators.assemblyscript.attenuator import AssemblyScriptAttenuator
from munition.attenuators.assemblyscript.bridge import Bridge
from munition.capability.parse import parse
from munition.errors import CompileError
from munition.source import Source

PAGE: Final = Path(__file__).resolve().parents[2] / "attenuators" / "assemblyscript" / "README.md"
BEGIN: Final = "<!-- features -->"
END: Final = "<!-- end of features -->"

_F: Final = "export function f(): i32 { %s return 1; }"
_P: Final = "class P { x: i32 = 0; y: P | null = null; }\n"
# What it is called, and a source that uses it.
FEATURES: Final = (
    ("`number` (f64), `i8` to `u64`, `f32`", "export function f(a: number, b: u64, c: i8): number { return a; }"),
    ("template strings", _F % "let s = `a${1 + 1}b`;"),
    ("default parameters", "export function f(a: i32 = 1): i32 { return a; }"),
    ("classes, inheritance, static members, get and set", _F % "" + "class A { static n: i32 = 1; private v: i32 = 2; get x(): i32 { return this.v; } set x(n: i32) { this.v = n; } } class B extends A { } export function g(): i32 { const b = new B(); b.x = 3; return b.x + A.n; }"),
    ("constructor parameter properties", "class A { constructor(public x: i32) {} } export function f(): i32 { return new A(1).x; }"),
    ("abstract classes and interfaces", "interface I { n(): i32; } abstract class A { abstract n(): i32; } class B extends A implements I { n(): i32 { return 1; } } export function f(): i32 { const i: I = new B(); return i.n(); }"),
    ("generics", "function id<T>(x: T): T { return x; } export function f(): i32 { return id<i32>(1); }"),
    ("operator overloading", "class V { @operator('+') a(o: V): V { return this; } } export function f(): V { return new V() + new V(); }"),
    ("numeric enums", "enum E { A, B = 5 } export function f(): i32 { return E.B; }"),
    ("`Map`, `Set`, typed arrays, `ArrayBuffer`", _F % "const m = new Map<string, i32>(); m.set('a', 1); const s = new Set<i32>(); const t = new Float64Array(2);"),
    ("`for (const x of ...)` over arrays, strings, sets, maps", _F % "let n = ''; for (const c of 'ab') n += c; for (const x of [1, 2]) n += x.toString();"),
    ("`for (const [k, v] of map)`", _F % "for (const [k, v] of new Map<string, i32>()) { k.length + v; }"),
    ("arrow functions without capture, `map`, `filter`, `reduce`, `sort`", _F % "[3, 1].map<i32>(x => x * 2).filter(x => x > 1).sort((a, b) => a - b);"),
    ("`console.log` with any arguments", _F % "console.log('a', 1, [1.5], true);"),
    ("`JSON`, from \"munition\"", 'import { JSON } from "munition"; export function f(): string { return JSON.stringify([1]); }'),
    ("`switch` on strings, `do`, `**`, `1_000`", _F % "switch ('a') { case 'a': break; } let i = 1_000; do { i--; } while (i > 2 ** 3);"),
    ("`T \\| null`, `!`", "export function f(s: string | null): i32 { return s ? s!.length : 0; }"),
    ("`instanceof`, `as`, `typeof`", "class A {} class B extends A {} export function f(a: A): bool { return a instanceof B && typeof 1 == 'number'; }"),
    ("`throw`", "export function f(n: i32): i32 { if (n) throw new Error('x'); return n; }"),
    ("code outside of functions", "const t: i32[] = [1]; t.push(2); export function f(): i32 { return t.length; }"),
    ("closures over locals", "export function f(n: i32): i32 { const g = (x: i32): i32 => x + n; return g(1); }"),
    ("`try`, `catch`", _F % "try { 1; } catch (e) { 2; }"),
    ("`/regular expressions/`", _F % "/a/.test('a');"),
    ("`A \\| B`, `undefined`", "export function f(s: string | i32): i32 { return 1; }"),
    ("`?.`", _P + "export function f(p: P): i32 { const q = p?.y; return 1; }"),
    ("`??`", "export function f(s: string | null): string { return s ?? ''; }"),
    ("destructuring", _F % "const [a, b] = [1, 2];"),
    ("spread in arrays", _F % "const a = [...[1]];"),
    ("spread in calls", _F % "Math.max(...[1.0, 2.0]);"),
    ("object literals without a class", _F % "const o = { a: 1 };"),
    ("object and tuple types", "export function f(p: { x: i32 }): i32 { return 1; }"),
    ("parameters without a type", "export function f(a) { return a; }"),
    ("`any`", "export function f(a: any): i32 { return 1; }"),
    ("string enums", "enum E { A = 'a' } export function f(): i32 { return E.A; }"),
    ("mixed arrays", _F % "const a = [1, 'a'];"),
    ("`x?: T`", "export function f(x?: i32): i32 { return 1; }"),
    ("`for (k in o)`", _P + _F % "for (const k in new P()) {}"),
    ("labels", _F % "a: for (;;) { break a; }"),
    ("`async`, `await`, `Promise`", "export async function f(): i32 { return 1; }"),
    ("generators", "export function* f(): i32 { yield 1; }"),
    ("`#private`", "class A { #x: i32 = 1; } " + _F % ""),
    ("`10n`", "export function f(): i64 { return 10n; }"),
    ("`as const`", _F % "const a = [1] as const;"),
    ("`Map.forEach`, `Array.find`, `toFixed`", _F % "new Map<string, i32>().forEach((v, k) => {});"),
    ("`setTimeout`, `fetch`, `require`, `eval`", _F % "setTimeout(() => {}, 1);"),
    ("`process.exit`", _F % "process.exit(1);"),
    ("packages from npm", 'import { x } from "lodash"; ' + _F % "x();"),
    ("`JSMath`, the DOM", _F % "JSMath.sin(1);"),
    ("imports of one's own (`@external`, `declare`)", "declare function g(): i32; export function f(): i32 { return g(); }"),
)  # fmt: skip


def table() -> str:
    """The table, by compiling every source."""
    attenuator = AssemblyScriptAttenuator(level=0, bridge=Bridge())
    works: list[str] = []
    refused: list[str] = []
    for what, text in FEATURES:
        try:
            attenuator.compile(Source("feature.ts", text.encode()), Options(parse("log")))
            works.append(f"| {what} |")
        except CompileError as error:
            first = error.diagnostics[0]
            advice = (first.help or first.message).replace("|", "\\|").replace("\n", " ")
            refused.append(f"| {what} | {first.code} | {advice} |")
    attenuator.bridge.close()
    return "\n".join([
        "| works |", "|---|", *works, "",
        "| is refused | code | what the message says to write instead |", "|---|---|---|", *refused,
    ])  # fmt: skip


def with_table(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
