export function f(n: i32): i32 { let s = 0; for (const x of n) s += x; return s; }

//! TS2339 1:61 -
// SPDX-License-Identifier: MIT
