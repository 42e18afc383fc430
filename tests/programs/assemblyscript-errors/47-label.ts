export function f(): i32 {
  outer: for (let i = 0; i < 3; i++) { for (;;) continue outer; }
  return 1;
}

//! TS1109 2:8 there are no labels
// SPDX-License-Identifier: MIT
