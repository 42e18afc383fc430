import { document } from "bindings/dom";
export function f(): void { document; }

//! TS2305 1:10 imported from "munition"
// SPDX-License-Identifier: MIT
