/* SPDX-License-Identifier: MIT */
/* What the files of the core share among themselves. Library files need only rt.h. */
#ifndef MUNITION_CORE_H
#define MUNITION_CORE_H

#include "heap.h"
#include "rt.h"

enum {
    C_DEPTH_LIMIT = 198, /* nested calls from the runtime into Lua */
    C_DEPTH_HANDLER = 224, /* the same while message handlers fail */
    C_STACK_RESERVE = 24 * 1024, /* bytes of the C stack that a call into Lua must leave for what does not call back */
    CHAIN_LIMIT = 2000, /* steps along __index, __newindex, __call */
    STACK_MARGIN = 1024, /* cells above stack_limit that calls may use without asking */
    STACK_EXTRA = 1024, /* cells kept for the handler of a stack overflow */
};

/* ---- state.c ---- */
void state_init(void); /* at the start of every entry */

/* ---- gc.c ---- */
enum { OBJECT_FINALIZER = 0x80 }; /* flag: waits in the collector's list of objects with __gc */
void gc_collect_full(void);
bool gc_register_finalizer(Object *object); /* false = failed */
void gc_run_finalizers(void);
void gc_finalize_all(void); /* at the end of the program */
static inline void gc_safe_point(void)
{
    if (unlikely(heap.finalizers_due != 0))
        gc_run_finalizers();
}

/* ---- string.c ---- */
extern String *string_singles[256]; /* strings of one byte that were made before, or NULL */
void string_forget(String *text); /* take a dead string out of the intern table */

void copy_longer(u8 *to, const u8 *from, u32 length); /* 16 bytes at least */

/* Copy a few bytes; for short lengths without the cost of a bulk instruction. */
static inline void copy_bytes(u8 *to, const u8 *from, u32 length)
{
    if (length >= 16) {
        copy_longer(to, from, length);
    } else if (length >= 8) {
        u64 head, tail;
        __builtin_memcpy(&head, from, 8);
        __builtin_memcpy(&tail, from + length - 8, 8);
        __builtin_memcpy(to, &head, 8);
        __builtin_memcpy(to + length - 8, &tail, 8);
    } else if (length >= 4) {
        u32 head, tail;
        __builtin_memcpy(&head, from, 4);
        __builtin_memcpy(&tail, from + length - 4, 4);
        __builtin_memcpy(to, &head, 4);
        __builtin_memcpy(to + length - 4, &tail, 4);
    } else if (length > 0) {
        u8 last = from[length - 1], middle = from[length >> 1];
        to[0] = from[0];
        to[length >> 1] = middle;
        to[length - 1] = last;
    }
}

/* ---- table.c ---- */
enum { TAG_DEAD = 0x41 }; /* tag of the key of a dead entry whose object was freed */
/* Flags of tables: the part lies in the table's own cell. */
enum { TABLE_INLINE_ARRAY = 1, TABLE_INLINE_ENTRIES = 2, TABLE_WEAK = 4 /* known to the collection under way */ };
enum { TABLE_WATCHED = 8 }; /* flag: what method calls remember depends on this table */
/* methods.c: a watched table changes or goes; a field of it comes to life */
void methods_forget(void);
void methods_changed(const String *key);
/* The field that objects with this metatable inherit, if that is quickly told: true, and *out. */
bool methods_inherited(Table *meta, String *key, Value *out);
void table_release(Table *table); /* give back what a dead table owns */
/* As table_get_string and table_set_string; *cache (if not NULL) gets the number of the entry. */
Value table_get_cached(Table *table, String *key, u32 *cache);
bool table_set_cached(Table *table, String *key, Value v, u32 *cache);

/* ---- meta.c ---- */

static inline Value meta_field(Table *meta, u32 name)
{
    if (meta == NULL || (meta->absent >> name & 1))
        return value_nil();
    Value v = table_get_string(meta, rt_name(name));
    if (is_nil(v))
        meta->absent |= 1u << name;
    return v;
}

/* As meta_field(meta, META_INDEX), asked so often that metatables remember the number of the entry. */
Value meta_index_search(Table *meta);

static inline Value meta_index(Table *meta)
{
    u32 hint = meta->object.spare;
    if (likely(hint < meta->entry_count && meta->entries[hint].key.aux == (u32)(uintptr_t)rt_name(META_INDEX)))
        return cell_load(&meta->entries[hint].value);
    return meta_index_search(meta);
}

/* Call a metamethod; the frame of the caller keeps the position of `site`. */
Value no_metamethod(Value v, u32 name);
Value meta_index_chain(Value object, Value key, const Site *site);
Value no_index_chain(Value object, Value key, const Site *site);
Value meta_index_string(Value object, Table *meta, String *key, u32 *cache, const Site *site);
Value no_index_string(Value object, Table *meta, String *key, u32 *cache, const Site *site);
void meta_set(Value object, Value key, Value v, const Site *site);
void no_set(Value object, Value key, Value v, const Site *site);
Value meta_call1(Value method, u32 name, const Site *site, Value a);
Value meta_call2(Value method, u32 name, const Site *site, Value a, Value b);
Value meta_call3(Value method, u32 name, const Site *site, Value a, Value b, Value c);

/* ---- call.c ---- */
Value invoke_site(Value callee, u32 count, const Site *site); /* arguments at sp */
Closure *call_metamethod(Value callee, u64 call, Value a0, Value a1, Value a2);
Closure *no_call_metamethod(Value callee, u64 call, Value a0, Value a1, Value a2);
Value invoke_values(Value callee, u64 call, Value a0, Value a1, Value a2);

/* Around calls of functions by call_closure that begin where sp is now, or a few cells higher. false = failed, no end. */
bool invoke_begin(const Site *site);
static inline void invoke_end(void) { rt_state.c_depth--; }

static inline Value call_closure(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    return ((Function)(uintptr_t)closure->slot)(closure, call, a0, a1, a2);
}

/* Whether so much of the C stack is in use (it grows down to address 0) that the runtime must not call Lua from here. */
static inline bool c_stack_is_low(void) { return (uintptr_t)__builtin_frame_address(0) < C_STACK_RESERVE; }

static inline u64 call_word(u32 count, const Site *site) { return (u64)(uintptr_t)site << 32 | count; }

/* ---- arith.c ---- */
f64 arith_power(f64 a, f64 b);
f64 arith_remainder(f64 a, f64 b);

/* ---- text.c ---- */
String *text_by_metamethod(Value method, Value v);

/* ---- error.c ---- */
void error_set_pending(Value v);
Site error_site(void); /* where the error under way was raised, if that is in the innermost function with a frame */
/* Runs the message handler in force; set by xpcall, so that programs without it do not carry it. */
extern void (*error_run_handler)(Value v);
/* "attempt to <what> a nil value (local 'x')"; `operand` 1 or 2 of the site names the variable, 0 none. */
void throw_operand(const Site *site, const char *what, Value v, u32 operand);
void throw_compare(const Site *site, Value a, Value b);
void throw_call(const Site *site, Value callee);
void throw_no_integer(const Site *site, u32 operand);
String *type_string(Value v); /* as `type` */
String *operand_type(Value v); /* type name that honours __name; static or rooted elsewhere */

/* ---- traceback.c ---- */
/* Frame header of a level: 0 = the innermost function with a frame. NULL = there is none. */
Cell *frame_at(u32 level);
static inline Closure *frame_closure(const Cell *header) { return (Closure *)(uintptr_t)header->aux; }
static inline Site *frame_site(const Cell *header) { return call_site((u64)header->payload); }
static inline bool frame_is_left(const Cell *header) { return (u64)header->payload & FRAME_LEFT; }
/* Where the frames of the coroutine under way begin: those below are not seen from it. NULL = in the main program. */
extern const Cell *frames_from;
static inline const Cell *frames_base(void) { return frames_from != NULL ? frames_from : rt_state.stack_base; }
/* Where the function of a frame is being executed: it called what is above it. NULL = unknown, or nothing is above. */
const Site *frame_stands_at(const Cell *header);
bool traceback_append(Buffer *buffer, u32 level, const Site *here);
/* The same for the frames between `base` and sp. */
bool traceback_append_from(Buffer *buffer, const Cell *base, u32 level, const Site *here);
const char *site_shown_name(const Site *site); /* the callee's name; of a metamethod without the underscores */
const char *site_kind_name(const Site *site); /* "global", "metamethod", ...; "" = unnamed */
/* Name under which a function is known to everyone ("print", "string.rep"); empty = none. */
u32 global_name(const Closure *closure, char *out, u32 room);

#endif
