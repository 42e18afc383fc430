export async function f(): i32 { return 1; }

//! TS1005 1:1 leave out async
// SPDX-License-Identifier: MIT
