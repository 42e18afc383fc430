export function greet(name: string, greeting: string = "hello", times: i32 = 1): string { return (greeting + " " + name + ".").repeat(times); }

//> greet ["a"] => "hello a."
//> greet ["a", "hi"] => "hi a."
//> greet ["a", "hi", 2] => "hi a.hi a."
// SPDX-License-Identifier: MIT
