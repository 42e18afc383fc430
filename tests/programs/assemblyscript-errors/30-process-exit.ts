export function f(): void { process.exit(1); }

//! AS102 1:29 -
// SPDX-License-Identifier: MIT
