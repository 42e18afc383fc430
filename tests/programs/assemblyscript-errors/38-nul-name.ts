@external("munition:time\0", "wall") declare function wall(): i64;
export function f(): i64 { return wall(); }

//! C101 1:55 --caps time
// SPDX-License-Identifier: MIT
