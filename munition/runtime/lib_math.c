/* SPDX-License-Identifier: MIT */
/* The math library (reference manual, 6.7) without its random numbers. The elementary functions are those of the
 * toolchain's C library. */
#include "rt.h"

double sin(double x);
double cos(double x);
double tan(double x);
double asin(double x);
double acos(double x);
double atan2(double y, double x);
double exp(double x);
double log(double x);
double log2(double x);
double log10(double x);
double fmod(double x, double y);

/* ---- functions of one float -------------------------------------------------------------------------------------- */

[[gnu::always_inline]] static inline Value apply(Closure *closure, u64 call, Value a0, double (*function)(double))
{
    f64 x;
    if (!light_number(closure, call, 0, a0, &x))
        return value_nil();
    return one(value_float(function(x)));
}

static inline double square_root(double x) { return __builtin_sqrt(x); }

Value lua_math_sqrt(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, square_root);
}

Value lua_math_sin(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, sin);
}

Value lua_math_cos(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, cos);
}

Value lua_math_tan(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, tan);
}

Value lua_math_asin(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, asin);
}

Value lua_math_acos(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, acos);
}

Value lua_math_exp(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, exp);
}

static inline double to_degrees(double x) { return x * (180.0 / 0x1.921fb54442d18p+1); }
static inline double to_radians(double x) { return x * (0x1.921fb54442d18p+1 / 180.0); }

Value lua_math_deg(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, to_degrees);
}

Value lua_math_rad(Closure *closure, u64 call, Value a0, Value, Value)
{
    return apply(closure, call, a0, to_radians);
}

Value lua_math_atan(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    f64 y, x = 1.0;
    if (!light_number(closure, call, 0, a0, &y) || (!is_nil(a1) && !light_number(closure, call, 1, a1, &x)))
        return value_nil();
    return one(value_float(atan2(y, x)));
}

Value lua_math_log(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    f64 x, base;
    if (!light_number(closure, call, 0, a0, &x))
        return value_nil();
    if (is_nil(a1))
        return one(value_float(log(x)));
    if (!light_number(closure, call, 1, a1, &base))
        return value_nil();
    if (base == 2.0)
        return one(value_float(log2(x)));
    if (base == 10.0)
        return one(value_float(log10(x)));
    return one(value_float(log(x) / log(base)));
}

/* ---- rounding ---------------------------------------------------------------------------------------------------- */

/* An integral float as an integer if it fits. */
static inline Value integer_if_fits(f64 x)
{
    if (likely(x >= -0x1p63 && x < 0x1p63))
        return value_integer((i64)x);
    return value_float(x);
}

Value lua_math_floor(Closure *closure, u64 call, Value a0, Value, Value)
{
    f64 x;
    if (is_integer(a0))
        return one(a0);
    return light_number(closure, call, 0, a0, &x) ? one(integer_if_fits(__builtin_floor(x))) : value_nil();
}

Value lua_math_ceil(Closure *closure, u64 call, Value a0, Value, Value)
{
    f64 x;
    if (is_integer(a0))
        return one(a0);
    return light_number(closure, call, 0, a0, &x) ? one(integer_if_fits(__builtin_ceil(x))) : value_nil();
}

Value lua_math_modf(Closure *closure, u64 call, Value a0, Value, Value)
{
    f64 x;
    if (is_integer(a0))
        return two(a0, value_float(0.0));
    if (!light_number(closure, call, 0, a0, &x))
        return value_nil();
    f64 whole = __builtin_trunc(x);
    f64 fraction = x == whole ? 0.0 : x - whole; /* also for infinities */
    return two(integer_if_fits(whole), value_float(fraction));
}

Value lua_math_abs(Closure *closure, u64 call, Value a0, Value, Value)
{
    f64 x;
    if (is_integer(a0))
        return one(value_integer(a0.payload < 0 ? (i64)(0 - (u64)a0.payload) : a0.payload));
    return light_number(closure, call, 0, a0, &x) ? one(value_float(__builtin_fabs(x))) : value_nil();
}

/* The remainder of the division that rounds towards zero. */
Value lua_math_fmod(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    if (is_integer(a0) && is_integer(a1)) {
        if (a1.payload == 0) {
            light_throw_argument(closure, call, 1, "zero");
            return value_nil();
        }
        return one(value_integer(a1.payload == -1 ? 0 : a0.payload % a1.payload)); /* -1: the division may overflow */
    }
    f64 x, y;
    /* the second first, as the reference implementation is built: one can see which of two bad ones it names */
    if (!light_number(closure, call, 1, a1, &y) || !light_number(closure, call, 0, a0, &x))
        return value_nil();
    return one(value_float(fmod(x, y)));
}

Value lua_math_tointeger(Closure *closure, u64 call, Value a0, Value, Value)
{
    i64 integer;
    if (is_integer(a0))
        return one(a0);
    if (value_to_integer(a0, &integer))
        return one(value_integer(integer));
    return light_any(closure, call, 0) ? one(value_nil()) : value_nil();
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static inline bool value_less(Value a, Value b)
{
    if (is_integer(a) && is_integer(b))
        return a.payload < b.payload;
    if (is_float(a) && is_float(b))
        return float_of(a) < float_of(b);
    return rt_less(a, b, NULL) != 0;
}

/* The largest (or smallest) argument; anything that can be compared will do. */
[[gnu::always_inline]] static inline Value extreme(Closure *closure, u64 call, Value a0, Value a1, Value a2, bool largest)
{
    if (likely((u32)call == 2 && is_number(a0) && is_number(a1)))
        return one((largest ? value_less(a0, a1) : value_less(a1, a0)) ? a1 : a0);
    Args args = args_open(closure, call, a0, a1, a2);
    if (args.count == 0) {
        throw_argument(&args, 0, "value expected");
        return args_fail(&args);
    }
    u32 best = 0;
    for (u32 i = 1; i < args.count; i++) {
        Value old = cell_load(&args.at[best]), new = cell_load(&args.at[i]);
        if (largest ? value_less(old, new) : value_less(new, old))
            best = i;
        if (failed())
            return args_fail(&args);
    }
    return args_return(&args, cell_load(&args.at[best]));
}

Value lua_math_max(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    return extreme(closure, call, a0, a1, a2, true);
}

Value lua_math_min(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    return extreme(closure, call, a0, a1, a2, false);
}

Value lua_math_ult(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    i64 a, b;
    if (!light_integer(closure, call, 0, a0, &a) || !light_integer(closure, call, 1, a1, &b))
        return value_nil();
    return one(value_bool((u64)a < (u64)b));
}

Value lua_math_type(Closure *closure, u64 call, Value a0, Value, Value)
{
    if (is_number(a0))
        return one(value_string(rt_name(is_integer(a0) ? NAME_INTEGER : NAME_FLOAT)));
    return light_any(closure, call, 0) ? one(value_nil()) : value_nil();
}
