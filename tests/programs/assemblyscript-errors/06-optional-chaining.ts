class P { x: i32 = 0 }
export function f(p: P | null): i32 { let q = p; return p?.x; }

//! TS1109 2:59 there is no `?.`
// SPDX-License-Identifier: MIT
