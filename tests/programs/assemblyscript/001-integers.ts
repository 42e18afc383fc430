export function ops(a: i32, b: i32): i32[] { return [a + b, a - b, a * b, a / b, a % b, a & b, a | b, a ^ b, a << 3, a >> 1, a >>> 28]; }
export function wide(a: i64, b: i64): i64[] { return [a + b, a * b, a / b, a % b]; }
export function wraps(): i32 { let x: i32 = i32.MAX_VALUE; return x + 1; }
export function small(a: u8, b: i8, c: u16, d: i16): i32 { return <i32>a + b + c + d; }

//> ops [17, 5] => [22, 12, 85, 3, 2, 1, 21, 20, 136, 8, 0]
//> ops [-17, 5] => [-12, -22, -85, -3, -2, 5, -17, -22, -136, -9, 15]
//> wide [9007199254740993, 3] => [9007199254740996, 27021597764222979, 3002399751580331, 0]
//> wraps [] => -2147483648
//> small [255, -128, 65535, -32768] => 32894
// SPDX-License-Identifier: MIT
