/* SPDX-License-Identifier: MIT */
/* string.find match gmatch gsub. */
#include "lib_string.h"
#include "number.h"
#include "pattern.h"

/* ---- captures ---------------------------------------------------------------------------------------------------- */

/* The text of capture `index` (from 0) of a match [start, end); capture 0 of a pattern without captures is all of it. */
static bool capture_span(const Args *args, Match *match, u32 index, const u8 *start, const u8 *end, Capture *out)
{
    if (index < match->level) {
        *out = match->captures[index];
        if (out->length != CAPTURE_OPEN)
            return true;
        match->fault = FAULT_UNFINISHED_CAPTURE;
    } else if (index == 0) {
        *out = (Capture){start, (i32)(end - start)};
        return true;
    } else {
        match->fault = FAULT_INVALID_CAPTURE_INDEX;
        match->fault_index = (u8)(index + 1);
    }
    throw_pattern_fault(args, match);
    return false;
}

static bool push_capture(const Args *args, Match *match, u32 index, const u8 *start, const u8 *end)
{
    Capture capture;
    if (!capture_span(args, match, index, start, end, &capture))
        return false;
    if (capture.length == CAPTURE_POSITION) {
        root_push(value_integer(capture.start - match->text + 1));
        return true;
    }
    String *text = string_new(capture.start, (u32)capture.length);
    if (text == NULL)
        return false;
    root_push(value_string(text));
    return true;
}

/* Pushes all captures, or the whole match if there are none. Returns how many; 0 = failed. */
static u32 push_captures(const Args *args, Match *match, const u8 *start, const u8 *end)
{
    u32 count = match->level == 0 ? 1 : match->level;
    for (u32 i = 0; i < count; i++)
        if (!push_capture(args, match, i, start, end))
            return 0;
    return count;
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

static Value find_pattern(const Args *args, const Search *search, const Program *program, bool positions)
{
    Match match;
    const String *text = search->text;
    match_open(&match, program, text);
    const u8 *start = text->bytes + search->start - 1;
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
    return find_pattern(args, &search, &use.program, positions);
}

Value lua_string_find(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    /* A constant without special characters, used before: nothing to allocate. */
    if (is_string(a0) && is_string(a1) && (u32)call <= 3 && (is_nil(a2) || is_integer(a2))) {
        const String *text = string_of(a0), *needle = string_of(a1);
        const Program *program = pattern_cached(needle);
        u64 start = is_nil(a2) ? 1 : string_start(a2.payload, text->length);
        if (program != NULL && program->literal && start <= (u64)text->length + 1) {
            const u8 *end = text->bytes + text->length;
            const u8 *found = find_bytes(text->bytes + start - 1, end, needle->bytes, needle->length);
            if (found == NULL)
                return one(value_nil());
            i64 from = found - text->bytes;
            return two(value_integer(from + 1), value_integer(from + needle->length));
        }
    }
    Args args = args_open(closure, call, a0, a1, a2);
    return find_or_match(&args, true);
}

Value lua_string_match(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    return find_or_match(&args, false);
}

/* ---- walking over all matches ------------------------------------------------------------------------------------ */

/* Where the search for the next match goes on, and where the last one ended: an empty match may not end there, too. */
typedef struct Walk {
    const u8 *at;
    const u8 *last_end; /* or NULL */
} Walk;

/* The next match; *start is its start. NULL: none, or match->fault. */
static const u8 *walk_next(Match *match, const Program *program, const Walk *walk, const u8 **start)
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

static Value gmatch_step(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Cell *state = closure->upvalues;
    String *text = string_of(cell_load(&state[GMATCH_TEXT]));
    if (state[GMATCH_AT].payload > text->length)
        return args_none(&args);
    PatternUse use;
    if (!pattern_use(&use, string_of(cell_load(&state[GMATCH_PATTERN])), root_push(value_nil()), false))
        return args_fail(&args);
    Match match;
    match_open(&match, &use.program, text);
    i64 last_end = state[GMATCH_LAST_END].payload;
    Walk walk = {text->bytes + state[GMATCH_AT].payload, last_end < 0 ? NULL : text->bytes + last_end};
    const u8 *start;
    const u8 *end = walk_next(&match, &use.program, &walk, &start);
    if (end == NULL) {
        if (match.fault == FAULT_NONE) {
            state[GMATCH_AT].payload = (i64)text->length + 1;
            return args_none(&args);
        }
        throw_pattern_fault(&args, &match);
        return args_fail(&args);
    }
    state[GMATCH_AT].payload = state[GMATCH_LAST_END].payload = end - text->bytes;
    Cell *row = rt_state.sp;
    u32 count = push_captures(&args, &match, start, end);
    return count == 0 ? args_fail(&args) : args_return_cells(&args, row, count);
}

Value lua_string_gmatch(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Search search;
    if (!search_open(&args, &search))
        return args_fail(&args);
    Closure *iterator = native_closure(gmatch_step, GMATCH_UPVALUES);
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

/* ---- gsub -------------------------------------------------------------------------------------------------------- */

typedef struct Substitution {
    Args *args;
    PatternUse use;
    String *text;
    Value replacement;
    bool plain; /* a replacement string without % */
    Buffer *buffer;
    const u8 *copied; /* up to where the text is in the buffer */
    Walk walk;
} Substitution;

/* What one step found, and what is left to do for it. */
typedef enum Step { STEP_FAILED, STEP_END, STEP_DONE, STEP_CALL, STEP_INDEX } Step;

static bool append_capture(Substitution *sub, Match *match, u32 index, const u8 *start, const u8 *end)
{
    Capture capture;
    if (!capture_span(sub->args, match, index, start, end, &capture))
        return false;
    if (capture.length != CAPTURE_POSITION)
        return buffer_bytes(sub->buffer, capture.start, (u32)capture.length);
    return buffer_number(sub->buffer, value_integer(capture.start - match->text + 1));
}

/* The replacement string with its %0 ... %9 and %% put in. */
static bool append_template(Substitution *sub, Match *match, const u8 *start, const u8 *end)
{
    const String *template = string_of(sub->replacement);
    const u8 *at = template->bytes, *stop = at + template->length;
    const u8 *escape;
    while ((escape = find_byte(at, stop, '%')) != NULL) {
        if (!buffer_bytes(sub->buffer, at, (u32)(escape - at)))
            return false;
        u8 c = escape[1]; /* the NUL behind the string at its end */
        bool done;
        if (c == '%')
            done = buffer_byte(sub->buffer, '%');
        else if (c == '0')
            done = buffer_bytes(sub->buffer, start, (u32)(end - start));
        else if ((u8)(c - '1') < 9)
            done = append_capture(sub, match, (u32)(c - '1'), start, end);
        else {
            throw_error(sub->args, "invalid use of '%%' in replacement string");
            done = false;
        }
        if (!done)
            return false;
        at = escape + 2;
    }
    return buffer_bytes(sub->buffer, at, (u32)(stop - at));
}

static bool append_skipped(Substitution *sub, const u8 *until)
{
    return buffer_bytes(sub->buffer, sub->copied, (u32)(until - sub->copied));
}

static Step substitute_text(Substitution *sub, Match *match, const u8 *start, const u8 *end)
{
    const String *replacement = string_of(sub->replacement);
    if (!append_skipped(sub, start))
        return STEP_FAILED;
    bool done = sub->plain ? buffer_string(sub->buffer, replacement) : append_template(sub, match, start, end);
    sub->copied = end;
    return done ? STEP_DONE : STEP_FAILED;
}

/* Finds the next match and, for a replacement string, replaces it. Otherwise leaves the captures (STEP_CALL) or the first
 * one (STEP_INDEX) as `*count` cells at sp. The match is described by *start and walk.at. A function of its own, so that
 * the captures do not stay on the C stack while Lua is called. */
[[gnu::noinline]] static Step substitute_next(Substitution *sub, const u8 **start, u32 *count)
{
    Match match;
    if (!pattern_refresh(&sub->use))
        return STEP_FAILED;
    match_open(&match, &sub->use.program, sub->text);
    const u8 *end = walk_next(&match, &sub->use.program, &sub->walk, start);
    if (end == NULL) {
        if (match.fault == FAULT_NONE)
            return STEP_END;
        throw_pattern_fault(sub->args, &match);
        return STEP_FAILED;
    }
    sub->walk = (Walk){end, end};
    if (is_string(sub->replacement))
        return substitute_text(sub, &match, *start, end);
    if (is_function(sub->replacement)) {
        *count = push_captures(sub->args, &match, *start, end);
        if (*count == 0)
            return STEP_FAILED;
        root_pop(*count);
        return STEP_CALL;
    }
    if (!push_capture(sub->args, &match, 0, *start, end))
        return STEP_FAILED;
    root_pop(1);
    return STEP_INDEX;
}

static Value index_replacement(const Substitution *sub)
{
    Table *table = table_of(sub->replacement);
    Value key = cell_load(rt_state.sp);
    if (likely(table->metatable == NULL))
        return table_get(table, key);
    return rt_index(sub->replacement, key, call_site(sub->args->call));
}

/* Puts the result of a function or a table in the place of the match; nil and false keep the text. */
static bool append_result(Substitution *sub, const u8 *start, Value result)
{
    if (!is_true(result))
        return true;
    if (!is_string(result) && !is_number(result)) {
        throw_error(sub->args, "invalid replacement value (a %s)", type_name(result));
        return false;
    }
    root_push(result);
    bool done = append_skipped(sub, start) && (is_string(result) ? buffer_string(sub->buffer, string_of(result))
                                                                 : buffer_number(sub->buffer, result));
    root_pop(1);
    sub->copied = sub->walk.at;
    return done;
}

static bool substitute_all(Substitution *sub, i64 limit, i64 *count)
{
    while (*count < limit) {
        const u8 *start;
        u32 captures;
        Step step = substitute_next(sub, &start, &captures);
        if (step == STEP_FAILED)
            return false;
        if (step == STEP_END)
            break;
        ++*count;
        if (step != STEP_DONE) {
            Value result = step == STEP_CALL ? invoke(sub->replacement, captures) : index_replacement(sub);
            if (failed() || !append_result(sub, start, result))
                return false;
        }
        if (sub->use.program.anchored)
            break;
    }
    return true;
}

/* Argument 3: a string (or number), table or function. */
static bool replacement_argument(Args *args, Substitution *sub)
{
    Value v = arg(args, 2);
    if (is_number(v)) {
        String *text;
        if (!arg_string(args, 2, &text))
            return false;
        v = value_string(text);
    } else if (!is_string(v) && !is_table(v) && !is_function(v)) {
        throw_argument_type(args, 2, "string/function/table");
        return false;
    }
    sub->replacement = v;
    sub->plain = is_string(v) && find_byte(string_of(v)->bytes, string_of(v)->bytes + string_of(v)->length, '%') == NULL;
    return true;
}

Value lua_string_gsub(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Substitution sub = {.args = &args};
    String *pattern;
    if (!arg_string(&args, 0, &sub.text) || !arg_string(&args, 1, &pattern) || !replacement_argument(&args, &sub))
        return args_fail(&args);
    i64 limit = (i64)sub.text->length + 1, count = 0;
    if (!arg_opt_integer(&args, 3, &limit) || !pattern_use(&sub.use, pattern, root_push(value_nil()), true))
        return args_fail(&args);
    Buffer buffer;
    buffer_open(&buffer);
    sub.buffer = &buffer;
    sub.copied = sub.text->bytes;
    sub.walk = (Walk){sub.text->bytes, NULL};
    if (!substitute_all(&sub, limit, &count))
        return args_fail(&args);
    if (sub.copied == sub.text->bytes && buffer.length == 0) /* nothing was replaced */
        return args_return_two(&args, value_string(sub.text), value_integer(count));
    String *result = sub.text;
    if (!append_skipped(&sub, sub.text->bytes + sub.text->length) || (result = buffer_finish(&buffer)) == NULL)
        return args_fail(&args);
    return args_return_two(&args, value_string(result), value_integer(count));
}
