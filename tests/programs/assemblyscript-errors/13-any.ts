export function f(a: any): i32 { return 1; }

//! TS2304 1:22 every value has a type
// SPDX-License-Identifier: MIT
