import { x } from "lodash";
export function f(): void { x(); }

//! TS6054 1:19 there are no packages
// SPDX-License-Identifier: MIT
