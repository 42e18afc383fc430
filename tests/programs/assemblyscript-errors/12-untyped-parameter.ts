export function f(a) { return a; }

//! TS1110 1:21 write the types
// SPDX-License-Identifier: MIT
