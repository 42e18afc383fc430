/* SPDX-License-Identifier: MIT */
/* Number to text.
 *
 * A double m * 2^e is scaled by the power of ten that makes the wanted digits an integer, and rounded once, exactly:
 * in 128-bit arithmetic when that power is at most 27 (nearly always), with bounded big integers otherwise. */
#include "bignum.h"
#include "number.h"

enum {
    DIGITS_MAX = 420, /* 309 before the point and 99 behind it, in whole chunks of nine */
    CHUNK = 9,
    CHUNK_VALUE = 1000000000,
    G14 = 14,
};

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

static const char digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657"
    "585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

static Binary take_apart(double value)
{
    u64 bits = double_bits(value);
    u32 biased = (u32)(bits >> 52) & 0x7ff;
    u64 fraction = bits & (((u64)1 << 52) - 1);
    return biased == 0 ? (Binary){fraction, -1074} : (Binary){fraction | (u64)1 << 52, (i32)biased - 1075};
}

static u32 decimal_length(u64 value)
{
    u32 length = 1;
    while (value >= 10000) {
        value /= 10000;
        length += 4;
    }
    return length + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* Writes exactly `length` digits, ending at out + length. */
static void write_digits(u64 value, u32 length, char *out)
{
    char *at = out + length;
    while (value >> 32 != 0) { /* eight digits at a time while 64-bit divisions are needed */
        u32 low = (u32)(value % 100000000);
        value /= 100000000;
        for (u32 i = 0; i < 4; i++) {
            at -= 2;
            __builtin_memcpy(at, digit_pairs + 2 * (low % 100), 2);
            low /= 100;
        }
    }
    u32 rest = (u32)value;
    while (at - out >= 2) {
        at -= 2;
        __builtin_memcpy(at, digit_pairs + 2 * (rest % 100), 2);
        rest /= 100;
    }
    if (at > out)
        *--at = (char)('0' + rest % 10);
}

static u32 write_u64(u64 value, char *out)
{
    u32 length = decimal_length(value);
    write_digits(value, length, out);
    return length;
}

/* round(binary / 10^power), as scale_in_64. */
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
static bool scale_in_64(Binary binary, i32 power, u64 *result)
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

/* As scale_in_64, for any power, into a big integer. */
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
    u32 length = write_u64(head, out);
    while (count-- > 0) {
        write_digits(chunks[count], CHUNK, out + length);
        length += CHUNK;
    }
    return length;
}

/* round(value * 10^power) as digits. */
static void scaled_digits(Binary binary, i32 power, Digits *digits)
{
    u64 small;
    if (scale_in_64(binary, power, &small)) {
        digits->count = small == 0 ? 0 : write_u64(small, digits->digit);
    } else {
        Bignum number;
        scale_in_bignum(binary, power, &number);
        digits->count = number.count == 0 ? 0 : bignum_write(&number, digits->digit);
    }
    digits->point = (i32)digits->count - power;
}

/* floor(log10(value)) or one less: from the position of the top bit, times log10(2) in 1/2^20. */
static i32 decimal_exponent_estimate(Binary binary)
{
    i32 top = (i32)bit_length64(binary.mantissa) - 1 + binary.exponent;
    return (top * (top < 0 ? 315653 : 315652)) >> 20;
}

/* The first `wanted` significant digits of a positive value, rounded. */
static void significant_digits(Binary binary, u32 wanted, Digits *digits)
{
    i32 exponent = decimal_exponent_estimate(binary);
    scaled_digits(binary, (i32)wanted - 1 - exponent, digits);
    while (digits->count > wanted) { /* the estimate was low, or rounding carried */
        exponent++;
        scaled_digits(binary, (i32)wanted - 1 - exponent, digits);
    }
}

static u32 write_exponent(i32 exponent, char mark, char *out)
{
    u32 magnitude = (u32)(exponent < 0 ? -exponent : exponent);
    out[0] = mark;
    out[1] = exponent < 0 ? '-' : '+';
    if (magnitude < 100) {
        __builtin_memcpy(out + 2, digit_pairs + 2 * magnitude, 2);
        return 4;
    }
    return 2 + write_u64(magnitude, out + 2);
}

/* "ddd.ddd" with `places` digits behind the point; digits that are not there are zeros. */
static u32 write_fixed(const Digits *digits, u32 places, bool alternate, char *out)
{
    u32 length = 0;
    i32 position = digits->count == 0 || digits->point <= 0 ? 0 : digits->point;
    for (i32 i = 0; i < position; i++)
        out[length++] = (u32)i < digits->count ? digits->digit[i] : '0';
    if (position == 0)
        out[length++] = '0';
    if (places > 0 || alternate)
        out[length++] = '.';
    for (u32 i = 0; i < places; i++) {
        i32 index = digits->point + (i32)i;
        out[length++] = index >= 0 && (u32)index < digits->count ? digits->digit[index] : '0';
    }
    return length;
}

static u32 write_scientific(const Digits *digits, u32 places, bool alternate, char mark, char *out)
{
    u32 length = 0;
    out[length++] = digits->count > 0 ? digits->digit[0] : '0';
    if (places > 0 || alternate)
        out[length++] = '.';
    for (u32 i = 1; i <= places; i++)
        out[length++] = i < digits->count ? digits->digit[i] : '0';
    return length + write_exponent(digits->count > 0 ? digits->point - 1 : 0, mark, out + length);
}

static void strip_zeros(Digits *digits)
{
    while (digits->count > 0 && digits->digit[digits->count - 1] == '0')
        digits->count--;
}

/* Digits with `places` of them behind the point. */
static u32 write_scaled(u64 value, u32 places, char *out)
{
    u32 length = decimal_length(value);
    if (length <= places)
        length = places + 1;
    write_digits(value, length, out);
    for (u32 i = length; i > length - places; i--)
        out[i] = out[i - 1];
    out[length - places] = '.';
    return length + 1;
}

static u32 format_fixed(Binary binary, NumberSpec spec, u32 precision, char *out)
{
    u64 value;
    if (precision > 0 && scale_in_64(binary, (i32)precision, &value))
        return write_scaled(value, precision, out);
    Digits digits;
    scaled_digits(binary, (i32)precision, &digits);
    return write_fixed(&digits, precision, (spec.flags & NUMBER_ALTERNATE) != 0, out);
}

static u32 format_scientific(Binary binary, NumberSpec spec, u32 precision, char *out)
{
    Digits digits;
    digits.count = 0;
    digits.point = 1;
    if (binary.mantissa != 0)
        significant_digits(binary, precision + 1, &digits);
    return write_scientific(&digits, precision, (spec.flags & NUMBER_ALTERNATE) != 0, spec.conversion == 'e' ? 'e' : 'E', out);
}

static u32 format_general(Binary binary, NumberSpec spec, u32 precision, char *out)
{
    bool alternate = (spec.flags & NUMBER_ALTERNATE) != 0;
    Digits digits;
    digits.count = 0;
    digits.point = 1;
    precision += precision == 0;
    if (binary.mantissa != 0)
        significant_digits(binary, precision, &digits);
    i32 exponent = digits.point - 1;
    u32 kept = precision;
    if (!alternate) {
        strip_zeros(&digits);
        kept = digits.count == 0 ? 1 : digits.count;
    }
    if (exponent < -4 || exponent >= (i32)precision)
        return write_scientific(&digits, kept - 1, alternate, spec.conversion == 'g' ? 'e' : 'E', out);
    i32 places = (i32)kept - 1 - exponent;
    return write_fixed(&digits, places > 0 ? (u32)places : 0, alternate, out);
}

/* "h.hhhp+d" behind the "0x". Normal numbers start with 1, the others with 0, as the reference system's library does. */
static u32 format_hexadecimal(Binary binary, NumberSpec spec, char *out)
{
    enum { FRACTION_DIGITS = 13 };
    const char *letters = spec.conversion == 'a' ? "0123456789abcdef" : "0123456789ABCDEF";
    u64 mantissa = binary.mantissa;
    i32 exponent = mantissa == 0 ? 0 : binary.exponent + 52;
    u32 places = 0;
    if (spec.precision < 0) {
        places = FRACTION_DIGITS;
        for (; places > 0 && (mantissa >> (4 * (FRACTION_DIGITS - places)) & 15) == 0; places--) {
        }
    } else {
        places = (u32)spec.precision;
        if (places < FRACTION_DIGITS) {
            u32 drop = 4 * (FRACTION_DIGITS - places);
            u64 half = (u64)1 << (drop - 1), rest = mantissa & (half | (half - 1));
            mantissa >>= drop;
            mantissa += rest > half || (rest == half && (mantissa & 1) != 0);
            mantissa <<= drop;
        }
    }
    u32 length = 0;
    out[length++] = letters[mantissa >> 52];
    if (places > 0 || (spec.flags & NUMBER_ALTERNATE) != 0)
        out[length++] = '.';
    for (u32 i = 0; i < places; i++)
        out[length++] = i < FRACTION_DIGITS ? letters[mantissa >> (48 - 4 * i) & 15] : '0';
    out[length++] = spec.conversion == 'a' ? 'p' : 'P';
    out[length++] = exponent < 0 ? '-' : '+';
    return length + write_u64((u64)(exponent < 0 ? -exponent : exponent), out + length);
}

static bool is_upper(u8 conversion)
{
    return (conversion & 0x20) == 0;
}

/* Puts sign, prefix and padding around the `length` characters at out + offset; returns the whole length. */
static u32 finish(char *out, u32 length, NumberSpec spec, const char *prefix, u32 prefix_length, bool zero_padding)
{
    u32 total = prefix_length + length;
    if (total >= spec.width && prefix_length == 0)
        return length;
    u32 padding = total < spec.width ? spec.width - total : 0;
    bool left = (spec.flags & NUMBER_LEFT) != 0;
    u32 spaces = left || zero_padding ? 0 : padding;
    u32 zeros = zero_padding && !left ? padding : 0;
    __builtin_memmove(out + spaces + prefix_length + zeros, out, length);
    __builtin_memset(out, ' ', spaces);
    __builtin_memcpy(out + spaces, prefix, prefix_length);
    __builtin_memset(out + spaces + prefix_length, '0', zeros);
    u32 end = spaces + prefix_length + zeros + length;
    if (left) {
        __builtin_memset(out + end, ' ', padding);
        end += padding;
    }
    return end;
}

static u32 sign_prefix(bool negative, NumberSpec spec, char *prefix)
{
    if (!negative && (spec.flags & (NUMBER_PLUS | NUMBER_SPACE)) == 0)
        return 0;
    prefix[0] = negative ? '-' : (spec.flags & NUMBER_PLUS) != 0 ? '+' : ' ';
    return 1;
}

u32 number_format_float(double value, NumberSpec spec, char *out)
{
    char prefix[3];
    u32 prefix_length = sign_prefix(double_bits(value) >> 63 != 0, spec, prefix);
    u8 kind = spec.conversion | 0x20;
    if (!__builtin_isfinite(value)) {
        const char *text = __builtin_isnan(value) ? (is_upper(spec.conversion) ? "NAN" : "nan")
                                                  : (is_upper(spec.conversion) ? "INF" : "inf");
        __builtin_memcpy(out, text, 3);
        return finish(out, 3, spec, prefix, prefix_length, false);
    }
    Binary binary = take_apart(__builtin_fabs(value));
    u32 precision = spec.precision < 0 ? 6 : (u32)spec.precision;
    u32 length;
    if (kind == 'f') {
        length = format_fixed(binary, spec, precision, out);
    } else if (kind == 'e') {
        length = format_scientific(binary, spec, precision, out);
    } else if (kind == 'g') {
        length = format_general(binary, spec, precision, out);
    } else {
        length = format_hexadecimal(binary, spec, out);
        prefix[prefix_length++] = '0';
        prefix[prefix_length++] = spec.conversion == 'a' ? 'x' : 'X';
    }
    return finish(out, length, spec, prefix, prefix_length, (spec.flags & NUMBER_ZERO) != 0);
}

/* The digits of a power-of-two base, without leading zeros (none at all for zero). */
static u32 write_base(u64 value, u32 bits, const char *letters, char *out)
{
    u32 length = (bit_length64(value) + bits - 1) / bits;
    for (u32 i = length; i-- > 0; value >>= bits)
        out[i] = letters[value & ((1u << bits) - 1)];
    return length;
}

u32 number_format_integer(i64 value, NumberSpec spec, char *out)
{
    char prefix[2];
    u32 prefix_length = 0, length;
    bool alternate = (spec.flags & NUMBER_ALTERNATE) != 0;
    if (spec.conversion == 'x' || spec.conversion == 'X') {
        length = write_base((u64)value, 4, spec.conversion == 'x' ? "0123456789abcdef" : "0123456789ABCDEF", out);
        if (alternate && value != 0) {
            prefix[0] = '0';
            prefix[1] = (char)spec.conversion;
            prefix_length = 2;
        }
    } else if (spec.conversion == 'o') {
        length = write_base((u64)value, 3, "01234567", out);
    } else if (value == 0) {
        length = 0;
        prefix_length = spec.conversion == 'u' ? 0 : sign_prefix(false, spec, prefix);
    } else if (spec.conversion == 'u') {
        length = write_u64((u64)value, out);
    } else {
        prefix_length = sign_prefix(value < 0, spec, prefix);
        length = write_u64(value < 0 ? 0 - (u64)value : (u64)value, out);
    }
    u32 least = spec.precision < 0 ? 1 : (u32)spec.precision;
    if (spec.conversion == 'o' && alternate && length >= least)
        least = length + 1;
    if (length < least) {
        __builtin_memmove(out + (least - length), out, length);
        __builtin_memset(out, '0', least - length);
        length = least;
    }
    bool zero = (spec.flags & NUMBER_ZERO) != 0 && spec.precision < 0;
    return finish(out, length, spec, prefix, prefix_length, zero);
}

u32 number_format_int(i64 value, char *out)
{
    if (value >= 0)
        return write_u64((u64)value, out);
    out[0] = '-';
    return 1 + write_u64(0 - (u64)value, out + 1);
}

static u32 write_special(double value, char *out)
{
    const char *text = __builtin_isnan(value) ? "nan" : "inf";
    u32 length = double_bits(value) >> 63 != 0;
    out[0] = '-';
    __builtin_memcpy(out + length, text, 3);
    return length + 3;
}

/* round(binary * 10^power) when that is known to fit in 64 bits. */
static u64 scaled_small(Binary binary, i32 power)
{
    u64 result;
    if (scale_in_64(binary, power, &result))
        return result;
    Bignum number;
    scale_in_bignum(binary, power, &number);
    result = number.count > 0 ? number.limb[0] : 0;
    return number.count > 1 ? result | (u64)number.limb[1] << 32 : result;
}

/* Divides the trailing decimal zeros away; returns how many there were. The value is not 0 and below 10^16. */
static u32 drop_zeros(u64 *value)
{
    u32 dropped = 0;
    u64 rest = *value;
    if (rest % 100000000 == 0) {
        rest /= 100000000;
        dropped = 8;
    }
    if (rest % 10000 == 0) {
        rest /= 10000;
        dropped += 4;
    }
    if (rest % 100 == 0) {
        rest /= 100;
        dropped += 2;
    }
    if (rest % 10 == 0) {
        rest /= 10;
        dropped += 1;
    }
    *value = rest;
    return dropped;
}

/* `count` digits with the first one worth 10^exponent, -4 <= exponent < 14. */
static u32 write_plain(u64 digits, u32 count, i32 exponent, char *out)
{
    if (exponent < 0) {
        u32 zeros = (u32)-exponent;
        __builtin_memcpy(out, "0.000", 5);
        write_digits(digits, count, out + 1 + zeros);
        return 1 + zeros + count;
    }
    u32 before = (u32)exponent + 1;
    if (count <= before) { /* rounding left an integer */
        write_digits(digits, count, out);
        __builtin_memset(out + count, '0', before - count);
        out[before] = '.';
        out[before + 1] = '0';
        return before + 2;
    }
    write_digits(digits, count, out + 1);
    __builtin_memmove(out, out + 1, before);
    out[before] = '.';
    return count + 1;
}

static u32 write_g14(Binary binary, char *out)
{
    const u64 limit = 100000000000000u; /* 10^14 */
    i32 exponent = decimal_exponent_estimate(binary);
    u64 digits = scaled_small(binary, G14 - 1 - exponent);
    while (digits >= limit) { /* the estimate was low, or rounding carried */
        exponent++;
        digits = scaled_small(binary, G14 - 1 - exponent);
    }
    u32 count = G14 - drop_zeros(&digits);
    if (exponent >= -4 && exponent < G14)
        return write_plain(digits, count, exponent, out);
    write_digits(digits, count, out + 1);
    out[0] = out[1];
    out[1] = '.';
    u32 length = count == 1 ? 1 : count + 1;
    return length + write_exponent(exponent, 'e', out + length);
}

u32 number_format_g14(double value, char *out)
{
    double magnitude = __builtin_fabs(value);
    u32 sign = double_bits(value) >> 63 != 0;
    if (!(magnitude < __builtin_inf()))
        return write_special(value, out);
    out[0] = '-';
    if (magnitude < 1e14 && __builtin_trunc(magnitude) == magnitude) {
        u32 length = sign + write_u64((u64)magnitude, out + sign);
        out[length] = '.';
        out[length + 1] = '0';
        return length + 2;
    }
    return sign + write_g14(take_apart(magnitude), out + sign);
}
