export function f(n: i32): i32 { const g = (x: i32): i32 => x + n; return g(1); }

//! AS100 1:65 pass them as parameters
// SPDX-License-Identifier: MIT
