type Op = (a: i32, b: i32) => i32;
const ops = new Map<string, Op>();
ops.set("add", (a, b) => a + b);
ops.set("mul", (a, b) => a * b);
export function apply(name: string, a: i32, b: i32): i32 { return ops.has(name) ? ops.get(name)(a, b) : -1; }

//> apply ["mul", 6, 7] => 42
//> apply ["none", 6, 7] => -1
// SPDX-License-Identifier: MIT
