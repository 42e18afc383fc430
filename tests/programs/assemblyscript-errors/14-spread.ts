export function f(): i32[] { return [...[1, 2]]; }

//! AS100 1:38 a.concat(b)
// SPDX-License-Identifier: MIT
