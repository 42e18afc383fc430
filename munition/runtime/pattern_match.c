/* SPDX-License-Identifier: MIT */
/* Matching compiled patterns by backtracking. Recursion is bounded by PATTERN_DEPTH. */
#include "pattern.h"

/* ---- searching for fixed bytes ---------------------------------------------------------------------------------- */

const u8 *find_byte(const u8 *at, const u8 *end, u8 byte)
{
    const u64 ones = 0x0101010101010101;
    u64 repeated = ones * byte;
    for (; end - at >= 8; at += 8) {
        u64 word;
        __builtin_memcpy(&word, at, 8);
        word ^= repeated; /* a zero byte where the byte is; the lowest one found is exact */
        u64 zero = (word - ones) & ~word & ones << 7;
        if (zero != 0)
            return at + (__builtin_ctzll(zero) >> 3);
    }
    for (; at < end; at++)
        if (*at == byte)
            return at;
    return NULL;
}

const u8 *find_bytes(const u8 *text, const u8 *end, const u8 *needle, u32 length)
{
    if (length == 0)
        return text;
    if ((u32)(end - text) < length)
        return NULL;
    const u8 *last = end - length + 1; /* behind the last place where it can start */
    while ((text = find_byte(text, last, needle[0])) != NULL) {
        if (memcmp(text + 1, needle + 1, length - 1) == 0)
            return text;
        text++;
    }
    return NULL;
}

/* ---- single bytes ------------------------------------------------------------------------------------------------ */

static inline bool in_class(const Item *item, u8 byte) { return (pattern_classes[byte] & item->a) != 0; }

static inline bool fits(const ByteSet *sets, const Item *item, u8 byte)
{
    switch (item->kind) {
    case ITEM_CHAR:
        return byte == item->a;
    case ITEM_ANY:
        return true;
    case ITEM_SET:
        return set_has(&sets[item->data], byte);
    default:
        return in_class(item, byte) == (item->kind == ITEM_CLASS);
    }
}

static inline bool fits_at(const Match *match, const Item *item, const u8 *at)
{
    return at < match->end && fits(match->sets, item, *at);
}

/* Runs while `test` holds of the byte at `at`: four bytes a turn, because each turn of a loop costs a look at the fuel. */
#define SKIP_WHILE(test) \
    for (; end - at >= 4; at += 4) { \
        if (!(test(at[0]))) \
            return at; \
        if (!(test(at[1]))) \
            return at + 1; \
        if (!(test(at[2]))) \
            return at + 2; \
        if (!(test(at[3]))) \
            return at + 3; \
    } \
    for (; at < end; at++) \
        if (!(test(*at))) \
            return at; \
    return at

/* Past the bytes that fit (or do not fit), up to the end of the text. */
[[gnu::always_inline]] static inline const u8 *skip(const ByteSet *sets, const Item *item, const u8 *at, const u8 *end,
                                                    bool fitting)
{
    const ByteSet *set = &sets[item->data];
    u8 a = item->a;
#define IS_CHAR(byte) ((byte) == a) == fitting
#define IN_SET(byte) set_has(set, byte) == fitting
#define IN_CLASS(byte) ((pattern_classes[byte] & a) != 0) == fitting
#define NOT_IN_CLASS(byte) ((pattern_classes[byte] & a) == 0) == fitting
    switch (item->kind) {
    case ITEM_CHAR:
        SKIP_WHILE(IS_CHAR);
    case ITEM_SET:
        SKIP_WHILE(IN_SET);
    case ITEM_CLASS:
        SKIP_WHILE(IN_CLASS);
    case ITEM_NOT_CLASS:
        SKIP_WHILE(NOT_IN_CLASS);
    default:
        return fitting ? end : at;
    }
#undef IS_CHAR
#undef IN_SET
#undef IN_CLASS
#undef NOT_IN_CLASS
}

static const u8 *skip_fitting(const ByteSet *sets, const Item *item, const u8 *at, const u8 *end)
{
    return skip(sets, item, at, end, true);
}

static const u8 *skip_other(const ByteSet *sets, const Item *item, const u8 *at, const u8 *end)
{
    return skip(sets, item, at, end, false);
}

/* The end of the longest run of bytes that fit. */
static inline const u8 *run_end(const Match *match, const Item *item, const u8 *at)
{
    return skip_fitting(match->sets, item, at, match->end);
}

/* ---- items with more to them ------------------------------------------------------------------------------------- */

static const u8 *fault(Match *match, PatternFault fault)
{
    match->fault = fault;
    return NULL;
}

static const u8 *back_reference(Match *match, const Item *item, const u8 *at)
{
    u32 index = (u32)(item->a - '1');
    if (index >= match->level || (match->open >> index & 1) != 0) {
        match->fault_index = item->a - '0';
        return fault(match, FAULT_INVALID_CAPTURE_INDEX);
    }
    const Capture *capture = &match->captures[index];
    if (capture->length == CAPTURE_POSITION || match->end - at < capture->length)
        return NULL;
    return memcmp(capture->start, at, (u32)capture->length) == 0 ? at + capture->length : NULL;
}

static const u8 *balance(const Match *match, const Item *item, const u8 *at)
{
    if (at >= match->end || *at != item->a)
        return NULL;
    u32 open = 1;
    while (++at < match->end) {
        if (*at == item->b) {
            if (--open == 0)
                return at + 1;
        } else if (*at == item->a)
            open++;
    }
    return NULL;
}

static bool frontier(const Match *match, const Item *item, const u8 *at)
{
    const ByteSet *set = &match->sets[item->data];
    u8 before = at == match->text ? 0 : at[-1];
    return !set_has(set, before) && set_has(set, at == match->end ? 0 : *at);
}

static bool open_capture(Match *match, const Item *item, const u8 *at)
{
    u32 level = match->level;
    if (level >= PATTERN_CAPTURES) {
        fault(match, FAULT_TOO_MANY_CAPTURES);
        return false;
    }
    match->captures[level] = (Capture){at, CAPTURE_POSITION};
    if (item->kind == ITEM_OPEN)
        match->open |= 1u << level;
    match->level = level + 1;
    return true;
}

/* Closes the capture that was opened last. */
static bool close_capture(Match *match, const u8 *at)
{
    if (match->open == 0) {
        fault(match, FAULT_INVALID_CAPTURE);
        return false;
    }
    u32 index = 31 - (u32)__builtin_clz(match->open);
    match->open &= ~(1u << index);
    match->captures[index].length = (i32)(at - match->captures[index].start);
    return true;
}

/* ---- backtracking ------------------------------------------------------------------------------------------------ */

/* What happens to the captures behind a choice is undone by going back to these. */
typedef struct Choice {
    u32 level;
    u32 open;
} Choice;

static const u8 *try_items(Match *match, const Item *item, const u8 *at, u32 depth);

/* Tries the items behind a choice; NULL = undone. */
static inline const u8 *try_choice(Match *match, const Item *item, const u8 *at, u32 depth, Choice choice)
{
    const u8 *result = try_items(match, item, at, depth);
    if (result == NULL) {
        match->level = choice.level;
        match->open = choice.open;
    }
    return result;
}

/* Can nothing but this item decide here? Then a byte that does not fit it saves a call. */
static inline bool needs_char(const Item *item)
{
    return item->kind == ITEM_CHAR && (item->repeat == 0 || item->repeat == '+');
}

/* As many as possible, then fewer. */
static const u8 *try_longest(Match *match, const Item *item, const u8 *least, u32 depth)
{
    const Item *next = item + 1;
    const u8 *at = run_end(match, item, least);
    if (at == least || (next->kind == ITEM_ACCEPT && depth > 0))
        return try_items(match, next, at, depth); /* no choice */
    Choice choice = {match->level, match->open};
    bool check = needs_char(next) && depth > 0;
    for (; at >= least; at--) {
        if (check && (at == match->end || *at != next->a))
            continue;
        const u8 *result = try_choice(match, next, at, depth, choice);
        if (result != NULL || match->fault != FAULT_NONE)
            return result;
    }
    return NULL;
}

/* As few as possible, then more. */
static const u8 *try_shortest(Match *match, const Item *item, const u8 *at, u32 depth)
{
    const Item *next = item + 1;
    Choice choice = {match->level, match->open};
    bool check = needs_char(next) && depth > 0;
    for (;; at++) {
        if (!check || (at < match->end && *at == next->a)) {
            const u8 *result = try_choice(match, next, at, depth, choice);
            if (result != NULL || match->fault != FAULT_NONE)
                return result;
        }
        if (!fits_at(match, item, at))
            return NULL;
    }
}

static const u8 *try_optional(Match *match, const Item *item, const u8 *at, u32 depth)
{
    if (!fits_at(match, item, at))
        return NULL;
    Choice choice = {match->level, match->open};
    return try_choice(match, item + 1, at + 1, depth, choice);
}

static inline const u8 *try_repeat(Match *match, const Item *item, const u8 *at, u32 depth)
{
    if (item->repeat == '-')
        return try_shortest(match, item, at, depth);
    if (item->repeat == '*')
        return try_longest(match, item, at, depth);
    return fits_at(match, item, at) ? try_longest(match, item, at + 1, depth) : NULL;
}

/* The items from `item` on, at `at`: a loop wherever there is no choice to come back to. `depth` counts down as the
 * recursion of the reference implementation does: at choices and at captures. */
static const u8 *try_items(Match *match, const Item *item, const u8 *at, u32 depth)
{
    const u8 *end = match->end;
    if (depth-- == 0)
        return fault(match, FAULT_TOO_COMPLEX);
    for (;; item++) {
        switch (item->kind) {
        case ITEM_CHAR:
            if (item->repeat != 0)
                goto repeated;
            if (at >= end || *at != item->a)
                return NULL;
            at++;
            continue;
        case ITEM_ANY:
            if (item->repeat != 0)
                goto repeated;
            if (at >= end)
                return NULL;
            at++;
            continue;
        case ITEM_SET:
            if (item->repeat != 0)
                goto repeated;
            if (at >= end || !set_has(&match->sets[item->data], *at))
                return NULL;
            at++;
            continue;
        case ITEM_CLASS:
            if (item->repeat != 0)
                goto repeated;
            if (at >= end || !in_class(item, *at))
                return NULL;
            at++;
            continue;
        case ITEM_NOT_CLASS:
            if (item->repeat != 0)
                goto repeated;
            if (at >= end || in_class(item, *at))
                return NULL;
            at++;
            continue;
        case ITEM_OPEN:
        case ITEM_OPEN_POSITION:
            if (!open_capture(match, item, at))
                return NULL;
            if (depth-- == 0)
                return fault(match, FAULT_TOO_COMPLEX);
            continue;
        case ITEM_CLOSE:
            if (!close_capture(match, at))
                return NULL;
            if (depth-- == 0)
                return fault(match, FAULT_TOO_COMPLEX);
            continue;
        case ITEM_BACK:
            if ((at = back_reference(match, item, at)) == NULL)
                return NULL;
            continue;
        case ITEM_BALANCE:
            if ((at = balance(match, item, at)) == NULL)
                return NULL;
            continue;
        case ITEM_FRONTIER:
            if (!frontier(match, item, at))
                return NULL;
            continue;
        case ITEM_END:
            if (at != end)
                return NULL;
            continue;
        case ITEM_ACCEPT:
            return at;
        case ITEM_FAULT:
            return fault(match, item->a);
        }
    repeated:
        if (item->repeat != '?')
            return try_repeat(match, item, at, depth);
        const u8 *result = try_optional(match, item, at, depth);
        if (result != NULL || match->fault != FAULT_NONE)
            return result;
    }
}

const u8 *match_at(Match *match, const u8 *at)
{
    match->level = 0;
    match->open = 0;
    return try_items(match, match->items, at, PATTERN_DEPTH);
}

/* ---- searching --------------------------------------------------------------------------------------------------- */

static inline const u8 *next_candidate(const Program *program, const Item *first, const u8 *at, const u8 *end)
{
    if (first->kind == ITEM_CHAR)
        return find_byte(at, end, first->a);
    at = skip_other(program->sets, first, at, end);
    return at < end ? at : NULL;
}

const u8 *shape_from(const Program *program, const u8 **start, const u8 *end)
{
    const Item *item = program->items + (program->shape == SHAPE_CAPTURE);
    const u8 *at = *start;
    if (item->repeat == '*')
        return skip_fitting(program->sets, item, at, end);
    if (program->anchored) {
        if (at >= end || !fits(program->sets, item, *at))
            return NULL;
    } else if (item->kind == ITEM_ANY) {
        if (at >= end)
            return NULL;
    } else {
        if ((at = next_candidate(program, item, at, end)) == NULL)
            return NULL;
        *start = at;
    }
    at++;
    return item->repeat == 0 ? at : skip_fitting(program->sets, item, at, end);
}

static const u8 *match_shape(Match *match, const Program *program, const u8 **start)
{
    const u8 *end = shape_from(program, start, match->end);
    match->open = 0;
    match->level = program->shape == SHAPE_CAPTURE;
    if (match->level != 0 && end != NULL)
        match->captures[0] = (Capture){*start, (i32)(end - *start)};
    return end;
}

const u8 *match_from(Match *match, const Program *program, const u8 **start)
{
    if (program->shape != SHAPE_GENERAL)
        return match_shape(match, program, start);
    const u8 *at = *start;
    if (program->anchored)
        return match_at(match, at);
    const Item *first = program->first;
    for (; at <= match->end; at++) {
        if (first != NULL && (at = next_candidate(program, first, at, match->end)) == NULL)
            return NULL;
        const u8 *end = match_at(match, at);
        if (end != NULL || match->fault != FAULT_NONE) {
            *start = at;
            return end;
        }
    }
    return NULL;
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

void throw_pattern_fault(const Args *args, const Match *match)
{
    switch (match->fault) {
    case FAULT_ENDS_WITH_PERCENT:
        throw_error(args, "malformed pattern (ends with '%%')");
        break;
    case FAULT_MISSING_BRACKET:
        throw_error(args, "malformed pattern (missing ']')");
        break;
    case FAULT_MISSING_FRONTIER_SET:
        throw_error(args, "missing '[' after '%%f' in pattern");
        break;
    case FAULT_MISSING_BALANCE_ARGUMENTS:
        throw_error(args, "malformed pattern (missing arguments to '%%b')");
        break;
    case FAULT_TOO_COMPLEX:
        throw_error(args, "pattern too complex");
        break;
    case FAULT_TOO_MANY_CAPTURES:
        throw_error(args, "too many captures");
        break;
    case FAULT_INVALID_CAPTURE:
        throw_error(args, "invalid pattern capture");
        break;
    case FAULT_INVALID_CAPTURE_INDEX:
        throw_error(args, "invalid capture index %%%d", match->fault_index);
        break;
    case FAULT_UNFINISHED_CAPTURE:
    case FAULT_NONE:
        throw_error(args, "unfinished capture");
        break;
    }
}
