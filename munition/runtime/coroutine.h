/* SPDX-License-Identifier: MIT */
/* Coroutines: suspended calls as records on the heap. See docs/guest-abi.md, section 9. */
#ifndef MUNITION_COROUTINE_H
#define MUNITION_COROUTINE_H

#include "rt.h"

typedef enum CoroutineStatus : u32 {
    COROUTINE_SUSPENDED,
    COROUTINE_RUNNING,
    COROUTINE_NORMAL, /* it resumed another */
    COROUTINE_DEAD,
} CoroutineStatus;

/* A row of cells in raw memory. */
typedef struct Row {
    Cell *cells;
    u32 count;
    u32 capacity;
} Row;

typedef struct Coroutine {
    Object object;
    CoroutineStatus status;
    struct Coroutine *resumer; /* who gets control back; NULL = the main program */
    Cell *base; /* sp below its first frame while it runs */
    Cell body; /* of one that failed: its error, until it is closed */
    Row records; /* of its suspended functions, the innermost first */
    Row values; /* what it yields */
} Coroutine;

/* Flag of a coroutine that is dead of an error nobody has closed it for. Its records are what is to be closed then. */
enum { COROUTINE_FAILED = 0x01 };

/* Flag of one that is resumed only to run what is to be closed. */
enum { COROUTINE_CLOSING = 0x02 };

/* Flag of the runtime's own closures that can be suspended (pcall and xpcall, once they have been called). */
enum { CLOSURE_SUSPENDABLE = 0x01 };

/* A record, while the function that left it is being called again: it takes it, and this is 0 again. */
extern u32 rt_resuming;

/* Add a record to the coroutine under way: `count` cells for the caller to fill, behind a cell that holds `site`. Returns
 * that cell; NULL = failed (then the suspension has become an error). */
Cell *rt_save(u32 count, Closure *closure, u64 call, u32 site);
/* The frame headers of a suspended coroutine, outermost first, at `to` (if not NULL); returns how many there are. */
u32 coroutine_frames(const Coroutine *co, Cell *to);
/* Number of cells in the record at rt_resuming. */
u32 record_length(void);
/* Take that record: it is no longer the coroutine's, but stays as it is until the next one is saved. */
Cell *rt_restore(void);
/* Call the function of the last record again; if that is a yield, what it returns. */
Value rt_rewind(void);

/* Protected calls under way in the coroutine under way. */
extern u32 protected_depth;
/* Whether an error that is under way ends the coroutine under way: such an error closes no variables. */
bool coroutine_fails(void);
/* Keep a variable of that coroutine for coroutine.close. */
void coroutine_defer(Value v, const Site *site);
/* Whether the coroutine under way is being closed from outside. */
bool coroutine_is_closing(void);

static inline Coroutine *coroutine_of(Value v) { return (Coroutine *)(uintptr_t)v.payload; }
static inline Value value_coroutine(const Coroutine *co) { return value_of(TAG_COROUTINE, (i64)(uintptr_t)co); }

/* Argument `index` as a coroutine; false = it is none (thrown). */
static inline bool arg_coroutine(const Args *args, u32 index, Coroutine **out)
{
    Value v = arg(args, index);
    if (v.tag != TAG_COROUTINE) {
        throw_argument_type(args, index, "thread");
        return false;
    }
    *out = coroutine_of(v);
    return true;
}

/* The coroutine under way; the main program is one, too, as far as a script can tell. */
Coroutine *coroutine_current(void);
bool coroutine_is_main(const Coroutine *co);
/* Whether nothing but Lua functions and protected calls lies between `top` (the end of the frames) and the resume: a
 * library function that calls back cannot be suspended. */
bool coroutine_is_yieldable(const Cell *top);
/* What coroutine.wrap returns: resumes the coroutine in its upvalue. */
Value coroutine_wrapped(Closure *closure, u64 call, Value a0, Value a1, Value a2);
/* Run what a suspended or dead coroutine left open; it is dead then. Returns whether it had failed, or failed of that, with
 * its error. Something that nothing may stop may be pending afterwards. */
bool coroutine_close(Coroutine *co, Value *error);

#endif
