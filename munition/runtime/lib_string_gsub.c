/* SPDX-License-Identifier: MIT */
/* string.gsub: with a string, a table or a function. */
#include "lib_string_match.h"

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
    if (!arg_string(&args, 0, &sub.text) || !arg_string(&args, 1, &pattern))
        return args_fail(&args);
    sub.limit = (i64)sub.text->length + 1;
    if (!arg_opt_integer(&args, 3, &sub.limit) || !replacement_argument(&args, &sub))
        return args_fail(&args);
    if (!pattern_use(&sub.use, pattern, root_push(value_nil()), true))
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
