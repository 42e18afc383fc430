class Failure extends Error { constructor(m: string) { super("failure: " + m); } }
export function plain(n: i32): i32 { if (n > 1) throw new Error("too big: " + n.toString()); return n; }
export function own(): void { throw new Failure("mine"); }
export function index(a: i32[]): i32 { return a[3]; }
export function key(m: Map<string, i32>): i32 { return m.get("nope"); }
export function zero(n: i32): i32 { return 1 / n; }
export function wrong(): void { assert(1 > 2, "one is not above two"); }
export function missing(s: string | null): string { return s! + "x"; }

//> plain [1] => 1
//> plain [2] ! 025-throws.ts:2:49: too big: 2
//> own [] ! 025-throws.ts:3:31: mine
//> index [[1]] ! Index out of range (~lib/array.ts:114:42)
//> key [{}] ! Key does not exist (~lib/map.ts:105:17)
//> zero [0] ! the program crashed: it divided an integer by zero
//> wrong [] ! 025-throws.ts:7:33: one is not above two
//> missing [null] ! 025-throws.ts:8:60: Unexpected 'null' (not assigned or failed cast)
// SPDX-License-Identifier: MIT
