/* SPDX-License-Identifier: MIT */
/* Suspending and resuming: records, and the functions of the library that do it.
 *
 * A coroutine runs on the stack of whoever resumes it. To yield, every function down to the resume saves itself in a
 * record and returns (pending is PENDING_YIELD); to go on, they are called again, outermost first, and each finds its
 * record. The C stack and the engine's stack hold nothing of a suspended coroutine. */
#include "coroutine.h"

#include "core.h"

u32 rt_resuming;

static Coroutine *current; /* NULL = the main program */

/* The main program is a coroutine, too, as far as a script can tell. */
static Coroutine main_program = {.object = {.kind = TAG_COROUTINE}, .status = COROUTINE_RUNNING};

/* What resume passes to the yield that it wakes up: cells below sp in the frame of resume. */
static const Cell *sent;
static u32 sent_count;

/* ---- records --------------------------------------------------------------------------------------------------- */

static bool row_reserve(Row *row, u32 count)
{
    u64 wanted = (u64)row->count + count;
    if (wanted <= row->capacity)
        return true;
    u64 capacity = row->capacity == 0 ? 16 : row->capacity;
    while (capacity < wanted)
        capacity *= 2;
    Cell *cells = raw_alloc(capacity * sizeof(Cell));
    if (cells == NULL)
        return false;
    if (row->cells != NULL) {
        memcpy(cells, row->cells, (size_t)row->count * sizeof(Cell));
        raw_free(row->cells);
    }
    row->cells = cells;
    row->capacity = (u32)capacity;
    return true;
}

/* A record: the site and `count`, as many cells, `count` again, and the function in the form of a frame header. */
enum { RECORD_OVERHEAD = 3 };

/* What stands for the site in the record of a yield. */
static const i64 YIELDED = -1;

/* A call word without its site if that lies on the C stack (below all data), where it ends with the call. */
static u64 lasting(u64 call)
{
    return (u32)(call >> 32) < (u32)(uintptr_t)&rt_state ? (u32)call : call;
}

Cell *rt_save(u32 count, Closure *closure, u64 call, u32 site)
{
    Row *row = &current->records;
    if (unlikely(row->capacity - row->count < count + RECORD_OVERHEAD)) {
        rt_state.pending = PENDING_NONE;
        if (!row_reserve(row, count + RECORD_OVERHEAD))
            return NULL;
    }
    rt_state.pending = PENDING_YIELD;
    Cell *first = row->cells + row->count;
    row->count += count + RECORD_OVERHEAD;
    cell_store(first, value_integer((i64)(site | (u64)count << 32)));
    cell_store(first + count + 1, value_integer(count));
    Cell *function = first + count + 2;
    function->payload = (i64)lasting(call);
    function->tag = TAG_FRAME;
    function->aux = (u32)(uintptr_t)closure;
    return first;
}

u32 record_length(void) { return (u32)((u64)((const Cell *)(uintptr_t)rt_resuming)->payload >> 32); }

u32 coroutine_frames(const Coroutine *co, Cell *to)
{
    u32 count = 0;
    for (u32 end = co->records.count; end > 0; count++) {
        const Cell *function = co->records.cells + end - 1;
        if (to != NULL)
            to[count] = *function;
        end -= (u32)function[-1].payload + RECORD_OVERHEAD;
    }
    return count;
}

Cell *rt_restore(void)
{
    Cell *record = (Cell *)(uintptr_t)rt_resuming;
    rt_resuming = 0;
    return record;
}

static Value receive(void);

Value rt_rewind(void)
{
    Row *row = &current->records;
    const Cell *function = row->cells + row->count - 1;
    row->count -= (u32)function[-1].payload + RECORD_OVERHEAD;
    const Cell *first = row->cells + row->count;
    if (first->payload == YIELDED)
        return receive();
    rt_resuming = (u32)(uintptr_t)first;
    Closure *closure = (Closure *)(uintptr_t)function->aux;
    return call_closure(closure, (u64)function->payload, value_nil(), value_nil(), value_nil());
}

Coroutine *coroutine_current(void) { return current == NULL ? &main_program : current; }

bool coroutine_is_main(const Coroutine *co) { return co == &main_program; }

/* ---- yield ----------------------------------------------------------------------------------------------------- */

bool coroutine_is_yieldable(const Cell *top)
{
    if (current == NULL || coroutine_is_closing())
        return false;
    for (const Cell *cell = current->base; cell < top; cell++) {
        if (cell->tag != TAG_FRAME || cell->aux == 0)
            continue;
        const Closure *closure = (const Closure *)(uintptr_t)cell->aux;
        if (closure->info == NULL && !(closure->object.flags & CLOSURE_SUSPENDABLE))
            return false;
    }
    return true;
}

/* The values that resume sent, as the results of yield. */
static Value receive(void)
{
    if (unlikely(coroutine_is_closing())) {
        rt_state.pending = PENDING_CLOSE;
        cell_store(&rt_state.error, value_nil()); /* what __close gets; an error that was under way is none any more */
        return value_nil();
    }
    rt_state.result_count = sent_count;
    if (likely(sent_count == 1))
        return cell_load(sent);
    if (!stack_reserve(sent_count + 1))
        return value_nil();
    for (u32 i = 1; i < sent_count; i++)
        rt_state.sp[i] = sent[i];
    return sent_count > 0 ? cell_load(sent) : value_nil();
}

/* Be suspended: the innermost record. */
static void leave_yield(Closure *closure, u64 call)
{
    Cell *record = rt_save(0, closure, call, 0);
    if (record != NULL)
        record->payload = YIELDED;
}

Value lua_coroutine_yield(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (unlikely(!coroutine_is_yieldable(rt_state.sp))) {
        throw_at(NULL, current == NULL ? "attempt to yield from outside a coroutine"
                                       : "attempt to yield across a C-call boundary");
        return value_nil();
    }
    Row *values = &current->values;
    u32 count = (u32)call;
    if (likely(count <= 3 && count <= values->capacity)) {
        if (count > 0)
            cell_store(values->cells, a0);
        if (count > 1)
            cell_store(values->cells + 1, a1);
        if (count > 2)
            cell_store(values->cells + 2, a2);
        values->count = count;
        leave_yield(closure, call);
        return value_nil();
    }
    Args args = args_open(closure, call, a0, a1, a2);
    values->count = 0;
    if (!row_reserve(values, count))
        return args_fail(&args);
    copy_cells(values->cells, args.at, count);
    values->count = count;
    leave_yield(closure, call);
    return args_fail(&args);
}

/* ---- errors that end a coroutine ------------------------------------------------------------------------------- */

u32 protected_depth;

bool coroutine_fails(void) { return current != NULL && protected_depth == 0 && !coroutine_is_closing(); }

bool coroutine_is_closing(void) { return current != NULL && current->object.flags & COROUTINE_CLOSING; }

void coroutine_defer(Value v, const Site *site)
{
    if (!(current->object.flags & COROUTINE_FAILED))
        current->records.count = 0; /* a failure on the way back into suspended functions leaves some */
    current->object.flags |= COROUTINE_FAILED;
    root_push(v);
    Row *row = &current->records;
    if (row_reserve(row, 2)) {
        cell_store(row->cells + row->count, v);
        cell_store(row->cells + row->count + 1, value_integer((i64)(uintptr_t)site));
        row->count += 2;
    }
    root_pop(1);
}

/* ---- resume ---------------------------------------------------------------------------------------------------- */

typedef enum Ending : u8 { ENDED_OK, ENDED_ERROR, ENDED_PENDING } Ending;

/* What a coroutine hides of its resumer while it runs. */
typedef struct Outer {
    Cell handler;
    const Cell *sent;
    u32 sent_count;
    u32 protected_depth;
} Outer;

static Outer enter(Coroutine *co)
{
    Outer outer = {rt_state.handler, sent, sent_count, protected_depth};
    if (unlikely(outer.handler.tag != TAG_NIL)) {
        root_push(cell_load(&outer.handler));
        cell_store(&rt_state.handler, value_nil());
    }
    protected_depth = 0;
    co->resumer = current;
    (current == NULL ? &main_program : current)->status = COROUTINE_NORMAL;
    current = co;
    co->status = COROUTINE_RUNNING;
    co->base = rt_state.sp;
    frames_from = co->base;
    return outer;
}

static void leave(const Coroutine *co, const Outer *outer)
{
    sent = outer->sent;
    sent_count = outer->sent_count;
    protected_depth = outer->protected_depth;
    current = co->resumer;
    frames_from = current == NULL ? NULL : current->base;
    (current == NULL ? &main_program : current)->status = COROUTINE_RUNNING;
    rt_state.handler = outer->handler;
}

/* Run `co` until it yields, ends or fails, with the `count` cells at `first` (below sp). What comes out of it lies in
 * co->values (after a yield or an end), or is the pending error. */
static Value transfer(Coroutine *co, const Cell *first, u32 count)
{
    Outer outer = enter(co);
    Value result;
    if (co->records.count == 0) {
        copy_cells(rt_state.sp, first, count);
        result = invoke(cell_load(&co->body), count);
    } else {
        sent = first;
        sent_count = count;
        rt_state.c_depth++;
        result = rt_rewind();
        rt_state.c_depth--;
    }
    leave(co, &outer);
    return result;
}

static bool keep_results(Coroutine *co, Value result)
{
    u32 count = rt_state.result_count;
    Cell *row = rt_state.sp;
    cell_store(row, result);
    rt_state.sp = row + count; /* the collector must see them while room is made */
    co->values.count = 0;
    bool kept = row_reserve(&co->values, count);
    rt_state.sp = row;
    if (!kept)
        return false;
    copy_cells(co->values.cells, row, count);
    co->values.count = count;
    return true;
}

static void retire(Coroutine *co)
{
    co->status = COROUTINE_DEAD;
    co->object.flags &= (u8)~(COROUTINE_FAILED | COROUTINE_CLOSING);
    co->records.count = 0;
    cell_store(&co->body, value_nil());
}

/* ENDED_OK: co->values holds what it yielded or returned. ENDED_ERROR: the error is pending. ENDED_PENDING: something is
 * pending that nothing may stop. */
static Ending resume(Coroutine *co, const Cell *first, u32 count)
{
    Value result = transfer(co, first, count);
    if (rt_state.pending == PENDING_YIELD) {
        rt_state.pending = PENDING_NONE;
        co->status = COROUTINE_SUSPENDED;
        return ENDED_OK;
    }
    if (failed()) {
        rt_resuming = 0;
        u32 deferred = co->object.flags & COROUTINE_FAILED ? co->records.count : 0;
        retire(co);
        if (rt_state.pending != PENDING_ERROR)
            return ENDED_PENDING;
        co->object.flags |= COROUTINE_FAILED;
        co->records.count = deferred;
        co->body = rt_state.error;
        return ENDED_ERROR;
    }
    bool kept = keep_results(co, result);
    retire(co);
    return kept ? ENDED_OK : ENDED_ERROR;
}

/* The error of resuming something that is not suspended. */
static Value refuse(const Args *args, const Coroutine *co)
{
    String *text = string_from(co->status == COROUTINE_DEAD ? "cannot resume dead coroutine"
                                                            : "cannot resume non-suspended coroutine");
    if (text == NULL)
        return args_fail(args);
    return args_return_two(args, value_bool(false), value_string(text));
}

/* The pending error as a value, no longer pending. */
static Value take_error(void)
{
    Value error = cell_load(&rt_state.error);
    rt_state.pending = PENDING_NONE;
    cell_store(&rt_state.error, value_nil());
    return error;
}

/* Close what an error left open, innermost first: the error after that, which is body's; or something is pending that
 * nothing may stop. */
static void close_deferred(Coroutine *co)
{
    Cell *row = rt_state.sp;
    Outer outer = enter(co);
    co->object.flags |= COROUTINE_CLOSING;
    for (u32 i = 0; i < co->records.count; i += 2) {
        const Cell *cell = co->records.cells + i;
        rt_close(cell_load(cell), cell_load(&co->body), PENDING_NONE, (const Site *)(uintptr_t)cell[1].payload);
        if (rt_state.pending == PENDING_ERROR)
            cell_store(&co->body, take_error());
        else if (failed())
            break;
    }
    leave(co, &outer);
    rt_state.sp = row;
    co->status = COROUTINE_DEAD;
}

/* Put co->values on the stack behind `args->at[0 .. shift - 1]` and return all of it. */
static Value return_values(const Args *args, Coroutine *co, u32 shift, Value first)
{
    u32 count = co->values.count;
    Cell *row = args->at;
    if (likely(count + shift <= 2)) { /* there was room for three arguments */
        rt_state.sp = row;
        rt_state.result_count = count + shift;
        co->values.count = 0;
        Value yielded = count > 0 ? cell_load(co->values.cells) : value_nil();
        if (shift == 0) {
            if (count > 1)
                row[1] = co->values.cells[1];
            return yielded;
        }
        cell_store(row + 1, yielded);
        return first;
    }
    if (!stack_reserve(count + shift))
        return args_fail(args);
    rt_state.sp = row;
    rt_state.result_count = count + shift;
    cell_store(row, first);
    copy_cells(row + shift, co->values.cells, count);
    co->values.count = 0;
    return count + shift == 0 ? value_nil() : cell_load(row);
}

Value lua_coroutine_resume(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Coroutine *co;
    if (!arg_coroutine(&args, 0, &co))
        return args_fail(&args);
    if (co->status != COROUTINE_SUSPENDED)
        return refuse(&args, co);
    switch (resume(co, args.at + 1, args.count - 1)) {
    case ENDED_OK:
        return return_values(&args, co, 1, value_bool(true));
    case ENDED_ERROR:
        return args_return_two(&args, value_bool(false), take_error());
    default:
        return args_fail(&args);
    }
}

Value coroutine_wrapped(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Coroutine *co = coroutine_of(cell_load(&closure->upvalues[0]));
    if (co->status != COROUTINE_SUSPENDED) {
        throw_error(&args, co->status == COROUTINE_DEAD ? "cannot resume dead coroutine"
                                                        : "cannot resume non-suspended coroutine");
        return args_fail(&args);
    }
    switch (resume(co, args.at, args.count)) {
    case ENDED_OK:
        return return_values(&args, co, 0, value_nil());
    case ENDED_ERROR: {
        take_error();
        close_deferred(co);
        if (failed())
            return args_fail(&args);
        Value error = cell_load(&co->body);
        retire(co);
        if (is_string(error))
            throw_message(call_site(call), string_of(error));
        else
            throw_value(error);
        return args_fail(&args);
    }
    default:
        return args_fail(&args);
    }
}

/* ---- close ----------------------------------------------------------------------------------------------------- */

bool coroutine_close(Coroutine *co, Value *error)
{
    if (co->object.flags & COROUTINE_FAILED) {
        close_deferred(co);
    } else if (co->status == COROUTINE_SUSPENDED && co->records.count > 0) {
        co->object.flags |= COROUTINE_CLOSING;
        Ending ending = resume(co, rt_state.sp, 0);
        if (ending == ENDED_ERROR)
            take_error();
        else if (rt_state.pending == PENDING_CLOSE)
            rt_state.pending = PENDING_NONE;
    }
    if (failed())
        return false;
    bool had_failed = co->object.flags & COROUTINE_FAILED;
    *error = cell_load(&co->body);
    retire(co);
    return had_failed;
}
