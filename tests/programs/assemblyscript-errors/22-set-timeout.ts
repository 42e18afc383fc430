export function f(): void { setTimeout(() => {}, 1); }

//! TS2304 1:29 no event loop
// SPDX-License-Identifier: MIT
