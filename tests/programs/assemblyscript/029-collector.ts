class Tree { constructor(public left: Tree | null, public right: Tree | null) {} }
function make(d: i32): Tree { return d == 0 ? new Tree(null, null) : new Tree(make(d - 1), make(d - 1)); }
function count(t: Tree): i32 { return 1 + (t.left ? count(t.left!) : 0) + (t.right ? count(t.right!) : 0); }
export function trees(n: i32, d: i32): i32 { let s = 0; for (let i = 0; i < n; i++) s += count(make(d)); return s; }
export function words(n: i32): i32 { let s = ""; let total = 0; for (let i = 0; i < n; i++) { s = "w" + i.toString() + s.slice(0, 50); total += s.length; } return total; }
export function echo(a: string[]): string[] { let junk: string[] = []; for (let i = 0; i < 1000; i++) junk.push("x".repeat(i % 50)); return a; }

//> trees [20, 10] => 40940
//> words [10000] => 548315
//> echo [["a", "b"]] => ["a", "b"]
// SPDX-License-Identifier: MIT
