export function f(): string { return JSON.stringify([1]); }

//! TS2304 1:38 import { JSON } from "munition"
// SPDX-License-Identifier: MIT
