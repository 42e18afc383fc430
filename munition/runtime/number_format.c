/* SPDX-License-Identifier: MIT */
/* Number to text: the layouts of printf, and Lua's own. */
#include "number.h"
#include "number_digits.h"

enum { G14 = 14 };

static u32 write_exponent(i32 exponent, char mark, char *out)
{
    u32 magnitude = (u32)(exponent < 0 ? -exponent : exponent);
    out[0] = mark;
    out[1] = exponent < 0 ? '-' : '+';
    if (magnitude < 100) {
        __builtin_memcpy(out + 2, number_digit_pairs + 2 * magnitude, 2);
        return 4;
    }
    return 2 + number_write(magnitude, out + 2);
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
    u32 length = number_length(value);
    if (length <= places)
        length = places + 1;
    number_write_digits(value, length, out);
    for (u32 i = length; i > length - places; i--)
        out[i] = out[i - 1];
    out[length - places] = '.';
    return length + 1;
}

static u32 format_fixed(Binary binary, NumberSpec spec, u32 precision, char *out)
{
    u64 value;
    if (precision > 0 && number_scale(binary, (i32)precision, &value))
        return write_scaled(value, precision, out);
    Digits digits;
    number_scaled_digits(binary, (i32)precision, &digits);
    return write_fixed(&digits, precision, (spec.flags & NUMBER_ALTERNATE) != 0, out);
}

static u32 format_scientific(Binary binary, NumberSpec spec, u32 precision, char *out)
{
    Digits digits;
    digits.count = 0;
    digits.point = 1;
    if (binary.mantissa != 0)
        number_significant_digits(binary, precision + 1, &digits);
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
        number_significant_digits(binary, precision, &digits);
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
    return length + number_write((u64)(exponent < 0 ? -exponent : exponent), out + length);
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

/* A NaN has none: its bits depend on the processor. */
static bool has_minus(double value) { return double_bits(value) >> 63 != 0 && !__builtin_isnan(value); }

u32 number_format_float(double value, NumberSpec spec, char *out)
{
    char prefix[3];
    u32 prefix_length = sign_prefix(has_minus(value), spec, prefix);
    u8 kind = spec.conversion | 0x20;
    if (!__builtin_isfinite(value)) {
        const char *text = __builtin_isnan(value) ? (is_upper(spec.conversion) ? "NAN" : "nan")
                                                  : (is_upper(spec.conversion) ? "INF" : "inf");
        __builtin_memcpy(out, text, 3);
        return finish(out, 3, spec, prefix, prefix_length, false);
    }
    Binary binary = number_take_apart(__builtin_fabs(value));
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
        length = number_write((u64)value, out);
    } else {
        prefix_length = sign_prefix(value < 0, spec, prefix);
        length = number_write(value < 0 ? 0 - (u64)value : (u64)value, out);
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
        return number_write((u64)value, out);
    out[0] = '-';
    return 1 + number_write(0 - (u64)value, out + 1);
}

static u32 write_special(double value, char *out)
{
    const char *text = __builtin_isnan(value) ? "nan" : "inf";
    u32 length = has_minus(value);
    out[0] = '-';
    __builtin_memcpy(out + length, text, 3);
    return length + 3;
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
        number_write_digits(digits, count, out + 1 + zeros);
        return 1 + zeros + count;
    }
    u32 before = (u32)exponent + 1;
    if (count <= before) { /* rounding left an integer */
        number_write_digits(digits, count, out);
        __builtin_memset(out + count, '0', before - count);
        out[before] = '.';
        out[before + 1] = '0';
        return before + 2;
    }
    number_write_digits(digits, count, out + 1);
    __builtin_memmove(out, out + 1, before);
    out[before] = '.';
    return count + 1;
}

static u32 write_g14(Binary binary, char *out)
{
    const u64 limit = 100000000000000u; /* 10^14 */
    i32 exponent = number_exponent_estimate(binary);
    u64 digits = number_scale_small(binary, G14 - 1 - exponent);
    while (digits >= limit) { /* the estimate was low, or rounding carried */
        exponent++;
        digits = number_scale_small(binary, G14 - 1 - exponent);
    }
    u32 count = G14 - drop_zeros(&digits);
    if (exponent >= -4 && exponent < G14)
        return write_plain(digits, count, exponent, out);
    number_write_digits(digits, count, out + 1);
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
        u32 length = sign + number_write((u64)magnitude, out + sign);
        out[length] = '.';
        out[length + 1] = '0';
        return length + 2;
    }
    return sign + write_g14(number_take_apart(magnitude), out + sign);
}
