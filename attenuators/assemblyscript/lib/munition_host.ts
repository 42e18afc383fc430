// SPDX-License-Identifier: MIT
// What the compiler's own trace and Math.random turn to.

import { fill } from "./munition/random_host";
import { line } from "./munition/log_host";

// @ts-ignore: decorator
@lazy const ROOM: usize = memory.data(8, 8);

// A number from 1 up to 2 with 52 unpredictable bits: what the generator behind Math.random starts from.
export function munition$seed(): f64 {
  fill(ROOM, 8);
  return reinterpret<f64>(load<u64>(ROOM) >> 12 | 0x3ff0000000000000);
}

export function munition$trace(
  message: string, n: i32 = 0, a0: f64 = 0, a1: f64 = 0, a2: f64 = 0, a3: f64 = 0, a4: f64 = 0,
): void {
  let text = "trace: " + message;
  if (n > 0) text += " " + munition$number(a0);
  if (n > 1) text += ", " + munition$number(a1);
  if (n > 2) text += ", " + munition$number(a2);
  if (n > 3) text += ", " + munition$number(a3);
  if (n > 4) text += ", " + munition$number(a4);
  line(2, text);
}
