export function f(): void { require("fs"); }

//! TS2304 1:29 use import
// SPDX-License-Identifier: MIT
