export function f(m: Map<string, i32>): void { m.forEach((v, k) => {}); }

//! TS2339 1:50 for (const [k, v] of map)
// SPDX-License-Identifier: MIT
