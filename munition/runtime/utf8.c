/* SPDX-License-Identifier: MIT */
#include "utf8.h"

enum { UNICODE_LARGEST = 0x10ffff };

u32 utf8_decode(const u8 *at, bool lax, u32 *code)
{
    static const u32 smallest[UTF8_LONGEST + 1] = {0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
    u8 first = at[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    if (first < 0xc0 || first >= 0xfe)
        return 0;
    u32 length = (u32)__builtin_clz(~((u32)first << 24));
    u32 value = first & (0x7fu >> length);
    for (u32 i = 1; i < length; i++) {
        if (!utf8_is_continuation(at[i]))
            return 0;
        value = value << 6 | (at[i] & 0x3f);
    }
    bool valid = value >= smallest[length] && (lax || (value <= UNICODE_LARGEST && (value & ~0x7ffu) != 0xd800));
    *code = value;
    return valid ? length : 0;
}

bool utf8_is_valid(const String *text)
{
    for (u32 at = 0; at < text->length;) {
        u32 code, length = utf8_decode(text->bytes + at, false, &code);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}
