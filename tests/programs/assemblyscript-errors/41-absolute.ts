import { x } from "/etc/passwd";
export function f(): void { x(); }

//! TS6054 1:19 -
// SPDX-License-Identifier: MIT
