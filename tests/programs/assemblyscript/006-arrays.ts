export function sorted(a: i32[]): i32[] { return a.slice().sort((x, y) => x - y); }
export function worked(a: i32[]): i32[] { return a.filter(x => x % 2 == 0).map<i32>(x => x * x); }
export function total(a: f64[]): f64 { return a.reduce<f64>((s, x) => s + x, 0.0); }
export function grow(n: i32): i32[] { let a: i32[] = []; for (let i = 0; i < n; i++) a.push(i); a.pop(); a.unshift(-1); return a; }
export function nested(n: i32): i32[][] { let out: i32[][] = []; for (let i = 0; i < n; i++) { out.push([]); for (let j = 0; j <= i; j++) out[i].push(j); } return out; }
export function has(a: string[], x: string): bool[] { return [a.includes(x), a.some(y => y.length > 3), a.every(y => y.length > 0)]; }

//> sorted [[3, 1, 2]] => [1, 2, 3]
//> worked [[1, 2, 3, 4]] => [4, 16]
//> total [[0.5, 0.25]] => 0.75
//> grow [4] => [-1, 0, 1, 2]
//> nested [3] => [[0], [0, 1], [0, 1, 2]]
//> has [["a", "long"], "a"] => [true, true, true]
//> sorted [[]] => []
// SPDX-License-Identifier: MIT
