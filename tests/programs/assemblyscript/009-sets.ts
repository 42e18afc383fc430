export function unique(a: string[]): Set<string> { const s = new Set<string>(); for (const x of a) s.add(x); return s; }
export function both(a: Set<i32>, b: Set<i32>): i32[] { let out: i32[] = []; for (const x of a) if (b.has(x)) out.push(x); return out; }

//> unique [["a", "b", "a"]] => ["a", "b"]
//> both [[1, 2, 3], [3, 1, 5]] => [1, 3]
// SPDX-License-Identifier: MIT
