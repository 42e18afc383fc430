/* SPDX-License-Identifier: MIT */
/* A double m * 2^e is scaled by the power of ten that makes the wanted digits an integer, and rounded once, exactly:
 * in 128-bit arithmetic when that power is at most 27 (nearly always), with bounded big integers otherwise. */
#include "bignum.h"
#include "number_digits.h"

enum { CHUNK = 9, CHUNK_VALUE = 1000000000 };

const char number_digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657"
    "585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

Binary number_take_apart(double value)
{
    u64 bits = double_bits(value);
    u32 biased = (u32)(bits >> 52) & 0x7ff;
    u64 fraction = bits & (((u64)1 << 52) - 1);
    return biased == 0 ? (Binary){fraction, -1074} : (Binary){fraction | (u64)1 << 52, (i32)biased - 1075};
}

u32 number_length(u64 value)
{
    u32 length = 1;
    while (value >= 10000) {
        value /= 10000;
        length += 4;
    }
    return length + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* Writes exactly `length` digits, ending at out + length. */
void number_write_digits(u64 value, u32 length, char *out)
{
    char *at = out + length;
    while (value >> 32 != 0) { /* eight digits at a time while 64-bit divisions are needed */
        u32 low = (u32)(value % 100000000);
        value /= 100000000;
        for (u32 i = 0; i < 4; i++) {
            at -= 2;
            __builtin_memcpy(at, number_digit_pairs + 2 * (low % 100), 2);
            low /= 100;
        }
    }
    u32 rest = (u32)value;
    while (at - out >= 2) {
        at -= 2;
        __builtin_memcpy(at, number_digit_pairs + 2 * (rest % 100), 2);
        rest /= 100;
    }
    if (at > out)
        *--at = (char)('0' + rest % 10);
}

u32 number_write(u64 value, char *out)
{
    u32 length = number_length(value);
    number_write_digits(value, length, out);
    return length;
}

/* round(binary / 10^power), as number_scale. */
static bool divide_in_64(Binary binary, u32 power, u64 *result)
{
    if (power >= 19)
        return false;
    u64 value = binary.mantissa, divisor = number_power5[power] << power;
    if (binary.exponent >= 0) {
        if (bit_length64(value) + (u32)binary.exponent > 64)
            return false;
        value <<= binary.exponent;
    } else {
        if (bit_length64(divisor) + (u32)-binary.exponent > 63)
            return false;
        divisor <<= -binary.exponent;
    }
    u64 quotient = value / divisor, twice = 2 * (value % divisor);
    *result = quotient + (twice > divisor || (twice == divisor && (quotient & 1) != 0));
    return true;
}

/* round(binary * 10^power) when the exact result is at hand in 64 bits; false leaves it to the big integers. */
bool number_scale(Binary binary, i32 power, u64 *result)
{
    if (power < 0)
        return divide_in_64(binary, (u32)-power, result);
    if (power >= POWER5_COUNT)
        return false;
    Wide product = wide_multiply(binary.mantissa, number_power5[power]);
    i32 shift = -(binary.exponent + power);
    if (shift <= 0) {
        if (product.high != 0 || bit_length64(product.low) + (u32)-shift > 64)
            return false;
        *result = product.low << -shift;
        return true;
    }
    if (shift >= 128) {
        *result = 0; /* the product has at most 116 bits, so it is below one half */
        return true;
    }
    u64 quotient, rest, half, below;
    if (shift > 64) {
        quotient = product.high >> (shift - 64);
        half = (u64)1 << (shift - 65);
        rest = product.high & (half | (half - 1));
        below = product.low;
    } else if (shift == 64) {
        quotient = product.high;
        half = (u64)1 << 63;
        rest = product.low;
        below = 0;
    } else {
        if (product.high >> shift != 0)
            return false;
        quotient = product.high << (64 - shift) | product.low >> shift;
        half = (u64)1 << (shift - 1);
        rest = product.low & (half | (half - 1));
        below = 0;
    }
    bool up = rest > half || (rest == half && (below != 0 || (quotient & 1) != 0));
    *result = quotient + up;
    return quotient != UINT64_MAX;
}

/* As number_scale, for any power, into a big integer. */
static void scale_in_bignum(Binary binary, i32 power, Bignum *number)
{
    Dropped dropped = DROPPED_NOTHING;
    bignum_set(number, binary.mantissa);
    if (power >= 0) {
        bignum_multiply_power5(number, (u32)power);
        i32 shift = binary.exponent + power;
        if (shift >= 0)
            bignum_shift_left(number, (u32)shift);
        else
            dropped = bignum_shift_right(number, (u32)-shift);
    } else { /* the value is far above 2^53 or the power small: divide by ten to the -power, the last digit apart */
        bool sticky = false;
        if (binary.exponent >= 0)
            bignum_shift_left(number, (u32)binary.exponent);
        else
            sticky = bignum_shift_right(number, (u32)-binary.exponent) != DROPPED_NOTHING;
        u32 left = (u32)-power - 1;
        for (; left >= CHUNK; left -= CHUNK)
            sticky |= bignum_divide_small(number, CHUNK_VALUE) != 0;
        if (left > 0)
            sticky |= bignum_divide_small(number, (u32)(number_power5[left] << left)) != 0;
        u32 last = bignum_divide_small(number, 10);
        dropped = last > 5 || (last == 5 && sticky) ? DROPPED_ABOVE_HALF : last == 5 ? DROPPED_HALF : DROPPED_BELOW_HALF;
    }
    bool odd = number->count > 0 && (number->limb[0] & 1) != 0;
    if (dropped == DROPPED_ABOVE_HALF || (dropped == DROPPED_HALF && odd))
        bignum_multiply_add(number, 1, 1);
}

static u32 bignum_write(Bignum *number, char *out)
{
    u32 chunks[DIGITS_MAX / CHUNK + 1], count = 0;
    while (number->count > 2)
        chunks[count++] = bignum_divide_small(number, CHUNK_VALUE);
    u64 head = number->count == 0 ? 0 : number->limb[0];
    head |= number->count == 2 ? (u64)number->limb[1] << 32 : 0;
    u32 length = number_write(head, out);
    while (count-- > 0) {
        number_write_digits(chunks[count], CHUNK, out + length);
        length += CHUNK;
    }
    return length;
}

/* round(value * 10^power) as digits. */
void number_scaled_digits(Binary binary, i32 power, Digits *digits)
{
    u64 small;
    if (number_scale(binary, power, &small)) {
        digits->count = small == 0 ? 0 : number_write(small, digits->digit);
    } else {
        Bignum number;
        scale_in_bignum(binary, power, &number);
        digits->count = number.count == 0 ? 0 : bignum_write(&number, digits->digit);
    }
    digits->point = (i32)digits->count - power;
}

/* floor(log10(value)) or one less: from the position of the top bit, times log10(2) in 1/2^20. */
i32 number_exponent_estimate(Binary binary)
{
    i32 top = (i32)bit_length64(binary.mantissa) - 1 + binary.exponent;
    return (top * (top < 0 ? 315653 : 315652)) >> 20;
}

/* The first `wanted` significant digits of a positive value, rounded. */
void number_significant_digits(Binary binary, u32 wanted, Digits *digits)
{
    i32 exponent = number_exponent_estimate(binary);
    number_scaled_digits(binary, (i32)wanted - 1 - exponent, digits);
    while (digits->count > wanted) { /* the estimate was low, or rounding carried */
        exponent++;
        number_scaled_digits(binary, (i32)wanted - 1 - exponent, digits);
    }
}

/* round(binary * 10^power) when that is known to fit in 64 bits. */
u64 number_scale_small(Binary binary, i32 power)
{
    u64 result;
    if (number_scale(binary, power, &result))
        return result;
    Bignum number;
    scale_in_bignum(binary, power, &number);
    result = number.count > 0 ? number.limb[0] : 0;
    return number.count > 1 ? result | (u64)number.limb[1] << 32 : result;
}
