export function f(): i32 { const [a, b] = [1, 2]; return a + b; }

//! TS1003 1:28 there is no destructuring
// SPDX-License-Identifier: MIT
