export function f(): i64 { return Date.now(); }

//! C101 1:35 --caps time
// SPDX-License-Identifier: MIT
