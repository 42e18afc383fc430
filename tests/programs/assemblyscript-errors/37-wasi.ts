@external("wasi_snapshot_preview1", "fd_write") declare function fd_write(a: i32, b: i32, c: i32, d: i32): i32;
export function f(): i32 { return fd_write(1, 0, 0, 0); }

//! C102 1:66 nothing else can be linked
// SPDX-License-Identifier: MIT
