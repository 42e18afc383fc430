export function f(): i32 { const a = [1, "a"]; return a.length; }

//! TS2322 1:42 one type
// SPDX-License-Identifier: MIT
