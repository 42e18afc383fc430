export function f(): f64 { return JSMath.sin(1); }

//! TS2339 1:42 is called Math
// SPDX-License-Identifier: MIT
