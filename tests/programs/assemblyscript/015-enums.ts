enum Color { Red, Green = 5, Blue }
export function next(c: Color): Color { return c == Color.Red ? Color.Green : Color.Blue; }
export function name(c: Color): string { switch (c) { case Color.Red: return "red"; case Color.Green: return "green"; default: return "blue"; } }

//> next [0] => 5
//> name [6] => "blue"
// SPDX-License-Identifier: MIT
