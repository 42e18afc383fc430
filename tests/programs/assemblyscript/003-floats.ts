export function all(a: f64, b: f64): f64[] { return [a + b, a - b, a * b, a / b, a % b, a ** b]; }
export function single(a: f32): f32 { return a / 3; }
export function specials(): f64[] { return [Infinity, -Infinity, 0.0 / -1.0]; }
export function math(x: f64): f64[] { return [Math.floor(x), Math.ceil(x), Math.round(x), Math.abs(x), Math.sqrt(x), Math.max(x, 1.0)]; }

//> all [7, 2] => [9.0, 5.0, 14.0, 3.5, 1.0, 49.0]
//> single [1] => 0.3333333432674408
//> specials [] => [{"$float": "inf"}, {"$float": "-inf"}, -0.0]
//> math [2.25] => [2.0, 3.0, 2.0, 2.25, 1.5, 2.25]
// SPDX-License-Identifier: MIT
