// SPDX-License-Identifier: MIT
@external("munition:time", "wall") export declare function wall(): i64;
@external("munition:time", "monotonic") export declare function monotonic(): i64;
