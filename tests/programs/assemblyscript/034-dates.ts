export function parts(t: i64): i32[] { const d = new Date(t); return [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours()]; }
export function parse(s: string): i64 { return Date.parse(s).getTime(); }

//> parts [1700000000000] => [2023, 10, 14, 22]
//> parse ["2020-01-01T00:00:00Z"] => 1577836800000
// SPDX-License-Identifier: MIT
