export function f(): i64 { return 10n; }

//! TS1351 1:37 i64 or u64
// SPDX-License-Identifier: MIT
