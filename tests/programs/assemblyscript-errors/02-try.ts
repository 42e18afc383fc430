export function f(): i32 { try { return 1; } catch (e) { return 2; } }

//! AS100 1:28 there is no try
// SPDX-License-Identifier: MIT
