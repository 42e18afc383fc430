// SPDX-License-Identifier: MIT
@external("munition:random", "fill") declare function host_fill(at: usize, length: i32): void;

// @ts-ignore: decorator
@lazy const MOST: i32 = 1 << 20; // bytes the host gives at once

export function fill(at: usize, length: i32): void {
  while (length > 0) {
    let n = min(length, MOST);
    host_fill(at, n);
    at += n;
    length -= n;
  }
}
