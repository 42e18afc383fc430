export function f(s: string | undefined): i32 { return 1; }

//! AS100 1:31 there is no undefined
// SPDX-License-Identifier: MIT
