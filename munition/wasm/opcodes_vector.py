# SPDX-License-Identifier: MIT
"""The vector instructions (prefix FD): fixed-width SIMD and relaxed SIMD. Rows as in `munition.wasm.opcodes`."""

from __future__ import annotations

from typing import Final

_INT_COMPARE: Final = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"
_FLOAT_COMPARE: Final = "eq ne lt gt le ge"
_SIMD, _RELAXED, _FD = "simd", "relaxed_simd", 0xFD


def _each(prefix: str, names: str, suffix: str = "") -> str:
    return " ".join(prefix + name + suffix for name in names.split())


_WIDENED: Final = {"i16x8": "i8x16", "i32x4": "i16x8", "i64x2": "i32x4"}
"""Shape -> the shape of half its lanes."""


def _extend(shape: str) -> str:
    half = _WIDENED[shape]
    return _each(f"{shape}.extend_", f"low_{half}_s high_{half}_s low_{half}_u high_{half}_u")


def _extmul(shape: str) -> str:
    half = _WIDENED[shape]
    return _each(f"{shape}.extmul_", f"low_{half}_s high_{half}_s low_{half}_u high_{half}_u")


VECTOR_FAMILIES: Final[tuple[tuple[str, int, int, str], ...]] = (
    (_SIMD, _FD, 0, "v128.load:memarg"),
    (_SIMD, _FD, 1, _each("v128.load", "8x8_s 8x8_u 16x4_s 16x4_u 32x2_s 32x2_u", ":memarg")),
    (
        _SIMD,
        _FD,
        7,
        _each("v128.load", "8_splat 16_splat 32_splat 64_splat", ":memarg") + " v128.store:memarg",
    ),
    (_SIMD, _FD, 12, "v128.const:v128 i8x16.shuffle:shuffle i8x16.swizzle"),
    (_SIMD, _FD, 15, _each("", "i8x16 i16x8 i32x4 i64x2 f32x4 f64x2", ".splat")),
    (_SIMD, _FD, 21, _each("i8x16.", "extract_lane_s extract_lane_u replace_lane", ":lane")),
    (_SIMD, _FD, 24, _each("i16x8.", "extract_lane_s extract_lane_u replace_lane", ":lane")),
    (_SIMD, _FD, 27, _each("i32x4.", "extract_lane replace_lane", ":lane")),
    (_SIMD, _FD, 29, _each("i64x2.", "extract_lane replace_lane", ":lane")),
    (_SIMD, _FD, 31, _each("f32x4.", "extract_lane replace_lane", ":lane")),
    (_SIMD, _FD, 33, _each("f64x2.", "extract_lane replace_lane", ":lane")),
    (_SIMD, _FD, 35, _each("i8x16.", _INT_COMPARE)),
    (_SIMD, _FD, 45, _each("i16x8.", _INT_COMPARE)),
    (_SIMD, _FD, 55, _each("i32x4.", _INT_COMPARE)),
    (_SIMD, _FD, 65, _each("f32x4.", _FLOAT_COMPARE)),
    (_SIMD, _FD, 71, _each("f64x2.", _FLOAT_COMPARE)),
    (_SIMD, _FD, 77, _each("v128.", "not and andnot or xor bitselect any_true")),
    (_SIMD, _FD, 84, _each("v128.load", "8 16 32 64", "_lane:memarg,lane")),
    (_SIMD, _FD, 88, _each("v128.store", "8 16 32 64", "_lane:memarg,lane")),
    (_SIMD, _FD, 92, _each("v128.load", "32_zero 64_zero", ":memarg")),
    (_SIMD, _FD, 94, "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4"),
    (_SIMD, _FD, 96, _each("i8x16.", "abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u")),
    (_SIMD, _FD, 103, _each("f32x4.", "ceil floor trunc nearest")),
    (_SIMD, _FD, 107, _each("i8x16.", "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u")),
    (_SIMD, _FD, 116, "f64x2.ceil f64x2.floor"),
    (_SIMD, _FD, 118, _each("i8x16.", "min_s min_u max_s max_u") + " f64x2.trunc i8x16.avgr_u"),
    (_SIMD, _FD, 124, _each("i16x8.extadd_pairwise_i8x16_", "s u")),
    (_SIMD, _FD, 126, _each("i32x4.extadd_pairwise_i16x8_", "s u")),
    (
        _SIMD,
        _FD,
        128,
        _each("i16x8.", "abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u"),
    ),
    (_SIMD, _FD, 135, _extend("i16x8")),
    (_SIMD, _FD, 139, _each("i16x8.", "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u")),
    (_SIMD, _FD, 148, "f64x2.nearest " + _each("i16x8.", "mul min_s min_u max_s max_u")),
    (_SIMD, _FD, 155, "i16x8.avgr_u " + _extmul("i16x8")),
    (_SIMD, _FD, 160, "i32x4.abs i32x4.neg"),
    (_SIMD, _FD, 163, "i32x4.all_true i32x4.bitmask"),
    (_SIMD, _FD, 167, _extend("i32x4") + " " + _each("i32x4.", "shl shr_s shr_u add")),
    (_SIMD, _FD, 177, "i32x4.sub"),
    (_SIMD, _FD, 181, _each("i32x4.", "mul min_s min_u max_s max_u dot_i16x8_s")),
    (_SIMD, _FD, 188, _extmul("i32x4")),
    (_SIMD, _FD, 192, "i64x2.abs i64x2.neg"),
    (_SIMD, _FD, 195, "i64x2.all_true i64x2.bitmask"),
    (_SIMD, _FD, 199, _extend("i64x2") + " " + _each("i64x2.", "shl shr_s shr_u add")),
    (_SIMD, _FD, 209, "i64x2.sub"),
    (_SIMD, _FD, 213, _each("i64x2.", "mul eq ne lt_s gt_s le_s ge_s") + " " + _extmul("i64x2")),
    (_SIMD, _FD, 224, "f32x4.abs f32x4.neg"),
    (_SIMD, _FD, 227, _each("f32x4.", "sqrt add sub mul div min max pmin pmax")),
    (_SIMD, _FD, 236, "f64x2.abs f64x2.neg"),
    (_SIMD, _FD, 239, _each("f64x2.", "sqrt add sub mul div min max pmin pmax")),
    (_SIMD, _FD, 248, _each("i32x4.trunc_sat_f32x4_", "s u") + " " + _each("f32x4.convert_i32x4_", "s u")),
    (_SIMD, _FD, 252, _each("i32x4.trunc_sat_f64x2_", "s u", "_zero")),
    (_SIMD, _FD, 254, _each("f64x2.convert_low_i32x4_", "s u")),
    (_RELAXED, _FD, 256, "i8x16.relaxed_swizzle " + _each("i32x4.relaxed_trunc_f32x4_", "s u")),
    (_RELAXED, _FD, 259, _each("i32x4.relaxed_trunc_f64x2_", "s u", "_zero")),
    (_RELAXED, _FD, 261, "f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd"),
    (_RELAXED, _FD, 265, _each("", "i8x16 i16x8 i32x4 i64x2", ".relaxed_laneselect")),
    (_RELAXED, _FD, 269, "f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max"),
    (_RELAXED, _FD, 273, "i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s"),
    (_RELAXED, _FD, 275, "i32x4.relaxed_dot_i8x16_i7x16_add_s"),
)
