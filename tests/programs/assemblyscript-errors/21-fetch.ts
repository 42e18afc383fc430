export function f(): void { fetch("http://x/"); }

//! TS2304 1:29 http.get
// SPDX-License-Identifier: MIT
