export function f(): void { console.log("x"); }

//! C101 1:29 --caps log
// SPDX-License-Identifier: MIT
