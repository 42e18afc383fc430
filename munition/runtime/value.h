/* SPDX-License-Identifier: MIT */
/* Values and objects. The layouts follow docs/guest-abi.md; layout.h is generated from layout.py and tied to the structs here. */
#ifndef MUNITION_VALUE_H
#define MUNITION_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "layout.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;
typedef double f64;

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t strlen(const char *text);

#ifdef NDEBUG
static inline void rt_assert(bool holds) { (void)holds; }
#else
static inline void rt_assert(bool holds)
{
    if (!holds)
        __builtin_trap();
}
#endif

static inline bool likely(bool condition) { return __builtin_expect(condition, 1); }
static inline bool unlikely(bool condition) { return __builtin_expect(condition, 0); }

typedef struct Value {
    u32 tag; /* TAG_* */
    i64 payload;
} Value;

/* A value in memory. `aux` is free, except in key cells of tables and in frame headers. */
typedef struct Cell {
    i64 payload;
    u32 tag;
    u32 aux;
} Cell;

typedef struct Object {
    u8 kind; /* the tag of values that refer to it; 0 = free memory */
    u8 mark;
    u8 flags;
    u8 spare;
} Object;

typedef struct String {
    Object object;
    u32 length;
    u32 hash; /* 0 until computed, for strings that are not interned */
    struct String *next;
    u8 bytes[]; /* length bytes and a NUL */
} String;

typedef struct Entry {
    Cell key; /* aux = address of the string, or 0 */
    Cell value;
} Entry;

typedef struct Table {
    Object object;
    u32 array_capacity;
    Cell *array;
    u32 array_length;
    struct Table *metatable;
    u32 entry_count; /* dead ones included */
    Entry *entries;
    u32 entry_capacity;
    u32 *index; /* entry number + 1, or 0; NULL while entries are searched linearly */
    u32 index_mask;
    u32 absent; /* bit per NAME_* known to be absent, when this table is a metatable */
    struct Table *gc_next; /* the collector's list of weak tables */
    u64 names; /* two bits (name_bits) for each short string that ever became a key */
} Table;

typedef struct Closure {
    Object object;
    u32 slot; /* function table index, which is a function pointer of C */
    struct FunctionInfo *info; /* NULL for the runtime's own */
    u32 upvalue_count;
    Cell upvalues[];
} Closure;

typedef struct Box {
    Object object;
    u32 spare;
    Cell value;
} Box;

/* An object of a library (a file of io): `type` is the library's own number. */
typedef struct Userdata {
    Object object;
    Table *metatable;
    u32 type;
    u32 size;
    u8 bytes[];
} Userdata;

typedef struct FunctionInfo {
    String *name; /* or NULL */
    String *source;
    u32 line;
    u32 last_line;
    u32 parameters;
    u32 flags; /* INFO_* */
} FunctionInfo;

typedef enum SiteKind : u8 {
    SITE_NONE,
    SITE_GLOBAL,
    SITE_LOCAL,
    SITE_METHOD,
    SITE_FIELD,
    SITE_UPVALUE,
    SITE_CONSTANT,
    SITE_FOR_ITERATOR,
    SITE_METAMETHOD, /* only made by the runtime: name1 is the event without underscores */
} SiteKind;

/* Where in the source something is called or done, and what the operands are called there. */
typedef struct Site {
    u32 line;
    FunctionInfo *function;
    String *name1;
    String *name2;
    SiteKind kind1;
    SiteKind kind2;
    u16 spare;
} Site;

/* Every Lua function and every library function. */
typedef Value (*Function)(Closure *closure, u64 call, Value a0, Value a1, Value a2);

static_assert(sizeof(void *) == 4, "the runtime is built for wasm32");
static_assert(sizeof(Cell) == CELL_SIZE && offsetof(Cell, tag) == CELL_TAG && offsetof(Cell, aux) == CELL_AUX);
static_assert(offsetof(String, length) == STRING_LENGTH && offsetof(String, hash) == STRING_HASH);
static_assert(offsetof(String, next) == STRING_NEXT && offsetof(String, bytes) == STRING_BYTES);
static_assert(sizeof(Table) == TABLE_SIZE && offsetof(Table, metatable) == TABLE_METATABLE);
static_assert(offsetof(Table, array) == TABLE_ARRAY && offsetof(Table, array_length) == TABLE_ARRAY_LENGTH);
static_assert(offsetof(Table, array_capacity) == TABLE_ARRAY_CAPACITY && offsetof(Table, entries) == TABLE_ENTRIES);
static_assert(offsetof(Table, entry_count) == TABLE_ENTRY_COUNT);
static_assert(offsetof(Table, entry_capacity) == TABLE_ENTRY_CAPACITY);
static_assert(offsetof(Table, index) == TABLE_INDEX && offsetof(Table, index_mask) == TABLE_INDEX_MASK);
static_assert(offsetof(Table, absent) == TABLE_ABSENT && offsetof(Table, names) == TABLE_NAMES);
static_assert(sizeof(Entry) == ENTRY_SIZE && offsetof(Entry, value) == ENTRY_VALUE);
static_assert(offsetof(Entry, key.aux) == ENTRY_KEY_STRING && offsetof(Entry, value.tag) == ENTRY_VALUE_TAG);
static_assert(offsetof(Closure, slot) == CLOSURE_SLOT && offsetof(Closure, info) == CLOSURE_INFO);
static_assert(offsetof(Closure, upvalue_count) == CLOSURE_UPVALUE_COUNT);
static_assert(offsetof(Closure, upvalues) == CLOSURE_UPVALUES);
static_assert(sizeof(Box) == BOX_SIZE && offsetof(Box, value) == BOX_VALUE && offsetof(Box, value.tag) == BOX_TAG);
static_assert(sizeof(FunctionInfo) == INFO_SIZE && sizeof(Site) == SITE_SIZE);

static inline Value value_of(u32 tag, i64 payload) { return (Value){tag, payload}; }
static inline Value value_nil(void) { return (Value){TAG_NIL, 0}; }
static inline Value value_bool(bool truth) { return (Value){truth ? TAG_TRUE : TAG_FALSE, 0}; }
static inline Value value_integer(i64 number) { return (Value){TAG_INTEGER, number}; }
static inline Value value_float(f64 number) { return (Value){TAG_FLOAT, __builtin_bit_cast(i64, number)}; }
static inline Value value_string(const String *text) { return (Value){TAG_STRING, (i64)(uintptr_t)text}; }
static inline Value value_table(const Table *table) { return (Value){TAG_TABLE, (i64)(uintptr_t)table}; }
static inline Value value_function(const Closure *closure) { return (Value){TAG_FUNCTION, (i64)(uintptr_t)closure}; }
static inline Value value_userdata(const Userdata *data) { return (Value){TAG_USERDATA, (i64)(uintptr_t)data}; }

static inline bool is_nil(Value v) { return v.tag == TAG_NIL; }
static inline bool is_true(Value v) { return v.tag > TAG_FALSE; }
static inline bool is_integer(Value v) { return v.tag == TAG_INTEGER; }
static inline bool is_float(Value v) { return v.tag == TAG_FLOAT; }
static inline bool is_number(Value v) { return v.tag == TAG_INTEGER || v.tag == TAG_FLOAT; }
static inline bool is_string(Value v) { return v.tag == TAG_STRING; }
static inline bool is_table(Value v) { return v.tag == TAG_TABLE; }
static inline bool is_function(Value v) { return v.tag == TAG_FUNCTION; }
static inline bool is_collectable(u32 tag) { return tag >= TAG_STRING && tag < TAG_FRAME; }

static inline f64 float_of(Value v) { return __builtin_bit_cast(f64, v.payload); }

/* The bits of a float where they are seen from outside: those of a NaN would depend on the processor. */
static inline u64 float_bits(f64 value) { return value != value ? 0x7ff8000000000000 : __builtin_bit_cast(u64, value); }
static inline String *string_of(Value v) { return (String *)(uintptr_t)v.payload; }
static inline Table *table_of(Value v) { return (Table *)(uintptr_t)v.payload; }
static inline Closure *closure_of(Value v) { return (Closure *)(uintptr_t)v.payload; }
static inline Userdata *userdata_of(Value v) { return (Userdata *)(uintptr_t)v.payload; }
static inline Object *object_of(Value v) { return (Object *)(uintptr_t)v.payload; }

static inline Value cell_load(const Cell *cell) { return (Value){cell->tag, cell->payload}; }
static inline void cell_store(Cell *cell, Value v)
{
    cell->payload = v.payload;
    cell->tag = v.tag;
}

/* Copy cells (not over themselves): the bulk instruction costs more to begin than a few of them take. */
static inline void copy_cells(Cell *to, const Cell *from, u32 count)
{
    if (unlikely(count > 8)) {
        memcpy(to, from, (size_t)count * sizeof(Cell));
        return;
    }
    for (u32 i = 0; i < count; i++)
        cell_store(to + i, cell_load(from + i));
}

#endif
