export function f(p: { x: i32 }): i32 { return p.x; }

//! TS1110 1:22 declare a class
// SPDX-License-Identifier: MIT
