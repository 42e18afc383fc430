export function f(): f64 { return Math.random(); }

//! C101 1:35 --caps random
// SPDX-License-Identifier: MIT
