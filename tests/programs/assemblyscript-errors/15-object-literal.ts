export function f(): i32 { const o = { a: 1 }; return o.a; }

//! TS2322 1:38 declare a class
// SPDX-License-Identifier: MIT
