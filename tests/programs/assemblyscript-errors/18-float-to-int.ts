export function f(x: f64): i32 { return x; }

//! AS200 1:41 convert on purpose
// SPDX-License-Identifier: MIT
