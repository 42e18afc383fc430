// SPDX-License-Identifier: MIT
// What the standard library takes from its surroundings, on the capabilities time, random and log.

import { monotonic, wall } from "../munition/time_host";
import { fill } from "../munition/random_host";
import { line } from "../munition/log_host";

export namespace Date {
  export function now(): f64 { return <f64>(wall() / 1000000); }
}

export namespace performance {
  export function now(): f64 { return <f64>monotonic() / 1e6; }
}

export namespace crypto {
  export function getRandomValues(array: Uint8Array): void { fill(array.dataStart, array.byteLength); }
}

export namespace console {
  export function assert(condition: bool, message: string): void { if (!condition) line(2, "Assertion failed: " + message); }
  export function log(message: string): void { line(1, message); }
  export function debug(message: string): void { line(1, message); }
  export function info(message: string): void { line(1, message); }
  export function warn(message: string): void { line(2, message); }
  export function error(message: string): void { line(2, message); }
  export function time(label: string): void { ERROR("console.time is not available; use performance.now()"); }
  export function timeLog(label: string): void { ERROR("console.timeLog is not available; use performance.now()"); }
  export function timeEnd(label: string): void { ERROR("console.timeEnd is not available; use performance.now()"); }
}

// JSMath is JavaScript's Math, which is not here; Math is AssemblyScript's own.
export namespace Math {}
