export function f(): i32 { return 1;
//! TS1126 3:1 -
// SPDX-License-Identifier: MIT
