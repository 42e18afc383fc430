export function same(s: string): string { return s; }
export function units(s: string): i32 { return s.length; }
export function points(s: string): i32[] { let out: i32[] = []; for (const c of s) out.push(c.codePointAt(0)); return out; }

//> same ["żółć 🎈 \u0000 end"] => "żółć 🎈 \u0000 end"
//> units ["🎈a"] => 3
//> points ["a🎈é"] => [97, 127880, 233]
//> same [""] => ""
// SPDX-License-Identifier: MIT
