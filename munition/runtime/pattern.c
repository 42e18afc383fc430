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
};

/* ---- character classes ------------------------------------------------------------------------------------------ */

const u8 pattern_classes[256] = {
    [0] = CLASS_CONTROL | CLASS_ZERO,
    [1 ... 8] = CLASS_CONTROL,
    ['\t' ... '\r'] = CLASS_CONTROL | CLASS_SPACE,
    [14 ... 31] = CLASS_CONTROL,
    [' '] = CLASS_SPACE,
    ['!' ... '/'] = CLASS_PUNCTUATION,
    ['0' ... '9'] = CLASS_DIGIT,
    [':' ... '@'] = CLASS_PUNCTUATION,
    ['A' ... 'F'] = CLASS_UPPER | CLASS_HEX_LETTER,
    ['G' ... 'Z'] = CLASS_UPPER,
    ['[' ... '`'] = CLASS_PUNCTUATION,
    ['a' ... 'f'] = CLASS_LOWER | CLASS_HEX_LETTER,
    ['g' ... 'z'] = CLASS_LOWER,
    ['{' ... '~'] = CLASS_PUNCTUATION,
    [127] = CLASS_CONTROL,
};

/* The classes a letter stands for (either case); 0 = none, the letter is itself. */
static u8 class_mask(u8 letter)
{
    switch (letter | 0x20) {
    case 'a':
        return CLASS_LOWER | CLASS_UPPER;
    case 'c':
        return CLASS_CONTROL;
    case 'd':
        return CLASS_DIGIT;
    case 'g':
        return CLASS_LOWER | CLASS_UPPER | CLASS_DIGIT | CLASS_PUNCTUATION;
    case 'l':
        return CLASS_LOWER;
    case 'p':
        return CLASS_PUNCTUATION;
    case 's':
        return CLASS_SPACE;
    case 'u':
        return CLASS_UPPER;
    case 'w':
        return CLASS_LOWER | CLASS_UPPER | CLASS_DIGIT;
    case 'x':
        return CLASS_DIGIT | CLASS_HEX_LETTER;
    case 'z': /* no longer documented, but it still works */
        return CLASS_ZERO;
    default:
        return 0;
    }
}

static bool is_letter(u8 c) { return (u8)((c | 0x20) - 'a') < 26; }

/* The mask of %c, if it is a class. Upper case is the complement. */
static u8 class_of(u8 c) { return is_letter(c) ? class_mask(c) : 0; }

static bool is_complement(u8 letter) { return (letter & 0x20) == 0; }

static void set_add(ByteSet *set, u8 byte)
{
    set->words[byte >> 5] |= 1u << (byte & 31);
}

static void set_add_range(ByteSet *set, u8 first, u8 last)
{
    for (u32 byte = first; byte <= last; byte++)
        set_add(set, (u8)byte);
}

/* What %x stands for in a set. */
static void set_add_class(ByteSet *set, u8 letter)
{
    u8 mask = class_of(letter);
    if (mask == 0) {
        set_add(set, letter);
        return;
    }
    for (u32 byte = 0; byte < 256; byte++)
        if (((pattern_classes[byte] & mask) == 0) == is_complement(letter))
            set_add(set, (u8)byte);
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
    *set = (ByteSet){{0}};
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
        for (u32 i = 0; i < 8; i++)
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
    u8 mask = class_of(c);
    Item *item = mask == 0 ? emit(compiler, ITEM_CHAR, c)
                           : emit(compiler, is_complement(c) ? ITEM_NOT_CLASS : ITEM_CLASS, mask);
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
        result.sets += c == '[';
        result.literal &= !is_special(c);
    }
    return result;
}

static u64 words_needed(Survey survey)
{
    return (u64)survey.sets * (sizeof(ByteSet) / 8) + (u64)survey.items * (sizeof(Item) / 8);
}

static bool is_single(const Item *item) { return item->kind <= ITEM_NOT_CLASS; }

/* The item whose byte every match must start with, or NULL. */
static const Item *first_byte_item(const Program *program)
{
    const Item *item = program->items;
    for (u32 opened = 0; item->kind == ITEM_OPEN && opened < PATTERN_CAPTURES; opened++)
        item++;
    bool tells = is_single(item) && item->kind != ITEM_ANY;
    return tells && (item->repeat == 0 || item->repeat == '+') ? item : NULL;
}

static void classify(Program *program)
{
    program->first = first_byte_item(program);
    program->shape = SHAPE_GENERAL;
    const Item *item = program->items;
    bool captured = item->kind == ITEM_OPEN;
    item += captured;
    if (!is_single(item) || item->repeat == '-' || item->repeat == '?' || (captured && item[1].kind != ITEM_CLOSE))
        return;
    if (item[captured ? 2 : 1].kind == ITEM_ACCEPT)
        program->shape = captured ? SHAPE_CAPTURE : SHAPE_BYTES;
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
    bool whole = true;
    while (whole && compiler.at < compiler.end)
        whole = compile_item(&compiler);
    if (whole)
        emit(&compiler, ITEM_ACCEPT, 0);
    classify(program);
}

/* ---- keeping programs -------------------------------------------------------------------------------------------- */

u32 pattern_generation;
CacheSlot pattern_cache[PATTERN_SLOTS];
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
        memset(pattern_cache, 0, sizeof pattern_cache);
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
    CacheSlot *slot = pattern_slot(pattern);
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
