/* SPDX-License-Identifier: MIT */
/* string.find match gmatch gsub. */
#include "lib_string.h"
#include "number.h"
#include "pattern.h"

/* ---- captures ---------------------------------------------------------------------------------------------------- */

static void throw_unfinished(const Args *args, Match *match)
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
static u32 push_captures(const Args *args, Match *match, const u8 *start, const u8 *end)
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
static const Program *simple_search(u64 call, Value a0, Value a1, Value a2, u64 *start)
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

/* ---- gsub -------------------------------------------------------------------------------------------------------- */

typedef struct Substitution {
    const Args *args;
    PatternUse use;
    String *text;
    Value replacement;
    Buffer *buffer;
    const u8 *copied; /* up to where the text is in the buffer */
    Walk walk;
    i64 limit;
    i64 count; /* of matches */
} Substitution;

static bool append_skipped(Substitution *sub, const u8 *until)
{
    return buffer_bytes(sub->buffer, sub->copied, (u32)(until - sub->copied));
}

/* ---- with a string ---- */

static bool throw_capture_index(const Args *args, u32 index)
{
    throw_error(args, "invalid capture index %%%d", index + 1);
    return false;
}

/* %1 ... %9 of a template; without captures, %1 is the whole match. */
static bool append_capture(Substitution *sub, Match *match, u32 index, const u8 *start, const u8 *end)
{
    Capture capture = {start, (i32)(end - start)};
    if (index >= match->level && index > 0)
        return throw_capture_index(sub->args, index);
    if (index < match->level) {
        if ((match->open >> index & 1) != 0) {
            throw_unfinished(sub->args, match);
            return false;
        }
        capture = match->captures[index];
    }
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

/* Does the pattern match just itself? A ) alone is nothing special to find, but closes a capture that is not open here. */
static bool is_literal(const PatternUse *use)
{
    const String *pattern = use->pattern;
    return use->program.literal && pattern->length > 0 &&
           find_byte(pattern->bytes, pattern->bytes + pattern->length, ')') == NULL;
}

/* A pattern without special characters for a string without %. */
static bool substitute_literal(Substitution *sub)
{
    const String *needle = sub->use.pattern, *replacement = string_of(sub->replacement);
    const u8 *at = sub->text->bytes, *end = at + sub->text->length;
    for (; sub->count < sub->limit && (at = find_bytes(at, end, needle->bytes, needle->length)) != NULL; sub->count++) {
        if (!append_skipped(sub, at) || !buffer_string(sub->buffer, replacement))
            return false;
        at += needle->length;
        sub->copied = at;
    }
    return true;
}

static bool substitute_string(Substitution *sub)
{
    const String *replacement = string_of(sub->replacement);
    const Program *program = &sub->use.program;
    bool plain = find_byte(replacement->bytes, replacement->bytes + replacement->length, '%') == NULL;
    if (plain && is_literal(&sub->use))
        return substitute_literal(sub);
    Match match;
    match_open(&match, program, sub->text);
    while (sub->count < sub->limit) {
        const u8 *start;
        const u8 *end = walk_next(&match, program, &sub->walk, &start);
        if (end == NULL)
            break;
        sub->count++;
        sub->walk = (Walk){end, end};
        if (!append_skipped(sub, start))
            return false;
        if (!(plain ? buffer_string(sub->buffer, replacement) : append_template(sub, &match, start, end)))
            return false;
        sub->copied = end;
        if (program->anchored)
            break;
    }
    if (match.fault != FAULT_NONE)
        throw_pattern_fault(sub->args, &match);
    return match.fault == FAULT_NONE;
}

/* ---- with a function or a table ---- */

typedef enum Step { STEP_FAILED, STEP_END, STEP_FOUND } Step;

/* Finds the next match, [*start, walk.at), and leaves its captures (for a table only the first) as `*count` cells at sp.
 * A function of its own, so that the captures do not stay on the C stack while Lua is called. */
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
    if (is_table(sub->replacement) && match.level > 1) {
        match.level = 1;
        match.open &= 1;
    }
    *count = push_captures(sub->args, &match, *start, end);
    if (*count == 0)
        return STEP_FAILED;
    root_pop(*count);
    return STEP_FOUND;
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

static bool substitute_results(Substitution *sub)
{
    while (sub->count < sub->limit) {
        const u8 *start;
        u32 captures;
        Step step = substitute_next(sub, &start, &captures);
        if (step != STEP_FOUND)
            return step == STEP_END;
        sub->count++;
        Value result = is_table(sub->replacement) ? index_replacement(sub) : invoke(sub->replacement, captures);
        if (failed() || !append_result(sub, start, result))
            return false;
        if (sub->use.program.anchored)
            break;
    }
    return true;
}

/* Argument 3: a string (or number), table or function. */
static bool replacement_argument(const Args *args, Substitution *sub)
{
    Value v = arg(args, 2);
    String *text;
    if (is_number(v)) {
        if (!arg_string(args, 2, &text))
            return false;
        v = value_string(text);
    } else if (!is_string(v) && !is_table(v) && !is_function(v)) {
        throw_argument_type(args, 2, "string/function/table");
        return false;
    }
    sub->replacement = v;
    return true;
}

/* Whether a constant pattern used before is nowhere in the text: then nothing is replaced, whatever by. */
static bool finds_nothing(u64 call, Value a0, Value a1, Value a2)
{
    u64 start;
    if ((u32)call != 3 || !(is_string(a2) || is_table(a2) || is_function(a2)))
        return false;
    const Program *program = simple_search(2, a0, a1, value_nil(), &start);
    if (program == NULL || program->shape == SHAPE_GENERAL)
        return false;
    const String *text = string_of(a0);
    const u8 *at = text->bytes;
    return shape_from(program, &at, text->bytes + text->length) == NULL;
}

[[gnu::noinline]] static Value substitute(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Substitution sub = {.args = &args};
    String *pattern;
    if (!arg_string(&args, 0, &sub.text) || !arg_string(&args, 1, &pattern) || !replacement_argument(&args, &sub))
        return args_fail(&args);
    sub.limit = (i64)sub.text->length + 1;
    if (!arg_opt_integer(&args, 3, &sub.limit) || !pattern_use(&sub.use, pattern, root_push(value_nil()), true))
        return args_fail(&args);
    Buffer buffer;
    buffer_open(&buffer);
    sub.buffer = &buffer;
    sub.copied = sub.text->bytes;
    sub.walk = (Walk){sub.text->bytes, NULL};
    if (!(is_string(sub.replacement) ? substitute_string(&sub) : substitute_results(&sub)))
        return args_fail(&args);
    String *result = sub.text;
    if (sub.copied == sub.text->bytes && buffer.length == 0) /* nothing was replaced */
        return args_return_two(&args, value_string(result), value_integer(sub.count));
    if (!append_skipped(&sub, sub.text->bytes + sub.text->length) || (result = buffer_finish(&buffer)) == NULL)
        return args_fail(&args);
    return args_return_two(&args, value_string(result), value_integer(sub.count));
}

Value lua_string_gsub(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (finds_nothing(call, a0, a1, a2))
        return two(a0, value_integer(0));
    return substitute(closure, call, a0, a1, a2);
}
