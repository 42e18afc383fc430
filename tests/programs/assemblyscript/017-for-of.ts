export function arrays(a: i32[], b: Int16Array, c: StaticArray<f64>): f64 { let s = 0.0; for (const x of a) s += x; for (let y of b) s += y; for (const z of c) s += z; return s; }
export function nested(a: i32[][]): i32 { let n = 0; for (const row of a) for (const x of row) { if (x == 2) continue; if (x == 9) break; n += x; } return n; }
export function reuse(a: string[]): string { let x = ""; let out = ""; for (x of a) out += x; return out + x; }
export function grows(a: i32[]): i32 { let n = 0; for (const x of a) { n++; if (x == 1) a.push(7); } return n; }
export function pairs(m: Map<string, i32>): string { let out = ""; for (const [k, v] of m) { for (const [k2, v2] of m) out += k + v2.toString() + k2; out += v.toString() + ";"; } return out; }
export function entries(m: Map<i32, string>): string { let out = ""; for (const k of m.keys()) out += k.toString(); for (const v of m.values()) out += v; return out; }

//> arrays [[1, 2], [3], [0.5]] => 6.5
//> nested [[[1, 2, 3], [4, 9, 5]]] => 8
//> reuse [["a", "b"]] => "abb"
//> grows [[1, 1, 2]] => 5
//> pairs [{"a": 1, "b": 2}] => "a1aa2b1;b1ab2b2;"
//> entries [{"$map": [[1, "x"], [2, "y"]]}] => "12xy"
// SPDX-License-Identifier: MIT
