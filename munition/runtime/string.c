/* SPDX-License-Identifier: MIT */
/* Strings: interning, hashing, comparing. */
#include "core.h"

enum {
    INTERN_FIRST = 256,
    INTERN_LEAP = 1 << 17, /* up to this size the table grows fourfold: moving what is in it is a cache miss for each string */
};

static inline u64 load_word(const u8 *bytes)
{
    u64 word;
    __builtin_memcpy(&word, bytes, 8);
    return word;
}

static inline u32 load_half(const u8 *bytes)
{
    u32 half;
    __builtin_memcpy(&half, bytes, 4);
    return half;
}

/* Less than eight bytes at the end; of a longer text with bytes before them. */
static inline u64 hash_tail(const u8 *bytes, u32 length)
{
    if (length >= 8)
        return load_word(bytes + length - 8);
    if (length >= 4)
        return load_half(bytes) | (u64)load_half(bytes + length - 4) << 32;
    return bytes[0] | (u32)bytes[length >> 1] << 8 | (u32)bytes[length - 1] << 16;
}

static inline u64 hash_mix(u64 hash, u64 word)
{
    hash = (hash ^ word) * 0xd6e8feb86659fd93;
    return hash ^ hash >> 32;
}

/* The same function as string_hash in layout.py. */
static inline u32 hash_bytes(const u8 *bytes, u32 length)
{
    u64 hash = length * 0x9e3779b97f4a7c15;
    for (u32 i = 0; i + 8 <= length; i += 8)
        hash = hash_mix(hash, load_word(bytes + i));
    if (length & 7)
        hash = hash_mix(hash, hash_tail(bytes, length));
    hash *= 0xff51afd7ed558ccd;
    return (u32)(hash ^ hash >> 32);
}

u32 string_hash_slow(String *text)
{
    if (!(text->object.flags & STRING_INTERNED))
        text->hash = hash_bytes(text->bytes, text->length);
    return text->hash;
}

static String *string_object(u32 length, u8 flags)
{
    String *text = heap_object((u32)sizeof(String) + length + 1, TAG_STRING, flags);
    if (text == NULL)
        return NULL;
    text->length = length;
    text->hash = 0;
    text->next = NULL;
    text->bytes[length] = 0;
    return text;
}

void copy_longer(u8 *to, const u8 *from, u32 length)
{
    if (length > 32) {
        memcpy(to, from, length);
        return;
    }
    u64 words[4] = {load_word(from), load_word(from + 8), load_word(from + length - 16), load_word(from + length - 8)};
    __builtin_memcpy(to, &words[0], 8);
    __builtin_memcpy(to + 8, &words[1], 8);
    __builtin_memcpy(to + length - 16, &words[2], 8);
    __builtin_memcpy(to + length - 8, &words[3], 8);
}

/* ---- the intern table ------------------------------------------------------------------------------------------ */

static inline bool bytes_equal(const u8 *a, const u8 *b, u32 length)
{
    for (u32 i = 0; i + 8 <= length; i += 8)
        if (load_word(a + i) != load_word(b + i))
            return false;
    return (length & 7) == 0 || hash_tail(a, length) == hash_tail(b, length);
}

/* A larger table; if there is no room, the chains just grow longer. */
[[gnu::noinline]] static void intern_grow(void)
{
    u32 size = rt_config.intern_mask + 1;
    size = rt_config.intern_buckets == NULL ? INTERN_FIRST : size < INTERN_LEAP ? size * 4 : size * 2;
    String **buckets = raw_try((u64)size * sizeof(String *));
    if (buckets == NULL)
        return;
    memset(buckets, 0, size * sizeof(String *));
    for (u32 i = 0; rt_config.intern_buckets != NULL && i <= rt_config.intern_mask; i++) {
        String *next;
        for (String *text = rt_config.intern_buckets[i]; text != NULL; text = next) {
            next = text->next;
            String **bucket = &buckets[text->hash & (size - 1)];
            text->next = *bucket;
            *bucket = text;
        }
    }
    raw_free(rt_config.intern_buckets);
    rt_config.intern_buckets = buckets;
    rt_config.intern_mask = size - 1;
}

static String *intern_add(const u8 *bytes, u32 length, u32 hash)
{
    String *text = string_object(length, STRING_INTERNED);
    if (text == NULL)
        return NULL;
    copy_bytes(text->bytes, bytes, length);
    text->hash = hash;
    if (unlikely(rt_config.intern_count > rt_config.intern_mask || rt_config.intern_buckets == NULL))
        intern_grow();
    if (rt_config.intern_buckets == NULL) {
        text->object.kind = 0;
        throw_memory();
        return NULL;
    }
    String **bucket = &rt_config.intern_buckets[hash & rt_config.intern_mask];
    text->next = *bucket;
    *bucket = text;
    rt_config.intern_count++;
    return text;
}

/* Not inlined: nothing of it is worth preparing before the hash is found to be the same. */
[[gnu::noinline]] static bool is_text(const String *text, const u8 *bytes, u32 length)
{
    return text->length == length && bytes_equal(text->bytes, bytes, length);
}

static String *intern(const u8 *bytes, u32 length)
{
    u32 hash = hash_bytes(bytes, length);
    if (likely(rt_config.intern_buckets != NULL)) {
        String *text = rt_config.intern_buckets[hash & rt_config.intern_mask];
        for (; text != NULL; text = text->next) {
            if (text->hash == hash && is_text(text, bytes, length)) {
                text->object.mark = heap.live_mark; /* it may be a dead one that was not swept yet */
                return text;
            }
        }
    }
    return intern_add(bytes, length, hash);
}

void string_forget(String *text)
{
    String **link = &rt_config.intern_buckets[text->hash & rt_config.intern_mask];
    while (*link != text)
        link = &(*link)->next;
    *link = text->next;
    rt_config.intern_count--;
    if (text->length == 1)
        string_singles[text->bytes[0]] = NULL;
}

/* ---- making strings -------------------------------------------------------------------------------------------- */

String *string_singles[256];

static String *intern_single(u8 byte)
{
    String *text = string_singles[byte];
    if (likely(text != NULL)) {
        text->object.mark = heap.live_mark;
        return text;
    }
    return string_singles[byte] = intern(&byte, 1);
}

String *string_new(const void *bytes, u32 length)
{
    if (length == 1)
        return intern_single(*(const u8 *)bytes);
    if (length <= SHORT_STRING)
        return intern(bytes, length);
    String *text = string_blank(length);
    if (text != NULL)
        memcpy(text->bytes, bytes, length);
    return text;
}

String *string_from(const char *text) { return string_new(text, (u32)strlen(text)); }

String *string_blank(u32 length)
{
    rt_assert(length > SHORT_STRING);
    if (length > SIZE_LIMIT - sizeof(String)) {
        throw_memory();
        return NULL;
    }
    return string_object(length, 0);
}

String *string_concat(const String *a, const String *b)
{
    u64 length = (u64)a->length + b->length;
    if (length <= SHORT_STRING) {
        u8 text[SHORT_STRING];
        copy_bytes(text, a->bytes, a->length);
        copy_bytes(text + a->length, b->bytes, b->length);
        return intern(text, (u32)length);
    }
    if (length > SIZE_LIMIT) {
        throw_memory();
        return NULL;
    }
    String *result = string_blank((u32)length);
    if (result == NULL)
        return NULL;
    copy_bytes(result->bytes, a->bytes, a->length);
    copy_bytes(result->bytes + a->length, b->bytes, b->length);
    return result;
}

/* ---- comparing ------------------------------------------------------------------------------------------------- */

[[gnu::noinline]] bool string_equal_slow(const String *a, const String *b)
{
    return a->length == b->length && !(b->object.flags & STRING_INTERNED) && bytes_equal(a->bytes, b->bytes, a->length);
}

i32 string_compare(const String *a, const String *b)
{
    u32 length = a->length < b->length ? a->length : b->length;
    for (u32 i = 0; i < length; i += 8) { /* behind the end there is still the NUL, and the rest of eight bytes */
        u64 x = load_word(a->bytes + i), y = load_word(b->bytes + i), differing = x ^ y;
        if (length - i < 8)
            differing &= ((u64)1 << 8 * (length - i)) - 1;
        if (differing != 0) {
            u32 shift = (u32)__builtin_ctzll(differing) & ~7u;
            return (u8)(x >> shift) < (u8)(y >> shift) ? -1 : 1;
        }
    }
    return a->length == b->length ? 0 : a->length < b->length ? -1 : 1;
}
