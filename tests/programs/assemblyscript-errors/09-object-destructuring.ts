class P { x: i32 = 0 }
export function f(p: P): i32 { const { x } = p; return x; }

//! TS1003 2:32 there is no destructuring
// SPDX-License-Identifier: MIT
