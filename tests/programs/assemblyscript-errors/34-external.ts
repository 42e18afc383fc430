@external("env", "evil") export declare function evil(): void;
export function f(): void { evil(); }

//! C102 1:50 nothing else can be linked
// SPDX-License-Identifier: MIT
