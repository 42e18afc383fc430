export function f(p: string | null): string { return p ?? "a"; }

//! TS1109 1:57 there is no `??`
// SPDX-License-Identifier: MIT
