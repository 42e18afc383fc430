export function* f(): i32 { yield 1; }

//! TS1003 1:16 there are no generators
// SPDX-License-Identifier: MIT
