export function f(s: string | null): string { return s; }

//! TS2322 1:54 may be null
// SPDX-License-Identifier: MIT
