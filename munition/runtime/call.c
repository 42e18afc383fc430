/* SPDX-License-Identifier: MIT */
/* Calls: of values that are no functions, and from the runtime back into Lua. */
#include "core.h"

/* Put `callee` before the arguments: they move up by one, from registers to memory. */
static void shift_arguments(u32 count, Value a2)
{
    Cell *row = rt_state.sp;
    if (count > 3)
        memmove(row + 4, row + 3, (size_t)(count - 3) * sizeof(Cell));
    cell_store(row + 3, a2);
}

static Closure *ready(Value callee, u32 count, Value a0, Value a1, Value a2)
{
    Cell *row = rt_state.sp;
    cell_store(row, a0);
    cell_store(row + 1, a1);
    cell_store(row + 2, a2);
    rt_state.result_count = count;
    return closure_of(callee);
}

/* The function that runs when `callee` is called, NULL if an error is under way. Its first three arguments are left in the
   row at sp, where the others are; result_count is their number. So the caller can make a proper tail call, which C
   cannot promise: a handler may call its object again, and so on. */
Closure *rt_callee(Value callee, u64 call, Value a0, Value a1, Value a2)
{
    return is_function(callee) ? ready(callee, (u32)call, a0, a1, a2) : call_metamethod(callee, call, a0, a1, a2);
}

[[gnu::noinline]] Closure *call_metamethod(Value callee, u64 call, Value a0, Value a1, Value a2)
{
    u32 count = (u32)call;
    for (u32 step = 0; !is_function(callee); step++) {
        Value method = metamethod(callee, META_CALL);
        if (is_nil(method)) {
            throw_call(call_site(call), callee);
            return NULL;
        }
        if (step == CHAIN_LIMIT / 10) {
            rt_stack_overflow(call_site(call));
            return NULL;
        }
        shift_arguments(count, a2);
        a2 = a1;
        a1 = a0;
        a0 = callee;
        callee = method;
        count++;
    }
    return ready(callee, count, a0, a1, a2);
}

/* Before a tail call of what is no function. */
void rt_check_callable(Value callee, const Site *site)
{
    if (is_nil(metamethod(callee, META_CALL)))
        throw_call(site, callee);
}

/* Where nothing has a metatable. */
Closure *no_call_metamethod(Value callee, u64 call, Value a0, Value a1, Value a2)
{
    (void)a0;
    (void)a1;
    (void)a2;
    throw_call(call_site(call), callee);
    return NULL;
}

Value rt_call(Value callee, u64 call, Value a0, Value a1, Value a2)
{
    if (is_function(callee))
        return call_closure(closure_of(callee), call, a0, a1, a2);
    Closure *closure = call_metamethod(callee, call, a0, a1, a2);
    if (!closure)
        return value_nil();
    Cell *row = rt_state.sp;
    u64 word = call_word(rt_state.result_count, call_site(call));
    return call_closure(closure, word, cell_load(row), cell_load(row + 1), cell_load(row + 2));
}

[[gnu::noinline]] static Value refuse_call(const Site *site)
{
    if (rt_state.sp > rt_state.stack_limit)
        rt_stack_overflow(site);
    else
        throw_at(site, "C stack overflow");
    return value_nil();
}

bool invoke_begin(const Site *site)
{
    if (unlikely(rt_state.c_depth >= C_DEPTH_LIMIT || rt_state.sp > rt_state.stack_limit || c_stack_is_low())) {
        refuse_call(site);
        return false;
    }
    rt_state.c_depth++;
    return true;
}

/* Call back into Lua; up to three arguments need no memory, others lie at sp + 3. */
Value invoke_values(Value callee, u64 call, Value a0, Value a1, Value a2)
{
    Cell *row = rt_state.sp;
    if (unlikely(rt_state.c_depth >= C_DEPTH_LIMIT || row > rt_state.stack_limit || c_stack_is_low()))
        return refuse_call(call_site(call));
    rt_state.c_depth++;
    Value result = rt_call(callee, call, a0, a1, a2);
    rt_state.c_depth--;
    rt_state.sp = row;
    return result;
}

Value invoke_site(Value callee, u32 count, const Site *site)
{
    const Cell *row = rt_state.sp;
    if (unlikely(!stack_reserve(count)))
        return value_nil();
    Value a0 = count > 0 ? cell_load(row) : value_nil();
    Value a1 = count > 1 ? cell_load(row + 1) : value_nil();
    Value a2 = count > 2 ? cell_load(row + 2) : value_nil();
    return invoke_values(callee, call_word(count, site), a0, a1, a2);
}

Value invoke(Value callee, u32 count) { return invoke_site(callee, count, NULL); }

Value invoke1(Value callee, Value a) { return invoke_values(callee, 1, a, value_nil(), value_nil()); }

Value invoke2(Value callee, Value a, Value b) { return invoke_values(callee, 2, a, b, value_nil()); }

Value invoke3(Value callee, Value a, Value b, Value c) { return invoke_values(callee, 3, a, b, c); }

/* Move the n cells at sp up by k cells. */
void rt_shift(u32 k, u32 n)
{
    memmove(rt_state.sp + k, rt_state.sp, (size_t)n * sizeof(Cell));
}
