export function f(s: string): bool { return /a/.test(s); }

//! AS100 1:45 there are no regular expressions
// SPDX-License-Identifier: MIT
