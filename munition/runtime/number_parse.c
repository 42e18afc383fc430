/* SPDX-License-Identifier: MIT */
/* Text to number.
 *
 * Decimal numerals take the cheapest of three exact ways: one correctly rounded operation on two exact doubles (Clinger,
 * "How to read floating point numbers accurately", 1990), 128-bit integer arithmetic for powers of ten up to 27, and
 * bounded big integers for everything else. */
#include "bignum.h"
#include "number.h"

const u64 number_power5[POWER5_COUNT] = {
    1u,
    5u,
    25u,
    125u,
    625u,
    3125u,
    15625u,
    78125u,
    390625u,
    1953125u,
    9765625u,
    48828125u,
    244140625u,
    1220703125u,
    6103515625u,
    30517578125u,
    152587890625u,
    762939453125u,
    3814697265625u,
    19073486328125u,
    95367431640625u,
    476837158203125u,
    2384185791015625u,
    11920928955078125u,
    59604644775390625u,
    298023223876953125u,
    1490116119384765625u,
    7450580596923828125u,
};

enum {
    DIGITS_IN_64 = 19,        /* decimal digits that always fit in a u64 */
    DIGITS_EXACT = 780,       /* no more significant digits are needed to round a double correctly */
    EXPONENT_LIMIT = 1 << 28, /* beyond any exponent that matters, far from overflow */
};

/* A decimal numeral that was scanned: value = digits * 10^exponent. */
typedef struct {
    u64 digits;      /* the first 19 significant digits */
    u32 count;       /* of all significant digits */
    i64 exponent;    /* for `digits` */
    const u8 *start; /* of the significant digits in the text */
    const u8 *end;   /* behind the last digit or point */
    bool truncated;  /* digits other than 0 lie beyond the first 19 */
} Decimal;

/* Exponents are counted in 64 bits, as a numeral may have as many digits as memory holds; then this bounds them. */
static i32 bounded(i64 exponent)
{
    return exponent > EXPONENT_LIMIT ? EXPONENT_LIMIT : exponent < -EXPONENT_LIMIT ? -EXPONENT_LIMIT : (i32)exponent;
}

static bool is_space(u8 c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(u8 c)
{
    return (u8)(c - '0') < 10;
}

static i32 hex_digit(u8 c)
{
    if (is_digit(c))
        return c - '0';
    u8 lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Rounds (mantissa + sticky bit) * 2^exponent, with the top bit of mantissa set, to the nearest double. */
static double round_to_double(u64 mantissa, i32 exponent, bool sticky)
{
    enum { BIAS = 1023, SMALLEST = -1022, FRACTION = 52, EXTRA = 11 };
    i32 scale = exponent + 63; /* the value lies in [2^scale, 2^(scale+1)) */
    if (scale > BIAS)
        return __builtin_inf();
    u32 drop = EXTRA;
    if (scale < SMALLEST) {
        if (SMALLEST - scale > 64 - EXTRA)
            return 0.0;
        drop += (u32)(SMALLEST - scale);
    }
    u64 half = (u64)1 << (drop - 1);
    u64 rest = mantissa & (half | (half - 1));
    u64 kept = drop == 64 ? 0 : mantissa >> drop;
    if (rest > half || (rest == half && (sticky || (kept & 1) != 0)))
        kept++;
    /* The implied bit, and any carry out of the rounding, add themselves to the exponent field. */
    u64 biased = scale < SMALLEST ? 0 : (u64)(scale + BIAS - 1);
    return double_from_bits((biased << FRACTION) + kept);
}

/* (high, low) / divisor for high < divisor and the divisor's top bit set: two steps of long division, base 2^32. */
static u64 wide_divide(u64 high, u64 low, u64 divisor, u64 *remainder)
{
    u64 d1 = divisor >> 32, d0 = (u32)divisor;
    u64 quotient = 0;
    for (i32 step = 0; step < 2; step++) {
        u64 next = step == 0 ? low >> 32 : (u32)low;
        u64 digit = high / d1, rest = high % d1;
        while (digit > 0xffffffff || digit * d0 > (rest << 32 | next)) {
            digit--;
            rest += d1;
            if (rest > 0xffffffff)
                break;
        }
        high = (high << 32 | next) - digit * divisor;
        quotient = quotient << 32 | digit;
    }
    *remainder = high;
    return quotient;
}

/* digits * 10^exponent for |exponent| <= 27 and digits != 0. */
static double decimal_by_wide(u64 digits, i32 exponent)
{
    u32 lead = (u32)__builtin_clzll(digits);
    digits <<= lead;
    if (exponent >= 0) {
        Wide product = wide_multiply(digits, number_power5[exponent]);
        if (product.high == 0) { /* only for 5^0 */
            return round_to_double(product.low, exponent - (i32)lead, false);
        }
        u32 shift = (u32)__builtin_clzll(product.high);
        u64 top = shift == 0 ? product.high : (product.high << shift | product.low >> (64 - shift));
        return round_to_double(top, exponent - (i32)lead + 64 - (i32)shift, (product.low << shift) != 0);
    }
    u64 divisor = number_power5[-exponent];
    u32 up = (u32)__builtin_clzll(divisor);
    u64 remainder;
    u64 quotient = wide_divide(digits >> 1, digits << 63, divisor << up, &remainder);
    u32 shift = (u32)__builtin_clzll(quotient); /* 0 or 1 */
    i32 scale = exponent - (i32)lead + (i32)up - 63 - (i32)shift;
    return round_to_double(quotient << shift, scale, remainder != 0);
}

static double power10_double(u32 exponent)
{
    return (double)number_power5[exponent] * (double)((u64)1 << exponent);
}

/* Reads the digits of the text again, up to DIGITS_EXACT of them; the rest is one sticky digit. Returns the exponent. */
static i32 decimal_to_bignum(const Decimal *decimal, Bignum *number)
{
    enum { CHUNK = 9 };
    static const u32 scale[CHUNK + 1] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    u32 wanted = decimal->count < DIGITS_EXACT ? decimal->count : DIGITS_EXACT;
    u32 chunk = 0, in_chunk = 0, taken = 0;
    const u8 *at = decimal->start;
    number->count = 0;
    for (; taken < wanted; at++) {
        if (*at == '.')
            continue;
        chunk = chunk * 10 + (*at - '0');
        taken++;
        if (++in_chunk == CHUNK || taken == wanted) {
            bignum_multiply_add(number, scale[in_chunk], chunk);
            chunk = in_chunk = 0;
        }
    }
    i32 exponent = bounded(decimal->exponent) + DIGITS_IN_64 - (i32)taken;
    for (; at < decimal->end; at++) {
        if (*at != '.' && *at != '0') {
            bignum_multiply_add(number, 10, 1);
            return exponent - 1;
        }
    }
    return exponent;
}

static double decimal_by_bignum(const Decimal *decimal)
{
    i32 magnitude = bounded(decimal->exponent) + (i32)(decimal->count < DIGITS_IN_64 ? decimal->count : DIGITS_IN_64);
    if (magnitude > 310)
        return __builtin_inf();
    if (magnitude < -330)
        return 0.0;
    Bignum number, divisor;
    i32 exponent;
    if (decimal->count > DIGITS_IN_64) {
        exponent = decimal_to_bignum(decimal, &number);
    } else {
        bignum_set(&number, decimal->digits);
        exponent = bounded(decimal->exponent);
    }
    bignum_set(&divisor, 1);
    if (exponent >= 0)
        bignum_multiply_power5(&number, (u32)exponent);
    else
        bignum_multiply_power5(&divisor, (u32)-exponent);
    bool sticky;
    u64 mantissa = bignum_quotient(&number, &divisor, &exponent, &sticky);
    return round_to_double(mantissa, exponent, sticky);
}

static double decimal_value(const Decimal *decimal)
{
    enum { EXACT_POWER = 22 };
    u64 digits = decimal->digits;
    i32 exponent = bounded(decimal->exponent);
    if (digits == 0)
        return 0.0;
    if (!decimal->truncated && exponent >= -(POWER5_COUNT - 1) && exponent < POWER5_COUNT) {
        if (digits <= (u64)1 << 53 && exponent >= -EXACT_POWER && exponent <= EXACT_POWER) {
            return exponent < 0 ? (double)digits / power10_double((u32)-exponent)
                                : (double)digits * power10_double((u32)exponent);
        }
        return decimal_by_wide(digits, exponent);
    }
    return decimal_by_bignum(decimal);
}

/* Scans an exponent (behind the "e" or "p") and adds it; null when there are no digits. */
static const u8 *scan_exponent(const u8 *at, const u8 *end, i64 *exponent) {
    enum { CLAMP_BITS = 50 };
    bool negative = false;
    if (at < end && (*at == '+' || *at == '-'))
        negative = *at++ == '-';
    if (at == end || !is_digit(*at))
        return 0;
    i64 value = 0;
    for (; at < end && is_digit(*at); at++) {
        if (value >> CLAMP_BITS == 0)
            value = value * 10 + (*at - '0');
    }
    *exponent += negative ? -value : value;
    return at;
}

/* The digits and the point of a decimal numeral; false when it has no digit. */
static bool scan_decimal(const u8 *at, const u8 *end, Decimal *decimal, bool *point)
{
    const u8 *first = at;
    bool seen_point = false;
    u64 digits = 0;
    u32 count = 0, zeros = 0;
    i64 exponent = 0;
    *decimal = (Decimal){.start = at};
    for (; at < end; at++) {
        u8 digit = (u8)(*at - '0');
        if (digit < 10) {
            if (count == 0 && digit == 0) {
                zeros++;
            } else if (count < DIGITS_IN_64) {
                if (count++ == 0)
                    decimal->start = at;
                digits = digits * 10 + digit;
            } else {
                count++;
                decimal->truncated |= digit != 0;
                exponent++;
            }
            exponent -= seen_point;
        } else if (*at == '.' && !seen_point) {
            seen_point = true;
        } else {
            break;
        }
    }
    decimal->digits = digits;
    decimal->count = count;
    decimal->exponent = exponent;
    decimal->end = at;
    *point = seen_point;
    return count + zeros > 0 && (u32)(at - first) > 0;
}

/* An integer numeral of at most 19 significant digits that fits; the sign extends the range by one. */
static bool decimal_integer(const Decimal *decimal, bool negative, u64 *payload)
{
    u64 limit = (u64)INT64_MAX + negative;
    if (decimal->count > DIGITS_IN_64 || decimal->digits > limit)
        return false;
    *payload = negative ? 0 - decimal->digits : decimal->digits;
    return true;
}

static const u8 *parse_decimal(const u8 *at, const u8 *end, bool negative, NumberKind *kind, u64 *payload) {
    Decimal decimal;
    bool point;
    if (!scan_decimal(at, end, &decimal, &point))
        return 0;
    const u8 *after = decimal.end;
    bool exponent = after < end && (*after | 0x20) == 'e';
    if (!point && !exponent && decimal_integer(&decimal, negative, payload)) {
        *kind = NUMBER_INTEGER;
        return after;
    }
    if (exponent && (after = scan_exponent(after + 1, end, &decimal.exponent)) == 0)
        return 0;
    double value = decimal_value(&decimal);
    *kind = NUMBER_FLOAT;
    *payload = double_bits(negative ? -value : value);
    return after;
}

/* Hexadecimal, behind the "0x". Integers wrap around modulo 2^64; a point or an exponent makes a float. */
static const u8 *parse_hexadecimal(const u8 *at, const u8 *end, bool negative, NumberKind *kind, u64 *payload) {
    u64 integer = 0, mantissa = 0;
    bool point = false, any = false, sticky = false;
    i64 exponent = 0;
    for (; at < end; at++) {
        i32 digit = hex_digit(*at);
        if (digit < 0) {
            if (*at != '.' || point)
                break;
            point = true;
            continue;
        }
        any = true;
        integer = integer << 4 | (u64)digit;
        if (mantissa >> 60 == 0) {
            mantissa = mantissa << 4 | (u64)digit;
            exponent -= 4 * point;
        } else {
            sticky |= digit != 0;
            exponent += point ? 0 : 4;
        }
    }
    if (!any)
        return 0;
    bool scaled = at < end && (*at | 0x20) == 'p';
    if (!point && !scaled) {
        *kind = NUMBER_INTEGER;
        *payload = negative ? 0 - integer : integer;
        return at;
    }
    if (scaled && (at = scan_exponent(at + 1, end, &exponent)) == 0)
        return 0;
    double value = 0.0;
    if (mantissa != 0) {
        u32 lead = (u32)__builtin_clzll(mantissa);
        value = round_to_double(mantissa << lead, bounded(exponent) - (i32)lead, sticky);
    }
    *kind = NUMBER_FLOAT;
    *payload = double_bits(negative ? -value : value);
    return at;
}

NumberKind number_parse_text(const u8 *text, u32 length, u64 *payload)
{
    const u8 *at = text, *end = text + length;
    while (at < end && is_space(*at))
        at++;
    while (end > at && is_space(end[-1]))
        end--;
    bool negative = false;
    if (at < end && (*at == '-' || *at == '+'))
        negative = *at++ == '-';
    NumberKind kind = NUMBER_NONE;
    const u8 *after;
    if (end - at >= 2 && at[0] == '0' && (at[1] | 0x20) == 'x')
        after = parse_hexadecimal(at + 2, end, negative, &kind, payload);
    else
        after = parse_decimal(at, end, negative, &kind, payload);
    return after == end ? kind : NUMBER_NONE;
}
