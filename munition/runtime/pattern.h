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
    ITEM_CLASS, /* one byte of one of the classes in the mask a */
    ITEM_NOT_CLASS,
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
    u32 words[8];
} ByteSet;

static inline bool set_has(const ByteSet *set, u8 byte)
{
    return (set->words[byte >> 5] >> (byte & 31) & 1) != 0;
}

/* Character classes, a bit each, of every byte (in the C locale). The classes of patterns are unions of these. */
enum {
    CLASS_LOWER = 1,
    CLASS_UPPER = 2,
    CLASS_DIGIT = 4,
    CLASS_SPACE = 8,
    CLASS_PUNCTUATION = 16,
    CLASS_CONTROL = 32,
    CLASS_HEX_LETTER = 64,
    CLASS_ZERO = 128,
};

extern const u8 pattern_classes[256];

/* What a program is, if it is one of the kinds that need no backtracking. */
typedef enum PatternShape : u8 {
    SHAPE_GENERAL,
    SHAPE_BYTES, /* one item for single bytes, repeated as often as possible, or once */
    SHAPE_CAPTURE, /* the same inside of a capture */
} PatternShape;

typedef struct Program {
    const Item *items; /* behind the anchor */
    const ByteSet *sets;
    const Item *first; /* every match starts with a byte that fits this item; NULL = there is no such item */
    bool anchored; /* starts with ^ */
    bool literal; /* no character is special */
    PatternShape shape;
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
/* The programs of constant patterns, by address. */
typedef struct CacheSlot {
    uintptr_t key; /* address of a static string, plus 1 if ^ is no anchor; 0 = empty */
    Program program;
} CacheSlot;

enum { PATTERN_SLOTS = 32 };
extern CacheSlot pattern_cache[PATTERN_SLOTS];

static inline CacheSlot *pattern_slot(const String *pattern)
{
    return &pattern_cache[((uintptr_t)pattern >> 3) % PATTERN_SLOTS];
}

/* The program of a constant pattern that was used before, or NULL. */
static inline const Program *pattern_cached(const String *pattern, bool anchors)
{
    const CacheSlot *slot = pattern_slot(pattern);
    return likely(slot->key == ((uintptr_t)pattern | !anchors)) ? &slot->program : NULL;
}

bool pattern_refresh_slow(PatternUse *use);
extern u32 pattern_generation;

static inline bool pattern_refresh(PatternUse *use)
{
    return likely(use->generation == pattern_generation) || pattern_refresh_slow(use);
}

typedef struct Capture {
    const u8 *start;
    i32 length; /* or CAPTURE_POSITION; nothing while it is open */
} Capture;

enum { CAPTURE_POSITION = -1 };

typedef struct Match {
    const u8 *text;
    const u8 *end;
    const Item *items;
    const ByteSet *sets;
    u32 level; /* captures */
    u32 open; /* bit per capture that is not closed yet */
    PatternFault fault;
    u8 fault_index;
    Capture captures[PATTERN_CAPTURES];
} Match;

static inline void match_open(Match *match, const Program *program, const String *text)
{
    match->text = text->bytes;
    match->end = text->bytes + text->length;
    match->items = program->items;
    match->sets = program->sets;
    match->fault = FAULT_NONE;
}

/* The first match of a program that is not of the general shape, from `*at` on, which becomes its start; NULL = there is none.
 * It needs no Match, and there is no fault. */
const u8 *shape_from(const Program *program, const u8 **at, const u8 *end);
/* Tries the pattern at exactly `at`: the end of what matched, or NULL (then test match->fault). */
const u8 *match_at(Match *match, const u8 *at);
/* The first match at or behind `at`, which becomes its start. */
const u8 *match_from(Match *match, const Program *program, const u8 **at);
void throw_pattern_fault(const Args *args, const Match *match);

/* The first occurrence of a needle, or NULL. */
const u8 *find_bytes(const u8 *text, const u8 *end, const u8 *needle, u32 length);
const u8 *find_byte(const u8 *text, const u8 *end, u8 byte);

#endif
