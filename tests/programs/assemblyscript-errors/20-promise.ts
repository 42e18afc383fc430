export function f(): Promise<i32> { return 1; }

//! TS2304 1:22 plain calls
// SPDX-License-Identifier: MIT
