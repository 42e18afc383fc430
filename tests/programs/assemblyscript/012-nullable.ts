export class Node { constructor(public value: i32, public next: Node | null) {} }
export function chain(n: i32): Node | null { let out: Node | null = null; for (let i = n; i > 0; i--) out = new Node(i, out); return out; }
export function sum(n: Node | null): i32 { let s = 0; while (n) { s += n.value; n = n.next; } return s; }
export function maybe(s: string | null): string | null { return s ? s! + "?" : null; }

//> chain [2] => {"value": 1, "next": {"value": 2, "next": null}}
//> chain [0] => null
//> sum [{"value": 3, "next": {"value": 4}}] => 7
//> sum [null] => 0
//> maybe [null] => null
//> maybe ["a"] => "a?"
// SPDX-License-Identifier: MIT
