import { x } from "../../../etc/passwd";
export function f(): void { x(); }

//! A301 1:20 move the file
// SPDX-License-Identifier: MIT
