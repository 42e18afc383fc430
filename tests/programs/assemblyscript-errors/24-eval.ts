export function f(): void { eval("1"); }

//! TS2304 1:29 code cannot be made
// SPDX-License-Identifier: MIT
