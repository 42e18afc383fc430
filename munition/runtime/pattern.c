/* SPDX-License-Identifier: MIT */
/* Compiling patterns, and keeping what was compiled.
 *
 * A malformed pattern is no error until the matcher comes to the malformed place, as in the reference implementation:
 * the compiler leaves an ITEM_FAULT there. */
#include "pattern.h"

enum {
    ARENA_WORDS = 512, /* 4 KiB for the programs of constant patterns */
    SCRATCH_WORDS = 128, /* 1 KiB for the last pattern that is no constant */
    SCRATCH_TEXT = 64,
    CACHE_SLOTS = 32,
};

/* ---- character classes ------------------------------------------------------------------------------------------ */

/* The ASCII half of each class; no byte above 127 belongs to any. */
typedef struct HalfSet {
    u64 low;
    u64 high;
} HalfSet;

static HalfSet class_half(u8 letter)
{
    const u64 digits = (u64)0x3ff << 48;
    const u64 upper = (u64)0x3ffffff << 1, lower = upper << 32;
    const u64 graph_low = ~(u64)0 << 33, graph_high = ~(u64)0 >> 1; /* from ! to ~ */
    switch (letter) {
    case 'a':
        return (HalfSet){0, upper | lower};
    case 'c':
        return (HalfSet){0xffffffff, (u64)1 << 63};
    case 'd':
        return (HalfSet){digits, 0};
    case 'g':
        return (HalfSet){graph_low, graph_high};
    case 'l':
        return (HalfSet){0, lower};
    case 'p':
        return (HalfSet){graph_low & ~digits, graph_high & ~(upper | lower)};
    case 's':
        return (HalfSet){(u64)1 << ' ' | (u64)0x1f << '\t', 0};
    case 'u':
        return (HalfSet){0, upper};
    case 'w':
        return (HalfSet){digits, upper | lower};
    case 'x':
        return (HalfSet){digits, (u64)0x3f << 1 | (u64)0x3f << 33};
    default: /* z, which is no longer documented but still works */
        return (HalfSet){1, 0};
    }
}

static bool is_class_letter(u8 lower)
{
    const u32 letters = 1u << 0 | 1u << 2 | 1u << 3 | 1u << 6 | 1u << 11 | 1u << 15 | 1u << 18 | 1u << 20 | 1u << 22 |
                        1u << 23 | 1u << 25; /* a c d g l p s u w x z */
    u8 index = lower - 'a';
    return index < 26 && (letters >> index & 1) != 0;
}

static void set_add(ByteSet *set, u8 byte)
{
    set->words[byte >> 6] |= (u64)1 << (byte & 63);
}

static void set_add_range(ByteSet *set, u8 first, u8 last)
{
    for (u32 byte = first; byte <= last; byte++)
        set_add(set, (u8)byte);
}

/* What %x stands for: a class, the complement of one (upper case), or the character itself. */
static void set_add_class(ByteSet *set, u8 letter)
{
    u8 lower = letter | 0x20;
    bool is_letter = (u8)(lower - 'a') < 26;
    if (!is_letter || !is_class_letter(lower)) {
        set_add(set, letter);
        return;
    }
    HalfSet half = class_half(lower);
    if (letter != lower) {
        half = (HalfSet){~half.low, ~half.high};
        set->words[2] = set->words[3] = ~(u64)0;
    }
    set->words[0] |= half.low;
    set->words[1] |= half.high;
}

/* ---- compiling --------------------------------------------------------------------------------------------------- */

typedef struct Compiler {
    const u8 *at;
    const u8 *end;
    Item *item; /* the next one */
    ByteSet *sets;
    u32 set_count;
} Compiler;

static ByteSet *new_set(Compiler *compiler)
{
    ByteSet *set = &compiler->sets[compiler->set_count++];
    *set = (ByteSet){{0, 0, 0, 0}};
    return set;
}

static Item *emit(Compiler *compiler, ItemKind kind, u8 a)
{
    *compiler->item = (Item){.kind = kind, .a = a};
    return compiler->item++;
}

static bool emit_fault(Compiler *compiler, PatternFault fault)
{
    emit(compiler, ITEM_FAULT, fault);
    return false;
}

/* The bracket that closes a set whose first character (behind [ or [^) is at `at`; NULL if there is none. */
static const u8 *set_end(const u8 *at, const u8 *end)
{
    do {
        if (at == end)
            return NULL;
        if (*at++ == '%' && at < end)
            at++;
    } while (at == end || *at != ']');
    return at;
}

/* A set: compiler->at is behind the [. Leaves a ByteSet, or a fault. */
static bool compile_set(Compiler *compiler, u32 *number)
{
    const u8 *at = compiler->at;
    bool complement = at < compiler->end && *at == '^';
    at += complement;
    const u8 *close = set_end(at, compiler->end);
    if (close == NULL)
        return emit_fault(compiler, FAULT_MISSING_BRACKET);
    *number = compiler->set_count;
    ByteSet *set = new_set(compiler);
    for (; at < close; at++) {
        if (*at == '%')
            set_add_class(set, *++at);
        else if (at[1] == '-' && at + 2 < close) {
            set_add_range(set, at[0], at[2]);
            at += 2;
        } else
            set_add(set, *at);
    }
    if (complement)
        for (u32 i = 0; i < 4; i++)
            set->words[i] = ~set->words[i];
    compiler->at = close + 1;
    return true;
}

/* Behind something that matches one byte: an optional repetition. */
static void compile_repeat(Compiler *compiler, Item *item)
{
    if (compiler->at < compiler->end) {
        u8 next = *compiler->at;
        if (next == '*' || next == '+' || next == '-' || next == '?') {
            item->repeat = next;
            compiler->at++;
        }
    }
}

static bool compile_bracket(Compiler *compiler)
{
    u32 number;
    if (!compile_set(compiler, &number))
        return false;
    Item *item = emit(compiler, ITEM_SET, 0);
    item->data = number;
    compile_repeat(compiler, item);
    return true;
}

static bool compile_balance(Compiler *compiler)
{
    if (compiler->end - compiler->at < 2)
        return emit_fault(compiler, FAULT_MISSING_BALANCE_ARGUMENTS);
    emit(compiler, ITEM_BALANCE, compiler->at[0])->b = compiler->at[1];
    compiler->at += 2;
    return true;
}

static bool compile_frontier(Compiler *compiler)
{
    u32 number;
    if (compiler->at == compiler->end || *compiler->at != '[')
        return emit_fault(compiler, FAULT_MISSING_FRONTIER_SET);
    compiler->at++;
    if (!compile_set(compiler, &number))
        return false;
    emit(compiler, ITEM_FRONTIER, 0)->data = number;
    return true;
}

/* compiler->at is behind a %. */
static bool compile_escape(Compiler *compiler)
{
    if (compiler->at == compiler->end)
        return emit_fault(compiler, FAULT_ENDS_WITH_PERCENT);
    u8 c = *compiler->at++;
    if (c == 'b')
        return compile_balance(compiler);
    if (c == 'f')
        return compile_frontier(compiler);
    if ((u8)(c - '0') < 10) {
        emit(compiler, ITEM_BACK, c);
        return true;
    }
    Item *item;
    if (is_class_letter(c | 0x20) && (u8)((c | 0x20) - 'a') < 26) {
        item = emit(compiler, ITEM_SET, 0);
        item->data = compiler->set_count;
        set_add_class(new_set(compiler), c);
    } else
        item = emit(compiler, ITEM_CHAR, c);
    compile_repeat(compiler, item);
    return true;
}

static bool compile_open(Compiler *compiler)
{
    bool position = compiler->at < compiler->end && *compiler->at == ')';
    compiler->at += position;
    emit(compiler, position ? ITEM_OPEN_POSITION : ITEM_OPEN, 0);
    return true;
}

/* One item; false at the first malformed place. */
static bool compile_item(Compiler *compiler)
{
    u8 c = *compiler->at++;
    switch (c) {
    case '(':
        return compile_open(compiler);
    case ')':
        emit(compiler, ITEM_CLOSE, 0);
        return true;
    case '[':
        return compile_bracket(compiler);
    case '%':
        return compile_escape(compiler);
    case '$':
        if (compiler->at == compiler->end) {
            emit(compiler, ITEM_END, 0);
            return true;
        }
        break;
    default:
        break;
    }
    compile_repeat(compiler, emit(compiler, c == '.' ? ITEM_ANY : ITEM_CHAR, c));
    return true;
}

static bool is_special(u8 c)
{
    switch (c) {
    case '^': case '$': case '*': case '+': case '?': case '.': case '(': case '[': case '%': case '-':
        return true;
    default:
        return false;
    }
}

typedef struct Survey {
    u32 items; /* at most */
    u32 sets;
    bool literal;
} Survey;

static Survey survey(const String *pattern)
{
    Survey result = {pattern->length + 2, 0, true};
    for (u32 i = 0; i < pattern->length; i++) {
        u8 c = pattern->bytes[i];
        result.sets += c == '[' || c == '%';
        result.literal &= !is_special(c);
    }
    return result;
}

static u64 words_needed(Survey survey)
{
    return (u64)survey.sets * (sizeof(ByteSet) / 8) + (u64)survey.items * (sizeof(Item) / 8);
}

static void compile(Program *program, const String *pattern, Survey survey, bool anchors, u64 *memory)
{
    Compiler compiler = {.at = pattern->bytes, .end = pattern->bytes + pattern->length};
    compiler.sets = (ByteSet *)memory;
    compiler.item = (Item *)(compiler.sets + survey.sets);
    program->items = compiler.item;
    program->sets = compiler.sets;
    program->literal = survey.literal;
    program->anchored = anchors && pattern->length > 0 && pattern->bytes[0] == '^';
    compiler.at += program->anchored;
    while (compiler.at < compiler.end)
        if (!compile_item(&compiler))
            return;
    emit(&compiler, ITEM_ACCEPT, 0);
}

/* ---- keeping programs -------------------------------------------------------------------------------------------- */

typedef struct CacheSlot {
    uintptr_t key; /* address of a static string, plus 1 if ^ is no anchor; 0 = empty */
    Program program;
} CacheSlot;

u32 pattern_generation;
static CacheSlot cache[CACHE_SLOTS];
static u64 arena[ARENA_WORDS];
static u32 arena_used;
static u64 scratch[SCRATCH_WORDS];
static u8 scratch_text[SCRATCH_TEXT];
static u32 scratch_length = SCRATCH_TEXT + 1; /* of the pattern in scratch; more = none is */
static bool scratch_anchors;
static Program scratch_program;

static void use_constant(PatternUse *use, CacheSlot *slot, uintptr_t key, Survey survey, bool anchors)
{
    u32 words = (u32)words_needed(survey);
    if (arena_used + words > ARENA_WORDS) {
        memset(cache, 0, sizeof cache);
        arena_used = 0;
        pattern_generation++;
    }
    compile(&slot->program, use->pattern, survey, anchors, arena + arena_used);
    arena_used += words;
    slot->key = key;
    use->program = slot->program;
}

static bool in_scratch(const String *pattern, bool anchors)
{
    return pattern->length == scratch_length && anchors == scratch_anchors &&
           memcmp(pattern->bytes, scratch_text, scratch_length) == 0;
}

static void use_scratch(PatternUse *use, Survey survey, bool anchors)
{
    compile(&scratch_program, use->pattern, survey, anchors, scratch);
    scratch_length = use->pattern->length;
    memcpy(scratch_text, use->pattern->bytes, scratch_length);
    scratch_anchors = anchors;
    pattern_generation++;
    use->program = scratch_program;
}

static bool use_storage(PatternUse *use, Survey survey, bool anchors)
{
    u64 size = words_needed(survey) * 8 + 8;
    if (size > INT32_MAX) {
        throw_memory();
        return false;
    }
    String *memory = string_blank((u32)size);
    if (memory == NULL)
        return false;
    cell_store(use->storage, value_string(memory));
    u64 *words = (u64 *)(((uintptr_t)memory->bytes + 7) & ~(uintptr_t)7);
    compile(&use->program, use->pattern, survey, anchors, words);
    return true;
}

static bool use_again(PatternUse *use, bool anchors)
{
    String *pattern = use->pattern;
    uintptr_t key = (uintptr_t)pattern | !anchors;
    CacheSlot *slot = &cache[((uintptr_t)pattern >> 3) % CACHE_SLOTS];
    bool done = true;
    if (slot->key == key)
        use->program = slot->program;
    else if (in_scratch(pattern, anchors))
        use->program = scratch_program;
    else {
        Survey found = survey(pattern);
        u64 words = words_needed(found);
        if (is_static(pattern) && words <= ARENA_WORDS / 2)
            use_constant(use, slot, key, found, anchors);
        else if (pattern->length <= SCRATCH_TEXT && words <= SCRATCH_WORDS)
            use_scratch(use, found, anchors);
        else
            done = use_storage(use, found, anchors);
    }
    use->generation = pattern_generation;
    return done;
}

const Program *pattern_cached(const String *pattern)
{
    const CacheSlot *slot = &cache[((uintptr_t)pattern >> 3) % CACHE_SLOTS];
    return slot->key == (uintptr_t)pattern ? &slot->program : NULL;
}

bool pattern_use(PatternUse *use, String *pattern, Cell *storage, bool anchors)
{
    use->pattern = pattern;
    use->storage = storage;
    use->anchors = anchors;
    cell_store(storage, value_nil());
    return use_again(use, anchors);
}

bool pattern_refresh_slow(PatternUse *use)
{
    use->generation = pattern_generation;
    return use->storage->tag == TAG_STRING || use_again(use, use->anchors);
}
