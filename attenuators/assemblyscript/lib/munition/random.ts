// SPDX-License-Identifier: MIT
import { fill as hostFill } from "./random_host";

export namespace random {
  // Unpredictable bytes.
  export function bytes(length: i32): Uint8Array {
    let out = new Uint8Array(length);
    hostFill(out.dataStart, out.byteLength);
    return out;
  }
  export function fill(array: Uint8Array): void { hostFill(array.dataStart, array.byteLength); }
  // An integer from `least` to `most`, each as likely as any other.
  export function integer(least: i32, most: i32): i32 {
    if (least > most) throw new RangeError("random.integer: the least is above the most");
    let count = <u64>(<i64>most - <i64>least + 1);
    let fair = u64.MAX_VALUE - u64.MAX_VALUE % count;
    let drawn: u64;
    do { drawn = word(); } while (drawn >= fair);
    return <i32>(<i64>least + <i64>(drawn % count));
  }
  // A number from 0 up to but not including 1.
  export function float(): f64 { return <f64>(word() >> 11) / 9007199254740992.0; }
}

// @ts-ignore: decorator
@lazy const ROOM: usize = memory.data(8, 8);

function word(): u64 {
  hostFill(ROOM, 8);
  return load<u64>(ROOM);
}
