/* SPDX-License-Identifier: MIT */
/* Preparing the numeric for loop (manual, section 3.3.5). */
#include "core.h"

typedef struct ForInteger {
    i64 start;
    i64 step;
    u64 count; /* iterations - 1 */
} ForInteger;

typedef struct ForFloat {
    f64 start;
    f64 step;
    f64 limit;
} ForFloat;

static void throw_for(const Site *site, const char *what, Value v)
{
    Cell *root = root_push(v);
    throw_at(site, "bad 'for' %s (number expected, got %S)", what, operand_type(v));
    rt_state.sp = root;
}

/* The limit of an integer loop, clipped to integers. false = error; *runs = whether there is any iteration by it. */
static bool for_limit(Value limit, i64 start, i64 step, i64 *out, bool *runs, const Site *site)
{
    *runs = true;
    Value number = value_to_number(limit);
    if (is_nil(number)) {
        throw_for(site, "limit", limit);
        return false;
    }
    if (is_integer(number)) {
        *out = number.payload;
    } else {
        f64 bound = float_of(number);
        f64 whole = step < 0 ? __builtin_ceil(bound) : __builtin_floor(bound);
        if (bound != bound)
            *out = INT64_MIN, *runs = step < 0; /* as in the reference implementation */
        else if (whole >= 0x1p63)
            *out = INT64_MAX, *runs = step > 0;
        else if (whole < -0x1p63)
            *out = INT64_MIN, *runs = step < 0;
        else
            *out = (i64)whole;
    }
    *runs = *runs && (step > 0 ? start <= *out : start >= *out);
    return true;
}

static u32 for_integers(i64 start, Value limit, i64 step, ForInteger *out, const Site *site)
{
    if (step == 0) {
        throw_at(site, "'for' step is zero");
        return 0;
    }
    i64 last = 0;
    bool runs;
    if (!for_limit(limit, start, step, &last, &runs, site) || !runs)
        return 0;
    u64 distance = step > 0 ? (u64)last - (u64)start : (u64)start - (u64)last;
    u64 stride = step > 0 ? (u64)step : 0 - (u64)step;
    *out = (ForInteger){start, step, distance / stride};
    return 1;
}

u32 rt_for_prepare(Value start, Value limit, Value step, void *out, const Site *site)
{
    if (is_integer(start) && is_integer(step))
        return for_integers(start.payload, limit, step.payload, out, site);
    ForFloat loop;
    if (!value_to_float(limit, &loop.limit)) {
        throw_for(site, "limit", limit);
        return 0;
    }
    if (!value_to_float(step, &loop.step)) {
        throw_for(site, "step", step);
        return 0;
    }
    if (!value_to_float(start, &loop.start)) {
        throw_for(site, "initial value", start);
        return 0;
    }
    if (loop.step == 0) {
        throw_at(site, "'for' step is zero");
        return 0;
    }
    /* A start or step that is NaN does not keep the first turn from running. */
    if (loop.step > 0 ? loop.limit < loop.start : loop.start < loop.limit)
        return 0;
    *(ForFloat *)out = loop;
    return 2;
}
