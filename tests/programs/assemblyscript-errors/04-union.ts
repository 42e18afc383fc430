export function f(s: string | i32): i32 { return 1; }

//! AS100 1:31 the only union is T | null
// SPDX-License-Identifier: MIT
