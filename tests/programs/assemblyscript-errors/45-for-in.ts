class P { x: i32 = 0 }
export function f(p: P): i32 { let n = 0; for (const k in p) n++; return n; }

//! TS1155 2:54 for-in
// SPDX-License-Identifier: MIT
