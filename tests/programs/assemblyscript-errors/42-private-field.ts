class P { #x: i32 = 0 }
export function f(): i32 { return 1; }

//! TS1127 1:11 private x
// SPDX-License-Identifier: MIT
