/* SPDX-License-Identifier: MIT */
#include "bignum.h"

static void trim(Bignum *number)
{
    while (number->count > 0 && number->limb[number->count - 1] == 0)
        number->count--;
}

void bignum_set(Bignum *number, u64 value)
{
    number->limb[0] = (u32)value;
    number->limb[1] = (u32)(value >> 32);
    number->count = 2;
    trim(number);
}

void bignum_multiply_add(Bignum *number, u32 factor, u32 addend)
{
    u64 carry = addend;
    for (u32 i = 0; i < number->count; i++) {
        carry += (u64)number->limb[i] * factor;
        number->limb[i] = (u32)carry;
        carry >>= 32;
    }
    if (carry != 0)
        number->limb[number->count++] = (u32)carry;
}

void bignum_multiply_power5(Bignum *number, u32 exponent)
{
    enum { STEP = 13 }; /* 5^13 is the largest power that fits in a limb */
    for (; exponent >= STEP; exponent -= STEP)
        bignum_multiply_add(number, (u32)number_power5[STEP], 0);
    bignum_multiply_add(number, (u32)number_power5[exponent], 0);
}

void bignum_shift_left(Bignum *number, u32 bits)
{
    u32 limbs = bits / 32, rest = bits % 32;
    if (number->count == 0)
        return;
    number->limb[number->count + limbs] = 0;
    for (u32 i = number->count; i-- > 0;) {
        u64 shifted = (u64)number->limb[i] << rest;
        number->limb[i + limbs + 1] |= (u32)(shifted >> 32);
        number->limb[i + limbs] = (u32)shifted;
    }
    for (u32 i = 0; i < limbs; i++)
        number->limb[i] = 0;
    number->count += limbs + 1;
    trim(number);
}

static bool any_bit_below(const Bignum *number, u32 bit)
{
    u32 limbs = bit / 32;
    for (u32 i = 0; i < limbs; i++) {
        if (number->limb[i] != 0)
            return true;
    }
    return (number->limb[limbs] & ((1u << bit % 32) - 1)) != 0;
}

static Dropped dropped_by_shift(const Bignum *number, u32 bits)
{
    u32 length = bignum_bit_length(number);
    if (bits == 0 || length == 0)
        return DROPPED_NOTHING;
    if (bits > length)
        return DROPPED_BELOW_HALF;
    u32 top = bits - 1;
    bool half = (number->limb[top / 32] >> top % 32 & 1) != 0;
    bool rest = any_bit_below(number, top);
    return half ? (rest ? DROPPED_ABOVE_HALF : DROPPED_HALF) : (rest ? DROPPED_BELOW_HALF : DROPPED_NOTHING);
}

Dropped bignum_shift_right(Bignum *number, u32 bits)
{
    Dropped dropped = dropped_by_shift(number, bits);
    u32 limbs = bits / 32, rest = bits % 32;
    if (limbs >= number->count) {
        number->count = 0;
        return dropped;
    }
    number->count -= limbs;
    for (u32 i = 0; i < number->count; i++) {
        u64 above = i + 1 < number->count ? number->limb[i + limbs + 1] : 0;
        number->limb[i] = (u32)((above << 32 | number->limb[i + limbs]) >> rest);
    }
    trim(number);
    return dropped;
}

u32 bignum_divide_small(Bignum *number, u32 divisor)
{
    u64 remainder = 0;
    for (u32 i = number->count; i-- > 0;) {
        u64 part = remainder << 32 | number->limb[i];
        number->limb[i] = (u32)(part / divisor);
        remainder = part % divisor;
    }
    trim(number);
    return (u32)remainder;
}

u32 bignum_bit_length(const Bignum *number)
{
    return number->count == 0 ? 0 : 32 * number->count - (u32)__builtin_clz(number->limb[number->count - 1]);
}

/* Subtracts digit * divisor from the limbs of number that start at `at`; true when it went below zero. */
static bool subtract_multiple(Bignum *number, const Bignum *divisor, u32 at, u64 digit)
{
    u64 carry = 0;
    i64 borrow = 0;
    for (u32 i = 0; i < divisor->count; i++) {
        carry += digit * divisor->limb[i];
        borrow += (i64)number->limb[at + i] - (i64)(u32)carry;
        number->limb[at + i] = (u32)borrow;
        carry >>= 32;
        borrow >>= 32;
    }
    borrow += (i64)number->limb[at + divisor->count] - (i64)carry;
    number->limb[at + divisor->count] = (u32)borrow;
    return borrow < 0;
}

static void add_back(Bignum *number, const Bignum *divisor, u32 at)
{
    u64 carry = 0;
    for (u32 i = 0; i < divisor->count; i++) {
        carry += (u64)number->limb[at + i] + divisor->limb[i];
        number->limb[at + i] = (u32)carry;
        carry >>= 32;
    }
    number->limb[at + divisor->count] += (u32)carry;
}

/* One digit (base 2^32) of the long division of Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D. */
static u32 quotient_digit(Bignum *number, const Bignum *divisor, u32 at)
{
    u32 top = divisor->limb[divisor->count - 1];
    u64 head = (u64)number->limb[at + divisor->count] << 32 | number->limb[at + divisor->count - 1];
    u64 digit = head / top;
    if (digit > 0xffffffff)
        digit = 0xffffffff;
    if (subtract_multiple(number, divisor, at, digit)) {
        do {
            digit--;
            add_back(number, divisor, at);
        } while ((i32)number->limb[at + divisor->count] < 0);
    }
    return (u32)digit;
}

static bool is_zero(const Bignum *number, u32 limbs)
{
    for (u32 i = 0; i < limbs; i++) {
        if (number->limb[i] != 0)
            return false;
    }
    return true;
}

u64 bignum_quotient(Bignum *number, Bignum *divisor, i32 *exponent, bool *sticky)
{
    enum { QUOTIENT_BITS = 65 }; /* one more than asked for, as the true length may be one less */
    u32 number_bits = bignum_bit_length(number), divisor_bits = bignum_bit_length(divisor);
    u32 normalise = (32 - divisor_bits % 32) % 32; /* the divisor's top bit must be the top bit of a limb */
    i32 shift = (i32)(divisor_bits + normalise + QUOTIENT_BITS) - (i32)number_bits;
    if (shift < 0) { /* a long number: move the divisor up by whole limbs instead */
        u32 up = ((u32)-shift + 31) / 32 * 32;
        normalise += up;
        shift += (i32)up;
    }
    bignum_shift_left(divisor, normalise);
    bignum_shift_left(number, (u32)shift);
    *exponent += (i32)normalise - shift;
    u32 digits = 3;
    while (number->count < divisor->count + digits)
        number->limb[number->count++] = 0;
    u32 quotient[3];
    for (u32 i = digits; i-- > 0;)
        quotient[i] = quotient_digit(number, divisor, i);
    bool rest = !is_zero(number, divisor->count);
    u64 high = (u64)quotient[2] << 32 | quotient[1];
    u32 lead = (u32)__builtin_clzll(high); /* at least 65 bits, so high is never 0 */
    u64 result = lead == 0 ? high : (high << lead | quotient[0] >> (32 - lead));
    *sticky = rest || (u32)(quotient[0] << lead) != 0;
    *exponent += 32 - (i32)lead;
    return result;
}
