// SPDX-License-Identifier: MIT
import { monotonic, wall } from "./time_host";

export namespace time {
  // Milliseconds since 1970, as Date.now.
  export function now(): i64 { return wall() / 1000000; }
  // Nanoseconds since 1970.
  export function wallNanoseconds(): i64 { return wall(); }
  // Nanoseconds since the fire began; never goes back.
  export function monotonicNanoseconds(): i64 { return monotonic(); }
}
