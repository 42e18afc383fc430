export function bytes(a: Uint8Array): Uint8Array { for (let i = 0; i < a.length; i++) a[i] ^= 0xff; return a; }
export function ints(a: Int32Array): Int32Array { return a.subarray(1); }
export function reals(a: Float64Array): Float64Array { a.reverse(); return a; }
export function singles(a: Float32Array): f32 { return a[0] + a[1]; }
export function wide(a: BigUint): u64 { return a[0]; }
type BigUint = Uint64Array;
export function raw(a: ArrayBuffer): ArrayBuffer { return a.slice(1); }
export function fixed(a: StaticArray<i16>): StaticArray<i16> { a[0] = 9; return a; }

//> bytes [[0, 1, 255]] => {"$bytes": "//4A"}
//> bytes [{"$bytes": "AAH/"}] => {"$bytes": "//4A"}
//> ints [[1, -2, 3]] => [-2, 3]
//> reals [[1, 2.5]] => [2.5, 1.0]
//> singles [[0.5, 0.25]] => 0.75
//> wide [[18446744073709551615]] => 18446744073709551615
//> raw [{"$bytes": "AQID"}] => {"$bytes": "AgM="}
//> fixed [[1, -2]] => [9, -2]
// SPDX-License-Identifier: MIT
