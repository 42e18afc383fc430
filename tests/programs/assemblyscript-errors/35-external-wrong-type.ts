@external("munition:time", "wall") declare function wall(a: i32): f64;
export function f(): f64 { return wall(1); }

//! C102 1:53 nothing else can be linked
// SPDX-License-Identifier: MIT
