/* SPDX-License-Identifier: MIT */
/* math.random and math.randomseed: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
 * 2021), seeded and projected as Lua 5.4 does, so that a seed gives the same numbers as there.
 *
 * Without entropy the generator starts as after math.randomseed(0). The *_entropy functions are the same with a start
 * from the host; only they refer to its function, so a module that does not declare `random` has no such import. */
#include "rt.h"

enum { WORDS = 4, DISCARDED = 16 };

static u64 state[WORDS];
static bool seeded;

static u64 rotate_left(u64 x, u32 bits) { return x << bits | x >> (64 - bits); }

static u64 next_random(void)
{
    u64 result = rotate_left(state[1] * 5, 7) * 9;
    u64 shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return result;
}

static void seed(u64 first, u64 second)
{
    state[0] = first;
    state[1] = 0xff; /* never all zero */
    state[2] = second;
    state[3] = 0;
    for (u32 i = 0; i < DISCARDED; i++)
        next_random();
    seeded = true;
}

/* A number of 0 .. limit, uniformly: bits under the smallest mask that holds the limit, until one fits. */
static u64 project(u64 random, u64 limit)
{
    u64 mask = limit == 0 ? 0 : ~(u64)0 >> __builtin_clzll(limit);
    while ((random &= mask) > limit)
        random = next_random();
    return random;
}

static Value interval(Closure *closure, u64 call, u64 random, i64 low, i64 high)
{
    if (low > high) {
        light_throw_argument(closure, call, 0, "interval is empty");
        return value_nil();
    }
    return one(value_integer((i64)(project(random, (u64)high - (u64)low) + (u64)low)));
}

static Value draw(Closure *closure, u64 call, Value a0, Value a1)
{
    u64 random = next_random();
    i64 low = 1, high;
    switch ((u32)call) {
    case 0:
        return one(value_float((f64)(random >> 11) * 0x1p-53));
    case 1:
        if (!light_integer(closure, call, 0, a0, &high))
            return value_nil();
        if (high == 0)
            return one(value_integer((i64)random));
        return interval(closure, call, random, low, high);
    case 2:
        if (!light_integer(closure, call, 0, a0, &low) || !light_integer(closure, call, 1, a1, &high))
            return value_nil();
        return interval(closure, call, random, low, high);
    default:
        light_throw_error(closure, call, "wrong number of arguments");
        return value_nil();
    }
}

/* randomseed with arguments: sets the seed and returns its two parts. */
static Value reseed(Closure *closure, u64 call, Value a0, Value a1)
{
    i64 first, second = 0;
    if (!light_integer(closure, call, 0, a0, &first) ||
        (!is_nil(a1) && !light_integer(closure, call, 1, a1, &second)))
        return value_nil();
    seed((u64)first, (u64)second);
    return two(value_integer(first), value_integer(second));
}

Value lua_math_random(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    if (unlikely(!seeded))
        seed(0, 0);
    return draw(closure, call, a0, a1);
}

Value lua_math_randomseed(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    if ((u32)call > 0)
        return reseed(closure, call, a0, a1);
    seed(0, 0);
    return two(value_integer(0), value_integer(0));
}

static Value seed_from_host(void)
{
    i64 parts[2];
    host_random_fill(parts, sizeof parts);
    seed((u64)parts[0], (u64)parts[1]);
    return two(value_integer(parts[0]), value_integer(parts[1]));
}

Value lua_math_random_entropy(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    if (unlikely(!seeded))
        seed_from_host();
    return draw(closure, call, a0, a1);
}

Value lua_math_randomseed_entropy(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    return (u32)call > 0 ? reseed(closure, call, a0, a1) : seed_from_host();
}
