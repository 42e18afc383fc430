import { start_unwind } from "bindings/asyncify";
export function f(): void { start_unwind(0); }

//! TS2305 1:10 imported from "munition"
// SPDX-License-Identifier: MIT
