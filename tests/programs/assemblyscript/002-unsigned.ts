export function top(a: u64): u64 { return a; }
export function most(): u64 { return u64.MAX_VALUE; }
export function list(): u64[] { return [0, u64.MAX_VALUE, 1 << 63]; }
export function word(a: u32): u32 { return a + 1; }

//> top [18446744073709551615] => 18446744073709551615
//> most [] => 18446744073709551615
//> list [] => [0, 18446744073709551615, 9223372036854775808]
//> word [4294967294] => 4294967295
// SPDX-License-Identifier: MIT
