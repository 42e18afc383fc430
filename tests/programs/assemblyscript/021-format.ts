import { format } from "munition";
export function all(a: f64, b: i32, s: string): string { return format("{}|{:.2}|{:5}|{:<5}|{:>5}|{:05}|{:x}|{0}|{{}}", s, a, b, b, s, b, 255); }
export function money(cents: i64): string { return format("{:.2}", <f64>cents / 100.0); }
export function bad(): string { return format("{7}{8}", 1); }

//> all [3.14159, 42, "ab"] => "ab|3.14|   42|42   |   ab|00042|ff|ab|{}"
//> money [123456] => "1234.56"
//> bad [] ! format: there is no argument 8
// SPDX-License-Identifier: MIT
