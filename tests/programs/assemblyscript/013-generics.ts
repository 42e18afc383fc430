class Stack<T> { private items: T[] = []; push(x: T): void { this.items.push(x); } pop(): T { return this.items.pop(); } get size(): i32 { return this.items.length; } }
function first<T>(a: T[]): T { return a[0]; }
export class Box<T> { constructor(public value: T) {} }
export function run(): string { const s = new Stack<string>(); s.push("a"); s.push("b"); return s.pop() + s.size.toString() + first<string>(["z"]); }
export function box(n: i32): Box<i32> { return new Box<i32>(n); }
export function text(b: Box<string>): string { return b.value; }

//> run [] => "b1z"
//> box [4] => {"value": 4}
//> text [{"value": "v"}] => "v"
// SPDX-License-Identifier: MIT
