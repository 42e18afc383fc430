export function f(s: string): i32 { return s; }

//! TS2322 1:44 parseInt
// SPDX-License-Identifier: MIT
