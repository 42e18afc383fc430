export function many(s: string): string[] {
  return [s.toUpperCase(), s.slice(1, 3), s.substring(2), s.repeat(2), s.replaceAll("l", "L"), s.padStart(7, "."), s.trim(), s.charAt(0), s + "!", `<${s}>`];
}
export function find(s: string, t: string): i32[] { return [s.indexOf(t), s.lastIndexOf(t), s.length, <i32>s.includes(t), <i32>s.startsWith(t)]; }
export function parts(s: string): string[] { return s.split(","); }
export function back(s: string): string { return s.split("").reverse().join(""); }
export function equal(a: string, b: string): bool[] { return [a == b, a === b, a < b]; }

//> many ["hello"] => ["HELLO", "el", "llo", "hellohello", "heLLo", "..hello", "hello", "h", "hello!", "<hello>"]
//> find ["abcabc", "bc"] => [1, 4, 6, 1, 0]
//> parts ["a,b,,c"] => ["a", "b", "", "c"]
//> back ["abc"] => "cba"
//> equal ["x", "x"] => [true, true, false]
// SPDX-License-Identifier: MIT
