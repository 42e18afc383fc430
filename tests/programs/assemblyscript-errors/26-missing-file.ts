import { x } from "./nope";
export function f(): void { x(); }

//! TS6054 1:19 --path DIR
// SPDX-License-Identifier: MIT
