/* SPDX-License-Identifier: MIT */
/* Exact unsigned integers of bounded size, for conversions between binary and decimal that must not lose a digit.
 *
 * The bound is what the conversions need: 780 significant decimal digits (2,592 bits) for reading, and
 * 2^53 * 5^423 or 10^99 * 2^1024 for writing. Nothing here allocates. */
#ifndef MUNITION_BIGNUM_H
#define MUNITION_BIGNUM_H

#include "number_base.h"

enum { BIGNUM_LIMBS = 96 };

typedef struct {
    u32 count; /* limbs in use; the highest one is not zero */
    u32 limb[BIGNUM_LIMBS];
} Bignum;

/* What a division or a right shift dropped, compared with half a unit of what is left. */
typedef enum { DROPPED_NOTHING, DROPPED_BELOW_HALF, DROPPED_HALF, DROPPED_ABOVE_HALF } Dropped;

void bignum_set(Bignum *number, u64 value);
void bignum_multiply_add(Bignum *number, u32 factor, u32 addend);
void bignum_multiply_power5(Bignum *number, u32 exponent);
void bignum_shift_left(Bignum *number, u32 bits);
Dropped bignum_shift_right(Bignum *number, u32 bits);
u32 bignum_divide_small(Bignum *number, u32 divisor); /* returns the remainder */
u32 bignum_bit_length(const Bignum *number);
/* number / divisor for a quotient of at most 96 bits: returns its upper 64 significant bits (top bit set), adds to
 * `exponent` the power of two they are to be multiplied with, and sets `sticky` when anything was cut off. */
u64 bignum_quotient(Bignum *number, Bignum *divisor, i32 *exponent, bool *sticky);

#endif
