/* SPDX-License-Identifier: MIT */
/* What the host calls: running the chunk, firing a function, and the result block (section 7 of the ABI page).
 *
 * Functions whose names begin with entry_ are parts that a program may do without: gates.py says when the linker leaves
 * one out, or puts a no_... in its place. */
#include "codec.h"
#include "core.h"

typedef enum Status : u8 {
    STATUS_FINISHED,
    STATUS_ERROR,
    STATUS_EXIT,
    STATUS_MEMORY,
    STATUS_OVERFLOW,
    STATUS_RESULT,
    STATUS_ARGUMENTS,
} Status;

enum { SMALL_INPUT = 512 };

enum { FIRE_IN_RESULT = 1 }; /* bit of the name: look first in the table the chunk returned */

u8 *rt_input(u32 length);
u64 rt_run(const u8 *bytes, u32 length);
u64 rt_fire(u32 name, const u8 *bytes, u32 length);

i32 entry_arguments(const u8 *bytes, u32 length);
i32 no_arguments(const u8 *bytes, u32 length);
bool entry_set_arg(u32 count);
bool no_arg(u32 count);
u8 *entry_input(u32 length);
u8 *no_input(u32 length);
u64 entry_report_results(const Cell *first, u32 count);
u64 entry_report_error(void);
u64 entry_refuse_arguments(void);

/* When there is no memory left even for the report: "not enough memory", and no traceback. */
static u8 last_words[] = {
    STATUS_MEMORY, 0, 17, 0, 0, 0, 'n', 'o', 't', ' ', 'e', 'n', 'o', 'u', 'g', 'h', ' ', 'm', 'e', 'm', 'o', 'r', 'y',
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

static u64 block(const u8 *bytes, u32 length) { return (u64)length << 32 | (u32)(uintptr_t)bytes; }

static u64 no_memory(void) { return block(last_words, sizeof last_words); }

/* The result under construction. It stays when it is finished, because nothing collects after it. */
static Buffer answer;

static bool add_bytes(Buffer *out, const u8 *bytes, u32 length)
{
    return buffer_bytes(out, &length, 4) && buffer_bytes(out, bytes, length);
}

/* ---- the report of an error ---------------------------------------------------------------------------------------------- */

/* The message as the stand-alone interpreter of the reference implementation would show it. */
static String *error_message(Value error)
{
    if (is_string(error) || is_number(error) || !is_nil(metamethod(error, META_TOSTRING))) {
        String *text = value_to_string(error);
        if (text != NULL)
            return text;
        rt_state.pending = PENDING_NONE;
    }
    Buffer buffer;
    buffer_open(&buffer);
    if (buffer_format(&buffer, "(error object is a %s value)", type_name(error)))
        return buffer_finish(&buffer);
    return NULL;
}

/* The line in a message "chunk:12: text"; 0 = unknown. */
static u32 message_line(const String *message)
{
    const String *chunk = rt_config.chunk_name;
    if (chunk == NULL || message->length < chunk->length + 3 || memcmp(message->bytes, chunk->bytes, chunk->length) != 0)
        return 0;
    u32 line = 0;
    const u8 *at = message->bytes + chunk->length;
    if (*at++ != ':')
        return 0;
    for (; *at >= '0' && *at <= '9' && line < 100000000; at++)
        line = line * 10 + (*at - '0');
    return *at == ':' ? line : 0;
}

static Status error_status(Value error)
{
    if (!is_string(error))
        return STATUS_ERROR;
    const String *text = string_of(error);
    const String *overflow = rt_name(NAME_STACK_OVERFLOW);
    if (text == rt_name(NAME_NOT_ENOUGH_MEMORY))
        return STATUS_MEMORY;
    if (text->length >= overflow->length &&
        memcmp(text->bytes + text->length - overflow->length, overflow->bytes, overflow->length) == 0)
        return STATUS_OVERFLOW;
    return STATUS_ERROR;
}

/* Append status, value, message, traceback, reason and line. false = out of memory. */
static bool add_error(Buffer *out, Status status, Value error, const String *message, const String *traceback)
{
    Buffer refused;
    buffer_open(&refused);
    bool done = buffer_byte(out, status);
    u32 start = out->length;
    refused.length = 0;
    if (done && !codec_encode(out, error, "error value", 0, &refused)) {
        rt_state.pending = PENDING_NONE;
        out->length = start;
        done = buffer_byte(out, 0);
    }
    u32 line = message_line(message);
    return done && add_bytes(out, message->bytes, message->length) &&
           (traceback == NULL ? add_bytes(out, NULL, 0) : add_bytes(out, traceback->bytes, traceback->length)) &&
           add_bytes(out, refused.bytes, refused.length) && buffer_bytes(out, &line, 4);
}

/* The error is over and nothing of the program runs any more, so the stack is free for the report. */
static u64 report(Status status, Value error)
{
    String *traceback = rt_state.traceback;
    rt_state.handler = (Cell){0, TAG_NIL, 0};
    rt_state.pending = PENDING_NONE;
    rt_state.handling_overflow = false;
    rt_state.sp = rt_state.stack_base;
    rt_state.c_depth = 0;
    root_push(error);
    String *message = error_message(error);
    if (message == NULL)
        return no_memory();
    root_push(value_string(message));
    buffer_open(&answer);
    if (!add_error(&answer, status, error, message, traceback))
        return no_memory();
    return block(answer.bytes, answer.length);
}

[[gnu::noinline]] u64 entry_report_error(void)
{
    Value error = cell_load(&rt_state.error);
    return report(error_status(error), error);
}

static u64 report_pending(void)
{
    if (rt_state.pending == PENDING_EXIT) {
        static u8 code[5] = {STATUS_EXIT};
        memcpy(code + 1, &rt_state.exit_code, 4);
        return block(code, sizeof code);
    }
    return entry_report_error();
}

/* ---- results --------------------------------------------------------------------------------------------------------------- */

/* Encode the `count` cells at `first`, which lie below sp. */
[[gnu::noinline]] u64 entry_report_results(const Cell *first, u32 count)
{
    Buffer refused;
    buffer_open(&answer);
    buffer_open(&refused);
    bool done = buffer_byte(&answer, STATUS_FINISHED) && buffer_bytes(&answer, &count, 4);
    for (u32 i = 0; done && i < count; i++)
        done = codec_encode(&answer, cell_load(first + i), "result %d: value", (int)i + 1, &refused);
    if (done)
        return block(answer.bytes, answer.length);
    if (failed())
        return report_pending();
    String *reason = buffer_finish(&refused);
    rt_state.traceback = NULL;
    return reason == NULL ? no_memory() : report(STATUS_RESULT, value_string(reason));
}

/* ---- calling ----------------------------------------------------------------------------------------------------------------- */

static void entry_begin(void)
{
    state_init();
    rt_state.handler.tag = TAG_TRUE; /* nothing catches: errors leave their traceback */
}

/* The results of a call that left the first one in `first`, and sp at the row, become cells below sp. */
static bool keep_results(Value first, Cell **results, u32 *result_count)
{
    if (failed())
        return false;
    Cell *row = rt_state.sp;
    cell_store(row, first);
    *results = row;
    *result_count = rt_state.result_count;
    rt_state.sp = row + rt_state.result_count;
    return true;
}

/* Call the chunk with the `count` arguments below sp. false = something is pending. */
static bool call_main(u32 count, Cell **results, u32 *result_count)
{
    Cell *row = rt_state.sp -= count;
    for (u32 i = count; i < 3; i++)
        row[i] = (Cell){0, TAG_NIL, 0};
    rt_state.c_depth = 1;
    Value first = call_closure(rt_config.main, call_word(count, NULL), cell_load(row), cell_load(row + 1), cell_load(row + 2));
    rt_state.c_depth = 0;
    rt_state.sp = row;
    return keep_results(first, results, result_count);
}

/* ---- arguments --------------------------------------------------------------------------------------------------------------- */

/* The global `arg`: the arguments of the chunk, which lie below sp, and its name at 0. */
[[gnu::noinline]] bool entry_set_arg(u32 count)
{
    const Cell *first = rt_state.sp - count;
    if (rt_config.globals == NULL)
        return true;
    Table *table = table_new(count, 1);
    if (table == NULL)
        return false;
    root_push(value_table(table));
    for (u32 i = 0; i < count; i++)
        if (!table_set_integer(table, (i64)i + 1, cell_load(first + i)))
            return false;
    if (rt_config.chunk_name != NULL && !table_set_integer(table, 0, value_string(rt_config.chunk_name)))
        return false;
    bool set = table_set_string(rt_config.globals, rt_name(NAME_ARG), value_table(table));
    root_pop(1);
    return set;
}

bool no_arg(u32 count)
{
    (void)count;
    return true;
}

[[gnu::noinline]] i32 entry_arguments(const u8 *bytes, u32 length) { return codec_decode(bytes, length); }

/* For a program that looks at no arguments. */
i32 no_arguments(const u8 *bytes, u32 length)
{
    (void)bytes;
    (void)length;
    return 0;
}

[[gnu::noinline]] u8 *entry_input(u32 length)
{
    static u8 small[SMALL_INPUT];
    if (length <= sizeof small)
        return small;
    state_init();
    u8 *buffer = raw_alloc(length);
    rt_state.pending = PENDING_NONE;
    return buffer;
}

u8 *no_input(u32 length)
{
    size_t pages = __builtin_wasm_memory_grow(0, length / 65536 + 1);
    return pages == (size_t)-1 ? NULL : (u8 *)(pages * 65536);
}

u8 *rt_input(u32 length) { return entry_input(length); }

[[gnu::noinline]] u64 entry_refuse_arguments(void)
{
    rt_state.traceback = NULL;
    return report(STATUS_ARGUMENTS, cell_load(&rt_state.error));
}

/* ---- running ----------------------------------------------------------------------------------------------------------------- */

static u64 finish(const Cell *results, u32 count)
{
    static const u8 nothing[5] = {STATUS_FINISHED};
    gc_finalize_all();
    if (failed())
        return report_pending();
    return count == 0 ? block(nothing, sizeof nothing) : entry_report_results(results, count);
}

u64 rt_run(const u8 *bytes, u32 length)
{
    entry_begin();
    i32 count = entry_arguments(bytes, length);
    if (count < 0)
        return entry_refuse_arguments();
    Cell *results;
    u32 result_count;
    if (!entry_set_arg((u32)count) || !call_main((u32)count, &results, &result_count))
        return report_pending();
    return finish(results, result_count);
}

u64 rt_fire(u32 name, const u8 *bytes, u32 length)
{
    entry_begin();
    String *function_name = (String *)(uintptr_t)(name & ~(u32)7);
    Cell *results;
    u32 result_count;
    if (!call_main(0, &results, &result_count))
        return report_pending();
    Value callee = value_nil();
    if ((name & FIRE_IN_RESULT) && result_count > 0 && results->tag == TAG_TABLE)
        callee = table_get_string((Table *)(uintptr_t)results->payload, function_name);
    if (!is_function(callee) && rt_config.globals != NULL)
        callee = table_get_string(rt_config.globals, function_name);
    rt_state.sp = rt_state.stack_base;
    root_push(callee);
    i32 count = entry_arguments(bytes, length);
    if (count < 0)
        return entry_refuse_arguments();
    Site site = {.name1 = function_name, .kind1 = SITE_GLOBAL};
    rt_state.sp -= count;
    Value first = invoke_site(callee, (u32)count, is_function(callee) ? NULL : &site);
    if (!keep_results(first, &results, &result_count))
        return report_pending();
    return finish(results, result_count);
}
