export function f(): i32 { i32x4.splat(1); return 1; }

//! AS103 1:28 -
// SPDX-License-Identifier: MIT
