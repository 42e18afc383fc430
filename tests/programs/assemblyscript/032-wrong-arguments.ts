export class P { x: i32 = 0; list: string[] = []; }
export function f(p: P, n: u8, m: Map<string, f32> | null = null): i32 { return p.x + n; }

//> f [{"x": 1, "list": []}, 2] => 3
//> f [{"x": 1, "list": [1]}, 2] ? parameter 'p' of f (P) at p.list[0]: a string is expected, not int
//> f [{"x": 1}, 2] ? parameter 'p' of f (P): the field list is missing
//> f [{"x": 1, "list": []}, 256] ? parameter 'n' of f (u8): 256 is not from 0 to 255
//> f [{"x": 1, "list": []}, 2, {"a": "b"}] ? parameter 'm' of f (Map<string,f32>|null) at m['a']: a number is expected, not str
//> f [{"x": 1, "list": []}] ? f takes 2 to 3 arguments (p: P, n: u8, m: Map<string,f32>|null), not 1
//> f [null, 2] ? parameter 'p' of f (P): an object with the fields of P is expected, not None
// SPDX-License-Identifier: MIT
