/* SPDX-License-Identifier: MIT */
/* string.find match gmatch. gsub is in lib_string_gsub.c. */
#include "lib_string_match.h"
#include "number.h"

/* ---- captures ---------------------------------------------------------------------------------------------------- */

void throw_unfinished(const Args *args, Match *match)
{
    match->fault = FAULT_UNFINISHED_CAPTURE;
    throw_pattern_fault(args, match);
}

/* Pushes a piece of the text. */
static bool push_text(const u8 *start, u32 length)
{
    String *text = string_new(start, length);
    if (text == NULL)
        return false;
    root_push(value_string(text));
    return true;
}

static bool push_capture(const Match *match, const Capture *capture)
{
    if (capture->length != CAPTURE_POSITION)
        return push_text(capture->start, (u32)capture->length);
    root_push(value_integer(capture->start - match->text + 1));
    return true;
}

/* Pushes all captures, or the whole match if there are none. Returns how many; 0 = failed. */
u32 push_captures(const Args *args, Match *match, const u8 *start, const u8 *end)
{
    if (match->level == 0)
        return push_text(start, (u32)(end - start)) ? 1 : 0;
    if (match->open != 0) {
        throw_unfinished(args, match);
        return 0;
    }
    for (u32 i = 0; i < match->level; i++)
        if (!push_capture(match, &match->captures[i]))
            return 0;
    return match->level;
}

/* ---- find and match ---------------------------------------------------------------------------------------------- */

typedef struct Search {
    String *text;
    String *pattern;
    u64 start; /* position from 1; beyond length + 1 nothing can be found */
} Search;

static bool search_open(const Args *args, Search *search)
{
    i64 start = 1;
    if (!arg_string(args, 0, &search->text) || !arg_string(args, 1, &search->pattern) ||
        !arg_opt_integer(args, 2, &start))
        return false;
    search->start = string_start(start, search->text->length);
    return true;
}

static Value return_span(const Args *args, const String *text, const u8 *start, u32 length)
{
    i64 from = start - text->bytes;
    return args_return_two(args, value_integer(from + 1), value_integer(from + length));
}

static Value find_plain(const Args *args, const Search *search)
{
    const String *text = search->text, *needle = search->pattern;
    const u8 *found =
        find_bytes(text->bytes + search->start - 1, text->bytes + text->length, needle->bytes, needle->length);
    return found == NULL ? args_return(args, value_nil()) : return_span(args, text, found, needle->length);
}

static Value find_pattern(const Args *args, const String *text, u64 first, const Program *program, bool positions)
{
    Match match;
    match_open(&match, program, text);
    const u8 *start = text->bytes + first - 1;
    const u8 *end = match_from(&match, program, &start);
    if (end == NULL) {
        if (match.fault == FAULT_NONE)
            return args_return(args, value_nil());
        throw_pattern_fault(args, &match);
        return args_fail(args);
    }
    if (positions && match.level == 0)
        return return_span(args, text, start, (u32)(end - start));
    Cell *row = rt_state.sp;
    if (positions) {
        root_push(value_integer(start - text->bytes + 1));
        root_push(value_integer(end - text->bytes));
    }
    u32 count = push_captures(args, &match, start, end);
    if (count == 0)
        return args_fail(args);
    return args_return_cells(args, row, count + (positions ? 2 : 0));
}

static Value find_or_match(const Args *args, bool positions)
{
    Search search;
    if (!search_open(args, &search))
        return args_fail(args);
    if (search.start > (u64)search.text->length + 1)
        return args_return(args, value_nil());
    if (positions && is_true(arg(args, 3)))
        return find_plain(args, &search);
    PatternUse use;
    if (!pattern_use(&use, search.pattern, root_push(value_nil()), true))
        return args_fail(args);
    if (positions && use.program.literal)
        return find_plain(args, &search);
    return find_pattern(args, search.text, search.start, &use.program, positions);
}

/* The general way; `program` is NULL or the pattern's, and then `start` the position. */
[[gnu::noinline]] static Value search(Closure *closure, u64 call, Value a0, Value a1, Value a2, const Program *program,
                                      u64 start, bool positions)
{
    Args args = args_open(closure, call, a0, a1, a2);
    if (program == NULL)
        return find_or_match(&args, positions);
    return find_pattern(&args, string_of(a0), start, program, positions);
}

/* find in a constant without special characters, used before: nothing to allocate. */
static Value find_literal(const String *text, const String *needle, u64 start)
{
    const u8 *end = text->bytes + text->length;
    const u8 *found = find_bytes(text->bytes + start - 1, end, needle->bytes, needle->length);
    if (found == NULL)
        return one(value_nil());
    i64 from = found - text->bytes;
    return two(value_integer(from + 1), value_integer(from + needle->length));
}

/* Strings, a constant pattern used before, and a start inside the text: nothing to check or to convert. */
const Program *simple_search(u64 call, Value a0, Value a1, Value a2, u64 *start)
{
    if (!is_string(a0) || !is_string(a1) || (u32)call > 3 || !(is_nil(a2) || is_integer(a2)))
        return NULL;
    *start = is_nil(a2) ? 1 : string_start(a2.payload, string_of(a0)->length);
    return *start <= (u64)string_of(a0)->length + 1 ? pattern_cached(string_of(a1), true) : NULL;
}

/* A piece of the text of a function without a frame; `owner` keeps the text alive meanwhile. */
static Value light_text(Value owner, const u8 *start, const u8 *end)
{
    root_push(owner);
    String *piece = string_new(start, (u32)(end - start));
    root_pop(1);
    return piece == NULL ? value_nil() : one(value_string(piece));
}

/* The same two for a pattern that needs no backtracking. */
static Value find_shape(Value text, u64 first, const Program *program)
{
    const u8 *bytes = string_of(text)->bytes, *start = bytes + first - 1;
    const u8 *end = shape_from(program, &start, bytes + string_of(text)->length);
    return end == NULL ? one(value_nil()) : two(value_integer(start - bytes + 1), value_integer(end - bytes));
}

static Value match_shape(Value text, u64 first, const Program *program)
{
    const u8 *bytes = string_of(text)->bytes, *start = bytes + first - 1;
    const u8 *end = shape_from(program, &start, bytes + string_of(text)->length);
    return end == NULL ? one(value_nil()) : light_text(text, start, end);
}

Value lua_string_find(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    u64 start;
    const Program *program = simple_search(call, a0, a1, a2, &start);
    if (program != NULL && program->literal)
        return find_literal(string_of(a0), string_of(a1), start);
    if (program != NULL && program->shape == SHAPE_BYTES)
        return find_shape(a0, start, program);
    return search(closure, call, a0, a1, a2, program, start, true);
}

Value lua_string_match(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    u64 start;
    const Program *program = simple_search(call, a0, a1, a2, &start);
    if (program != NULL && program->shape != SHAPE_GENERAL)
        return match_shape(a0, start, program);
    return search(closure, call, a0, a1, a2, program, start, false);
}

/* ---- walking over all matches ------------------------------------------------------------------------------------ */

/* The next match; *start is its start. NULL: none, or match->fault. */
const u8 *walk_next(Match *match, const Program *program, const Walk *walk, const u8 **start)
{
    const u8 *at = walk->at;
    while (at <= match->end) {
        const u8 *end = match_from(match, program, &at);
        if (end == NULL || end != walk->last_end) {
            *start = at;
            return end;
        }
        at++;
    }
    return NULL;
}

enum { GMATCH_TEXT, GMATCH_PATTERN, GMATCH_AT, GMATCH_LAST_END, GMATCH_UPVALUES };

/* The next match of an iterator whose text has not ended. */
static Value gmatch_next(const Args *args, Cell *state, const Program *program)
{
    const String *text = string_of(cell_load(&state[GMATCH_TEXT]));
    Match match;
    match_open(&match, program, text);
    i64 last_end = state[GMATCH_LAST_END].payload;
    Walk walk = {text->bytes + state[GMATCH_AT].payload, last_end < 0 ? NULL : text->bytes + last_end};
    const u8 *start;
    const u8 *end = walk_next(&match, program, &walk, &start);
    if (end == NULL) {
        if (match.fault == FAULT_NONE) {
            state[GMATCH_AT].payload = (i64)text->length + 1;
            return args_none(args);
        }
        throw_pattern_fault(args, &match);
        return args_fail(args);
    }
    state[GMATCH_AT].payload = state[GMATCH_LAST_END].payload = end - text->bytes;
    Cell *row = rt_state.sp;
    u32 count = push_captures(args, &match, start, end);
    return count == 0 ? args_fail(args) : args_return_cells(args, row, count);
}

/* One piece of text for each match: nothing is alive but the iterator. */
static Value gmatch_shape(Closure *closure, Cell *state, const Program *program)
{
    const String *text = string_of(cell_load(&state[GMATCH_TEXT]));
    const u8 *limit = text->bytes + text->length, *start = text->bytes + state[GMATCH_AT].payload;
    const u8 *end = shape_from(program, &start, limit);
    if (end != NULL && end - text->bytes == state[GMATCH_LAST_END].payload) /* an empty match where the last one ended */
        end = start++ == limit ? NULL : shape_from(program, &start, limit);
    if (end == NULL) {
        state[GMATCH_AT].payload = (i64)text->length + 1;
        return none();
    }
    state[GMATCH_AT].payload = state[GMATCH_LAST_END].payload = end - text->bytes;
    return light_text(value_function(closure), start, end);
}

[[gnu::noinline]] static Value gmatch_general(Closure *closure, u64 call, Value a0, Value a1, Value a2, const Program *program)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Cell *state = closure->upvalues;
    if (likely(program != NULL))
        return gmatch_next(&args, state, program);
    PatternUse use;
    if (!pattern_use(&use, string_of(cell_load(&state[GMATCH_PATTERN])), root_push(value_nil()), false))
        return args_fail(&args);
    return gmatch_next(&args, state, &use.program);
}

Value lua_string_gmatch_next(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Cell *state = closure->upvalues;
    if (state[GMATCH_AT].payload > string_of(cell_load(&state[GMATCH_TEXT]))->length)
        return none();
    const Program *program = pattern_cached(string_of(cell_load(&state[GMATCH_PATTERN])), false);
    if (likely(program != NULL && program->shape != SHAPE_GENERAL))
        return gmatch_shape(closure, state, program);
    return gmatch_general(closure, call, a0, a1, a2, program);
}

Value lua_string_gmatch(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Search search;
    if (!search_open(&args, &search))
        return args_fail(&args);
    Closure *iterator = native_closure(lua_string_gmatch_next, GMATCH_UPVALUES);
    if (iterator == NULL)
        return args_fail(&args);
    Cell *state = iterator->upvalues;
    u64 behind = (u64)search.text->length + 1;
    cell_store(&state[GMATCH_TEXT], value_string(search.text));
    cell_store(&state[GMATCH_PATTERN], value_string(search.pattern));
    cell_store(&state[GMATCH_AT], value_integer((i64)(search.start > behind ? behind : search.start - 1)));
    cell_store(&state[GMATCH_LAST_END], value_integer(-1));
    return args_return(&args, value_function(iterator));
}
