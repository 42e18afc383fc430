export function mean(a: number[]): number { let s: number = 0; for (const x of a) s += x; return s / a.length; }
export function parse(s: string): number { return parseFloat(s); }
export function whole(s: string): i32 { return <i32>parseInt(s, 16); }

//> mean [[1, 2]] => 1.5
//> parse ["2.5x"] => 2.5
//> whole ["ff"] => 255
// SPDX-License-Identifier: MIT
