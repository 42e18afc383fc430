export function f(x: f64): string { return x.toFixed(2); }

//! TS2339 1:46 format("{:.2}", x)
// SPDX-License-Identifier: MIT
