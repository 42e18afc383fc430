/* SPDX-License-Identifier: MIT */
/* The decimal digits of doubles: the part of formatting that does arithmetic. */
#ifndef MUNITION_NUMBER_DIGITS_H
#define MUNITION_NUMBER_DIGITS_H

#include "number_base.h"

enum { DIGITS_MAX = 420 }; /* 309 before the point and 99 behind it, in whole chunks of nine */

/* Decimal digits of a rounded value: 0.d1 d2 d3 ... * 10^point, without leading zeros (count 0 means zero). */
typedef struct {
    u32 count;
    i32 point;
    char digit[DIGITS_MAX];
} Digits;

/* A positive finite double taken apart: mantissa * 2^exponent. */
typedef struct {
    u64 mantissa;
    i32 exponent;
} Binary;

extern const char number_digit_pairs[]; /* "00" to "99" */

Binary number_take_apart(double value);
u32 number_length(u64 value);
void number_write_digits(u64 value, u32 length, char *out); /* exactly `length` digits */
u32 number_write(u64 value, char *out);
/* round(binary * 10^power) when the exact result is at hand in 64 bits; false leaves it to the big integers. */
bool number_scale(Binary binary, i32 power, u64 *result);
/* The same when it is known to fit in 64 bits. */
u64 number_scale_small(Binary binary, i32 power);
/* round(value * 10^power) as digits. */
void number_scaled_digits(Binary binary, i32 power, Digits *digits);
/* floor(log10(value)) or one less. */
i32 number_exponent_estimate(Binary binary);
/* The first `wanted` significant digits of a positive value, rounded. */
void number_significant_digits(Binary binary, u32 wanted, Digits *digits);

#endif
