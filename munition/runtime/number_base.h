/* SPDX-License-Identifier: MIT */
/* The fixed-width types and 128-bit helpers under the conversions of numbers. No dependency on the rest of the
 * runtime, so that these files also compile natively and can be checked against the C library. */
#ifndef MUNITION_NUMBER_BASE_H
#define MUNITION_NUMBER_BASE_H

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int32_t i32;
typedef int64_t i64;

typedef struct {
    u64 high;
    u64 low;
} Wide;

static inline u64 double_bits(double value)
{
    u64 bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double double_from_bits(u64 bits)
{
    double value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

/* The full product of two 64-bit integers; WebAssembly has no instruction for it. */
static inline Wide wide_multiply(u64 a, u64 b)
{
    u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
    u64 low = a0 * b0;
    u64 middle = a1 * b0 + (low >> 32);
    u64 cross = a0 * b1 + (u32)middle;
    return (Wide){a1 * b1 + (middle >> 32) + (cross >> 32), (cross << 32) | (u32)low};
}

static inline u32 bit_length64(u64 value)
{
    return value == 0 ? 0 : 64 - (u32)__builtin_clzll(value);
}

enum { POWER5_COUNT = 28 };
extern const u64 number_power5[POWER5_COUNT]; /* 5^0 .. 5^27: all that fit in 64 bits */

#endif
