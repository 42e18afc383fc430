/* SPDX-License-Identifier: MIT */
/* Arithmetic, bitwise operations, comparison, and conversions of numbers. */
#include "core.h"
#include "number.h"

double pow(double base, double exponent);
double fmod(double a, double b);

static const char *const arith_words[ARITH_COUNT] = {
    "add", "sub", "mul", "mod", "pow", "div", "idiv", "band", "bor", "bxor", "shl", "shr", "unm", "bnot",
};

/* ---- conversions ---------------------------------------------------------------------------------------------------------- */

bool float_to_integer(f64 number, i64 *out)
{
    if (!(number >= -0x1p63 && number < 0x1p63))
        return false;
    i64 integer = (i64)number;
    *out = integer;
    return (f64)integer == number;
}

Value value_to_number(Value v)
{
    if (is_number(v))
        return v;
    if (!is_string(v))
        return value_nil();
    u64 payload;
    switch (number_parse_text(string_of(v)->bytes, string_of(v)->length, &payload)) {
    case NUMBER_INTEGER:
        return value_integer((i64)payload);
    case NUMBER_FLOAT:
        return value_of(TAG_FLOAT, (i64)payload);
    default:
        return value_nil();
    }
}

bool value_to_float(Value v, f64 *out)
{
    v = value_to_number(v);
    *out = is_float(v) ? float_of(v) : (f64)v.payload;
    return !is_nil(v);
}

bool value_to_integer(Value v, i64 *out)
{
    v = value_to_number(v);
    if (is_integer(v)) {
        *out = v.payload;
        return true;
    }
    return is_float(v) && float_to_integer(float_of(v), out);
}

/* ---- operations on numbers -------------------------------------------------------------------------------------------------- */

static i64 integer_mod(i64 a, i64 b)
{
    if (b == -1)
        return 0;
    i64 rest = a % b;
    return rest != 0 && (rest ^ b) < 0 ? rest + b : rest;
}

static i64 integer_idiv(i64 a, i64 b)
{
    if (b == -1)
        return (i64)(0 - (u64)a);
    i64 quotient = a / b;
    return a % b != 0 && (a ^ b) < 0 ? quotient - 1 : quotient;
}

/* The remainder and the power bring much with them, so a program without these operators does without: see gates.py. */
[[gnu::noinline]] f64 arith_remainder(f64 a, f64 b)
{
    f64 rest = fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static i64 shift_left(i64 a, i64 by)
{
    if (by <= -64 || by >= 64)
        return 0;
    return by >= 0 ? (i64)((u64)a << by) : (i64)((u64)a >> -by);
}

/* Entry points for generated code, which has no instruction for these. */
f64 rt_float_mod(f64 a, f64 b) { return arith_remainder(a, b); }
[[gnu::noinline]] f64 arith_power(f64 a, f64 b) { return pow(a, b); }
f64 rt_pow(f64 a, f64 b) { return b == 2 ? a * a : arith_power(a, b); }

static Value arith_integers(u32 op, i64 a, i64 b)
{
    switch (op) {
    case ARITH_ADD:
        return value_integer((i64)((u64)a + (u64)b));
    case ARITH_SUB:
        return value_integer((i64)((u64)a - (u64)b));
    case ARITH_MUL:
        return value_integer((i64)((u64)a * (u64)b));
    case ARITH_MOD:
        return value_integer(integer_mod(a, b));
    case ARITH_IDIV:
        return value_integer(integer_idiv(a, b));
    case ARITH_UNM:
        return value_integer((i64)(0 - (u64)a));
    case ARITH_BAND:
        return value_integer(a & b);
    case ARITH_BOR:
        return value_integer(a | b);
    case ARITH_BXOR:
        return value_integer(a ^ b);
    case ARITH_SHL:
        return value_integer(shift_left(a, b));
    case ARITH_SHR:
        return value_integer(b == INT64_MIN ? 0 : shift_left(a, -b));
    case ARITH_BNOT:
        return value_integer(~a);
    default:
        rt_assert(false);
        return value_nil();
    }
}

static Value arith_floats(u32 op, f64 a, f64 b)
{
    switch (op) {
    case ARITH_ADD:
        return value_float(a + b);
    case ARITH_SUB:
        return value_float(a - b);
    case ARITH_MUL:
        return value_float(a * b);
    case ARITH_DIV:
        return value_float(a / b);
    case ARITH_MOD:
        return value_float(arith_remainder(a, b));
    case ARITH_POW:
        return value_float(rt_pow(a, b));
    case ARITH_IDIV:
        return value_float(__builtin_floor(a / b));
    case ARITH_UNM:
        return value_float(-a);
    default:
        rt_assert(false);
        return value_nil();
    }
}

static bool is_bitwise(u32 op) { return (op >= ARITH_BAND && op <= ARITH_SHR) || op == ARITH_BNOT; }

/* ---- arithmetic with everything -------------------------------------------------------------------------------------------- */

static f64 number_as_float(Value v) { return is_float(v) ? float_of(v) : (f64)v.payload; }

static Value arith_numbers(u32 op, Value a, Value b, const Site *site)
{
    if (is_integer(a) && is_integer(b) && op != ARITH_DIV && op != ARITH_POW) {
        if (b.payload == 0 && (op == ARITH_MOD || op == ARITH_IDIV)) {
            throw_at(site, op == ARITH_MOD ? "attempt to perform 'n%%0'" : "attempt to divide by zero");
            return value_nil();
        }
        return arith_integers(op, a.payload, b.payload);
    }
    return arith_floats(op, number_as_float(a), number_as_float(b));
}

static void throw_arith(u32 op, Value a, Value b, const Site *site)
{
    if (is_bitwise(op)) {
        if (is_number(a) && is_number(b)) {
            i64 ignored;
            throw_no_integer(site, value_to_integer(a, &ignored) ? 2 : 1);
        } else {
            u32 operand = is_number(a) ? 2 : 1;
            throw_operand(site, "perform bitwise operation on", operand == 1 ? a : b, operand);
        }
        return;
    }
    if (is_string(a) || is_string(b)) {
        throw_at(site, "attempt to %s a '%s' with a '%s'", arith_words[op], type_name(a), type_name(b));
        return;
    }
    u32 operand = is_number(a) ? 2 : 1;
    throw_operand(site, "perform arithmetic on", operand == 1 ? a : b, operand);
}

static Value arith_by_metamethod(u32 op, Value a, Value b, const Site *site)
{
    u32 name = META_ADD + op;
    Value method = metamethod(a, name);
    if (is_nil(method))
        method = metamethod(b, name);
    if (is_nil(method)) {
        throw_arith(op, a, b, site);
        return method;
    }
    return meta_call2(method, name, site, a, b);
}

/* Strings compute by conversion, unless the program put operators of its own into their metatable. */
static bool has_operator(Value a, Value b, u32 op) { return !is_nil(metamethod(is_string(a) ? a : b, META_ADD + op)); }

Value rt_arith(u32 op, Value a, Value b, const Site *site)
{
    if (is_bitwise(op)) {
        i64 x, y;
        if (is_number(a) && is_number(b) && value_to_integer(a, &x) && value_to_integer(b, &y))
            return arith_integers(op, x, y);
        return arith_by_metamethod(op, a, b, site);
    }
    if (likely(is_number(a) && is_number(b)))
        return arith_numbers(op, a, b, site);
    if (is_table(a) || is_table(b) || has_operator(a, b, op))
        return arith_by_metamethod(op, a, b, site);
    Value x = value_to_number(a);
    Value y = value_to_number(b);
    if (!is_nil(x) && !is_nil(y))
        return arith_numbers(op, x, y, NULL); /* in the reference a library function computes: its errors have no position */
    return arith_by_metamethod(op, a, b, site);
}

/* ---- comparison ------------------------------------------------------------------------------------------------------------------ */

/* i < f, exactly. */
static bool integer_less_float(i64 i, f64 f)
{
    if (f >= 0x1p63)
        return true;
    if (!(f > -0x1p63))
        return false;
    return i < (i64)__builtin_ceil(f);
}

static bool integer_less_equal_float(i64 i, f64 f)
{
    if (f >= 0x1p63)
        return true;
    if (!(f >= -0x1p63))
        return false;
    return i <= (i64)__builtin_floor(f);
}

static bool float_less_integer(f64 f, i64 i) { return f == f && !integer_less_equal_float(i, f); }
static bool float_less_equal_integer(f64 f, i64 i) { return f == f && !integer_less_float(i, f); }

static bool number_less(Value a, Value b)
{
    if (is_integer(a))
        return is_integer(b) ? a.payload < b.payload : integer_less_float(a.payload, float_of(b));
    return is_float(b) ? float_of(a) < float_of(b) : float_less_integer(float_of(a), b.payload);
}

static bool number_less_equal(Value a, Value b)
{
    if (is_integer(a))
        return is_integer(b) ? a.payload <= b.payload : integer_less_equal_float(a.payload, float_of(b));
    return is_float(b) ? float_of(a) <= float_of(b) : float_less_equal_integer(float_of(a), b.payload);
}

static u32 compare_by_metamethod(u32 name, Value a, Value b, const Site *site)
{
    Value method = metamethod(a, name);
    if (is_nil(method))
        method = metamethod(b, name);
    if (is_nil(method)) {
        throw_compare(site, a, b);
        return false;
    }
    return is_true(meta_call2(method, name, site, a, b));
}

u32 rt_less(Value a, Value b, const Site *site)
{
    if (is_number(a) && is_number(b))
        return number_less(a, b);
    if (is_string(a) && is_string(b))
        return string_compare(string_of(a), string_of(b)) < 0;
    return compare_by_metamethod(META_LT, a, b, site);
}

u32 rt_less_equal(Value a, Value b, const Site *site)
{
    if (is_number(a) && is_number(b))
        return number_less_equal(a, b);
    if (is_string(a) && is_string(b))
        return string_compare(string_of(a), string_of(b)) <= 0;
    return compare_by_metamethod(META_LE, a, b, site);
}
