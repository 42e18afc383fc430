/* SPDX-License-Identifier: MIT */
/* The guest runtime's central header: state, and what library functions build upon.
 *
 * How a library function looks:
 *
 *     Value lua_string_len(Closure *closure, u64 call, Value a0, Value a1, Value a2)
 *     {
 *         Args args = args_open(closure, call, a0, a1, a2);
 *         String *text;
 *         if (!arg_string(&args, 0, &text))
 *             return args_fail(&args);
 *         return args_return(&args, value_integer(text->length));
 *     }
 *
 * Rules:
 *  - Whatever may allocate may collect. Arguments are rooted once args_open has been called; any other object that is
 *    still needed after an allocation must be on the shadow stack: root_push / root_pop, or in args.at[i].
 *  - Cells at and above rt_state.sp belong to whoever is called next. Nothing survives there across a call.
 *  - A function that returns false or NULL has set rt_state.pending: clean up, and `return args_fail(&args)`.
 *  - Functions that never allocate, call back or push may skip args_open, use the light_* checkers and `return one(v)`.
 *  - No address of a library function may stand in static data: use native_closure in the function that needs it.
 */
#ifndef MUNITION_RT_H
#define MUNITION_RT_H

#include <stdarg.h>

#include "value.h"

/* ---- state ----------------------------------------------------------------------------------------------------- */

typedef struct State {
    Cell *sp; /* top of the shadow stack, which grows upwards */
    u32 pending; /* PENDING_* */
    Cell *stack_limit;
    u32 result_count; /* of the last call */
    Cell error; /* the error value while pending is PENDING_ERROR */
    u8 *heap_start; /* addresses below are static */
    Cell *stack_base;
    Cell handler; /* xpcall's message handler; nil inside pcall */
    u32 c_depth; /* calls from the runtime into Lua that have not returned */
    i32 exit_code; /* while pending is PENDING_EXIT */
    Cell *stack_end; /* as stack_limit, for message handlers of a stack overflow */
    String *traceback; /* of an error that nothing catches */
    const Site *thrown_at; /* while an error with a position is raised */
    bool handling_overflow;
} State;

typedef struct Config {
    Table *globals;
    Table *string_meta;
    Table **static_tables;
    u32 static_table_count;
    u32 shadow_bytes;
    String **intern_buckets;
    u32 intern_mask;
    u32 intern_count;
    Closure *main;
    u32 flags; /* CONFIG_* */
    Table *loaded;
    String *chunk_name;
    Table *preload; /* package.preload, or NULL */
    Table *modules; /* name -> the function that loads it, for the modules that are part of the program */
} Config;

static_assert(offsetof(State, sp) == STATE_SP && offsetof(State, pending) == STATE_PENDING);
static_assert(offsetof(State, stack_limit) == STATE_STACK_LIMIT);
static_assert(offsetof(State, result_count) == STATE_RESULT_COUNT && offsetof(State, error) == STATE_ERROR);
static_assert(offsetof(State, heap_start) == STATE_HEAP_START && offsetof(State, stack_base) == STATE_STACK_BASE);
static_assert(sizeof(Config) == CONFIG_SIZE);

extern State rt_state;
extern Config rt_config;
extern String *const rt_names[NAME_COUNT];

static inline String *rt_name(u32 name) { return rt_names[name]; }
static inline bool is_static(const void *address) { return (const u8 *)address < rt_state.heap_start; }

/* ---- results --------------------------------------------------------------------------------------------------- */

/* Results of a function that has not moved sp. */
static inline Value none(void)
{
    rt_state.result_count = 0;
    return value_nil();
}

static inline Value one(Value v)
{
    rt_state.result_count = 1;
    return v;
}

static inline Value two(Value first, Value second)
{
    cell_store(rt_state.sp + 1, second);
    rt_state.result_count = 2;
    return first;
}

/* ---- roots ----------------------------------------------------------------------------------------------------- */

/* Put a value on the shadow stack, where the collector sees it. Pushes must be popped in reverse order (args_return
 * and args_fail pop everything). A few dozen pushes need no check of the limit; for more: stack_reserve. */
static inline Cell *root_push(Value v)
{
    Cell *cell = rt_state.sp++;
    cell_store(cell, v);
    return cell;
}

static inline void root_pop(u32 count) { rt_state.sp -= count; }

/* Make sure that `count` cells fit above sp; otherwise "stack overflow" is pending. */
bool stack_reserve(u32 count);

/* ---- arguments of library functions ---------------------------------------------------------------------------- */

typedef struct Args {
    Cell *at; /* the arguments in one row, rooted; at[0..2] can always be read (nil if absent) */
    u32 count;
    u64 call;
    Closure *closure;
} Args;

/* Open the frame of a library function: all arguments become the row `at`, below sp. Never fails. */
static inline Args args_open(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Cell *row = rt_state.sp;
    u32 count = (u32)call;
    cell_store(row, a0);
    cell_store(row + 1, a1);
    cell_store(row + 2, a2);
    Cell *header = row + (count > 3 ? count : 3);
    header->payload = (i64)call;
    header->tag = TAG_FRAME;
    header->aux = (u32)(uintptr_t)closure;
    rt_state.sp = header + 1;
    return (Args){row, count, call, closure};
}

/* Argument `index` (from 0), nil if absent. */
static inline Value arg(const Args *args, u32 index)
{
    return index < args->count ? cell_load(args->at + index) : value_nil();
}

/* "none" in the words of the manual: fewer arguments were given. */
static inline bool arg_absent(const Args *args, u32 index) { return index >= args->count; }

/* Every way out of a function that called args_open. */
static inline Value args_none(const Args *args)
{
    rt_state.sp = args->at;
    return none();
}

static inline Value args_return(const Args *args, Value v)
{
    rt_state.sp = args->at;
    return one(v);
}

static inline Value args_return_two(const Args *args, Value first, Value second)
{
    rt_state.sp = args->at;
    return two(first, second);
}

/* Return the `count` cells at `first` (anywhere on the stack at or above args->at). */
static inline Value args_return_cells(const Args *args, const Cell *first, u32 count)
{
    rt_state.sp = args->at;
    rt_state.result_count = count;
    if (count == 0)
        return value_nil();
    Value result = cell_load(first);
    if (count > 1 && first != args->at)
        memmove(args->at, first, (size_t)count * sizeof(Cell));
    return result;
}

/* After a failure: something is pending. */
static inline Value args_fail(const Args *args)
{
    rt_assert(rt_state.pending != PENDING_NONE);
    rt_state.sp = args->at;
    return value_nil();
}

/* Checkers: false = the error of the reference implementation is pending ("bad argument #1 to 'f' (number expected,
 * got nil)"). The arg_opt_ ones leave *out alone if the argument is absent or nil, so set the default before. */
bool arg_any(const Args *args, u32 index);
bool arg_integer(const Args *args, u32 index, i64 *out); /* converts floats and strings */
bool arg_opt_integer(const Args *args, u32 index, i64 *out);
bool arg_number(const Args *args, u32 index, f64 *out); /* converts integers and strings */
bool arg_opt_number(const Args *args, u32 index, f64 *out);
bool arg_numeric(const Args *args, u32 index, Value *out); /* integer or float, kept apart; converts strings */
bool arg_string(const Args *args, u32 index, String **out); /* converts numbers, in place: the result is rooted */
bool arg_opt_string(const Args *args, u32 index, String **out);
bool arg_table(const Args *args, u32 index, Table **out);
bool arg_opt_table(const Args *args, u32 index, Table **out);
bool arg_function(const Args *args, u32 index);
/* Index of the argument (or of `fallback` if it is absent and not NULL) among `count` names; "invalid option 'x'". */
bool arg_option(const Args *args, u32 index, const char *fallback, const char *const *names, u32 count, u32 *out);

/* The same for functions that opened no frame. */
bool light_any(Closure *closure, u64 call, u32 index);
bool light_integer_slow(Closure *closure, u64 call, u32 index, Value v, i64 *out);
bool light_number_slow(Closure *closure, u64 call, u32 index, Value v, f64 *out);
bool light_numeric_slow(Closure *closure, u64 call, u32 index, Value v, Value *out);

static inline bool light_integer(Closure *closure, u64 call, u32 index, Value v, i64 *out)
{
    if (likely(is_integer(v))) {
        *out = v.payload;
        return true;
    }
    return light_integer_slow(closure, call, index, v, out);
}

static inline bool light_number(Closure *closure, u64 call, u32 index, Value v, f64 *out)
{
    if (likely(is_float(v))) {
        *out = float_of(v);
        return true;
    }
    if (is_integer(v)) {
        *out = (f64)v.payload;
        return true;
    }
    return light_number_slow(closure, call, index, v, out);
}

static inline bool light_numeric(Closure *closure, u64 call, u32 index, Value v, Value *out)
{
    *out = v;
    return likely(is_number(v)) || light_numeric_slow(closure, call, index, v, out);
}

/* ---- errors ---------------------------------------------------------------------------------------------------- */

static inline bool failed(void) { return unlikely(rt_state.pending != PENDING_NONE); }
static inline Site *call_site(u64 call) { return (Site *)(uintptr_t)((u32)(call >> 32) & ~(u32)CALL_TAIL); }
/* Whether the call took the place of its caller; its site is then the one that caller was called at. */
static inline bool call_is_tail(u64 call) { return (call >> 32) & CALL_TAIL; }

/* All of these make an error pending (and run xpcall's handler). Return afterwards. */
void throw_value(Value v); /* as `error(v, 0)` */
void throw_memory(void); /* "not enough memory" */
/* Message with the position of the site ("chunk:12: "), or without position if it is NULL. The format knows %s (C string),
 * %S (String *), %d (int), %I (i64), %c (int) and %%. */
void throw_at(const Site *site, const char *format, ...);
void throw_message(const Site *site, String *message);
/* For library functions: what luaL_error, luaL_argerror and luaL_typeerror of the manual say. */
void throw_error(const Args *args, const char *format, ...);
void throw_argument(const Args *args, u32 index, const char *message);
void throw_argument_type(const Args *args, u32 index, const char *expected);
void light_throw_argument(Closure *closure, u64 call, u32 index, const char *message);
void light_throw_error(Closure *closure, u64 call, const char *format, ...);

/* ---- calls back into Lua --------------------------------------------------------------------------------------- */

/* Call `callee` (a function or anything with __call) with the `count` arguments stored at sp[0 .. count-1]. Returns the
 * first result; rt_state.result_count results lie at sp[1 ...]. Test failed() afterwards. Limits the nesting
 * ("C stack overflow"). */
Value invoke(Value callee, u32 count);
Value invoke1(Value callee, Value a);
Value invoke2(Value callee, Value a, Value b);
Value invoke3(Value callee, Value a, Value b, Value c);

/* A closure over a function of the runtime, with `upvalue_count` nil upvalues; NULL = failed. */
Closure *native_closure(Function function, u32 upvalue_count);

/* ---- strings --------------------------------------------------------------------------------------------------- */

/* NULL = failed ("not enough memory"). Strings of at most SHORT_STRING bytes are interned. */
String *string_new(const void *bytes, u32 length);
String *string_from(const char *text);
/* A string of `length` > SHORT_STRING bytes, to be filled in by the caller. */
String *string_blank(u32 length);
String *string_from_number(Value number);
String *string_concat(const String *a, const String *b); /* both must be rooted */
bool string_equal_slow(const String *a, const String *b);
i32 string_compare(const String *a, const String *b); /* bytewise; < 0, 0, > 0 */
u32 string_hash_slow(String *text);

static inline bool string_equal(const String *a, const String *b)
{
    return a == b || (!(a->object.flags & STRING_INTERNED) && string_equal_slow(a, b));
}

static inline u32 string_hash(String *text)
{
    return likely(text->hash != 0) ? text->hash : string_hash_slow(text);
}

/* A string under construction. It keeps itself alive by one root pushed by buffer_open, so roots pushed later must be
 * popped before buffer_finish or buffer_drop (args_return and args_fail drop it, too). Sizes are checked before
 * anything is allocated: false = failed ("resulting string too large" or "not enough memory"). */
enum { BUFFER_LOCAL = 120 };

typedef struct Buffer {
    u8 *bytes;
    u32 length;
    u32 capacity;
    Cell *root; /* the String that holds the bytes, or nil while they are in `local` */
    u8 local[BUFFER_LOCAL];
} Buffer;

static inline void buffer_open(Buffer *buffer)
{
    buffer->bytes = buffer->local;
    buffer->length = 0;
    buffer->capacity = BUFFER_LOCAL;
    buffer->root = root_push(value_nil());
}

/* Make room for `count` more bytes; the result is where they go (then add to buffer->length). NULL = failed. */
u8 *buffer_reserve_slow(Buffer *buffer, u64 count);

static inline u8 *buffer_reserve(Buffer *buffer, u64 count)
{
    if (likely(count <= buffer->capacity - buffer->length))
        return buffer->bytes + buffer->length;
    return buffer_reserve_slow(buffer, count);
}

bool buffer_bytes(Buffer *buffer, const void *bytes, u32 length);
bool buffer_text(Buffer *buffer, const char *text);
bool buffer_number(Buffer *buffer, Value number);
bool buffer_format(Buffer *buffer, const char *format, ...); /* as throw_at */
bool buffer_format_list(Buffer *buffer, const char *format, va_list *values);

static inline bool buffer_byte(Buffer *buffer, u8 byte)
{
    u8 *to = buffer_reserve(buffer, 1);
    if (to == NULL)
        return false;
    *to = byte;
    buffer->length++;
    return true;
}

static inline bool buffer_string(Buffer *buffer, const String *text)
{
    return buffer_bytes(buffer, text->bytes, text->length);
}

String *buffer_finish(Buffer *buffer); /* pops the root; NULL = failed */
static inline void buffer_drop(const Buffer *buffer) { rt_state.sp = buffer->root; }

/* ---- tables, without metamethods ------------------------------------------------------------------------------- */

Table *table_new(u32 array_capacity, u32 entry_capacity); /* NULL = failed */
Value table_get(Table *table, Value key);
Value table_get_integer(Table *table, i64 key);
Value table_get_string(Table *table, String *key);
/* Table, key and value need not be rooted by the caller. false = failed (memory, or a nil or NaN key: the error names
 * no position). */
bool table_set(Table *table, Value key, Value v);
bool table_set_integer(Table *table, i64 key, Value v);
bool table_set_string(Table *table, String *key, Value v);
/* A border: t[n] is not nil (or n = 0) and t[n+1] is nil. */
static inline u32 table_length(const Table *table) { return table->array_length; }
/* The entry after `key` (nil = the first). 1 = found, 0 = at the end, -1 = failed ("invalid key to 'next'"). */
i32 table_next(Table *table, Value key, Value *next_key, Value *next_value);
bool table_reserve_array(Table *table, u32 capacity);

/* ---- operations with metamethods (section 6 of the ABI page) ---------------------------------------------------- */

Value rt_index(Value object, Value key, const Site *site);
Value rt_index_string(Value object, String *key, u32 *cache, const Site *site);
void rt_set_index(Value object, Value key, Value v, const Site *site);
void rt_set_index_string(Value object, String *key, Value v, u32 *cache, const Site *site);
struct Method; /* methods.c */
Value rt_method(Value object, String *key, struct Method *record, const Site *site);
Value rt_arith(u32 op, Value a, Value b, const Site *site);
Value rt_concat(u32 count, const Site *site);
Value rt_length(Value v, const Site *site);
u32 rt_equal(Value a, Value b, const Site *site);
u32 rt_less(Value a, Value b, const Site *site);
u32 rt_less_equal(Value a, Value b, const Site *site);
u32 rt_raw_equal(Value a, Value b);
Value rt_call(Value callee, u64 call, Value a0, Value a1, Value a2);
Table *rt_table_new(u32 array_capacity, u32 entry_capacity);
Table *rt_table_keyed(u32 array_capacity, u32 count, String *const *keys);
void rt_table_append(Table *table, u32 first, u32 count);
Closure *rt_closure_new(u32 slot, FunctionInfo *info, u32 count);
Box *rt_box_new(Value v);
u32 rt_for_prepare(Value start, Value limit, Value step, void *out, const Site *site);
void rt_stack_overflow(const Site *site);
void rt_throw_site(String *message, const Site *site);
void rt_close(Value v, Value error, u32 kind, const Site *site);
void rt_check_closable(Value v, const String *name, const Site *site);
void rt_shift(u32 k, u32 n);
f64 rt_float_mod(f64 a, f64 b);
f64 rt_pow(f64 a, f64 b);

/* Field `name` (NAME_*) of the metatable of `v`, or nil. */
Value metamethod(Value v, u32 name);
Table *metatable_of(Value v); /* NULL = none */
/* As `tostring`: honours __tostring and __name. The result is not rooted. NULL = failed. */
String *value_to_string(Value v);
const char *type_name(Value v); /* as `type` */

/* Conversions without errors; strings are converted as Lua does. */
bool value_to_integer(Value v, i64 *out);
bool value_to_float(Value v, f64 *out);
Value value_to_number(Value v); /* integer or float; nil = cannot */
bool float_to_integer(f64 number, i64 *out); /* only if it is integral and fits */

Userdata *userdata_new(u32 type, u32 size, Table *metatable); /* bytes are zero; NULL = failed */

/* ---- host functions -------------------------------------------------------------------------------------------- */

[[clang::import_module("munition:log"), clang::import_name("write")]]
void host_log_write(u32 stream, const void *bytes, u32 length);
[[clang::import_module("munition:log"), clang::import_name("record")]]
void host_log_record(u32 level, const void *message, u32 length, const void *fields, u32 fields_length);
[[clang::import_module("munition:time"), clang::import_name("wall")]]
i64 host_time_wall(void);
[[clang::import_module("munition:time"), clang::import_name("monotonic")]]
i64 host_time_monotonic(void);
[[clang::import_module("munition:random"), clang::import_name("fill")]]
void host_random_fill(void *bytes, u32 length);

#endif
