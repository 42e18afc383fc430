/* SPDX-License-Identifier: MIT */
/* Lua patterns (reference manual, 6.4.1): compiled to a row of items once, matched by backtracking. */
#ifndef MUNITION_PATTERN_H
#define MUNITION_PATTERN_H

#include "rt.h"

enum {
    PATTERN_CAPTURES = 32,
    PATTERN_DEPTH = 200, /* nesting of backtracking points, as in the reference implementation */
};

typedef enum ItemKind : u8 {
    ITEM_CHAR, /* one byte: a */
    ITEM_ANY,
    ITEM_SET, /* one byte of the set number `data` */
    ITEM_OPEN,
    ITEM_OPEN_POSITION,
    ITEM_CLOSE,
    ITEM_BACK, /* the text of capture a */
    ITEM_BALANCE, /* %b with a and b */
    ITEM_FRONTIER, /* %f with the set number `data` */
    ITEM_END, /* $ */
    ITEM_ACCEPT,
    ITEM_FAULT, /* the pattern is malformed from here on, which only counts if it is reached: a = PatternFault */
} ItemKind;

typedef enum PatternFault : u8 {
    FAULT_NONE,
    FAULT_ENDS_WITH_PERCENT,
    FAULT_MISSING_BRACKET,
    FAULT_MISSING_FRONTIER_SET,
    FAULT_MISSING_BALANCE_ARGUMENTS,
    FAULT_TOO_COMPLEX,
    FAULT_TOO_MANY_CAPTURES,
    FAULT_INVALID_CAPTURE,
    FAULT_INVALID_CAPTURE_INDEX, /* the number is in Match.fault_index */
    FAULT_UNFINISHED_CAPTURE,
} PatternFault;

typedef struct Item {
    ItemKind kind;
    u8 repeat; /* 0 (once), or one of * + - ? */
    u8 a;
    u8 b;
    u32 data;
} Item;

typedef struct ByteSet {
    u64 words[4];
} ByteSet;

static inline bool set_has(const ByteSet *set, u8 byte)
{
    return (set->words[byte >> 6] >> (byte & 63) & 1) != 0;
}

typedef struct Program {
    const Item *items; /* behind the anchor */
    const ByteSet *sets;
    bool anchored; /* starts with ^ */
    bool literal; /* no character is special */
} Program;

/* Compiled patterns, kept while they fit. Anything else that compiles may overwrite what `program` refers to: after a
 * call into Lua, pattern_refresh must be called before the next match. */
typedef struct PatternUse {
    Program program;
    String *pattern; /* kept alive by the caller */
    u32 generation;
    bool anchors;
    Cell *storage; /* the caller's root for a program too large for the cache */
} PatternUse;

/* `storage` is a rooted cell of the caller's that may be overwritten. `anchors`: a leading ^ is an anchor (not so in
 * gmatch). false = failed (memory). */
bool pattern_use(PatternUse *use, String *pattern, Cell *storage, bool anchors);
/* The program of a constant pattern that was used before (with anchors), or NULL. */
const Program *pattern_cached(const String *pattern);
bool pattern_refresh_slow(PatternUse *use);
extern u32 pattern_generation;

static inline bool pattern_refresh(PatternUse *use)
{
    return likely(use->generation == pattern_generation) || pattern_refresh_slow(use);
}

typedef struct Capture {
    const u8 *start;
    i32 length; /* or one of the two below */
} Capture;

enum { CAPTURE_OPEN = -1, CAPTURE_POSITION = -2 };

typedef struct Match {
    const u8 *text;
    const u8 *end;
    const Item *items;
    const ByteSet *sets;
    u32 level; /* captures */
    u32 depth; /* nesting still allowed */
    PatternFault fault;
    u8 fault_index;
    Capture captures[PATTERN_CAPTURES];
} Match;

void match_open(Match *match, const Program *program, const String *text);
/* Tries the pattern at exactly `at`: the end of what matched, or NULL (then test match->fault). */
const u8 *match_at(Match *match, const u8 *at);
/* The first match at or behind `at`, which becomes its start. */
const u8 *match_from(Match *match, const Program *program, const u8 **at);
void throw_pattern_fault(const Args *args, const Match *match);

/* The first occurrence of a needle, or NULL. */
const u8 *find_bytes(const u8 *text, const u8 *end, const u8 *needle, u32 length);
const u8 *find_byte(const u8 *text, const u8 *end, u8 byte);

#endif
