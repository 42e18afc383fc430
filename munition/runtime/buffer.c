/* SPDX-License-Identifier: MIT */
/* Strings under construction, and the text of numbers. */
#include "core.h"
#include "number.h"

static u32 number_text(Value number, char *out)
{
    return is_integer(number) ? number_format_int(number.payload, out) : number_format_g14(float_of(number), out);
}

String *string_from_number(Value number)
{
    char text[NUMBER_TEXT_BUFFER];
    u32 length = number_text(number, text);
    return string_new(text, length);
}

u8 *buffer_reserve_slow(Buffer *buffer, u64 count)
{
    u64 needed = buffer->length + count;
    if (count > SIZE_LIMIT || needed > SIZE_LIMIT - sizeof(String)) {
        throw_at(NULL, "resulting string too large");
        return NULL;
    }
    u64 capacity = (u64)buffer->capacity * 2;
    if (capacity < needed)
        capacity = needed;
    u32 usable = raw_usable(capacity + sizeof(String) + 1);
    String *text = string_blank(usable - (u32)sizeof(String) - 1);
    if (text == NULL)
        return NULL;
    memcpy(text->bytes, buffer->bytes, buffer->length);
    cell_store(buffer->root, value_string(text));
    buffer->bytes = text->bytes;
    buffer->capacity = text->length;
    return buffer->bytes + buffer->length;
}

bool buffer_bytes(Buffer *buffer, const void *bytes, u32 length)
{
    u8 *to = buffer_reserve(buffer, length);
    if (to == NULL)
        return false;
    copy_bytes(to, bytes, length);
    buffer->length += length;
    return true;
}

bool buffer_text(Buffer *buffer, const char *text) { return buffer_bytes(buffer, text, (u32)strlen(text)); }

bool buffer_number(Buffer *buffer, Value number)
{
    u8 *to = buffer_reserve(buffer, NUMBER_TEXT_BUFFER);
    if (to == NULL)
        return false;
    buffer->length += number_text(number, (char *)to);
    return true;
}

/* One conversion of the small format language: what stands after the percent sign. */
static bool buffer_conversion(Buffer *buffer, char conversion, va_list *values)
{
    switch (conversion) {
    case 's':
        return buffer_text(buffer, va_arg(*values, const char *));
    case 'S':
        return buffer_string(buffer, va_arg(*values, const String *));
    case 'd':
        return buffer_number(buffer, value_integer(va_arg(*values, int)));
    case 'I':
        return buffer_number(buffer, value_integer(va_arg(*values, i64)));
    case 'c':
        return buffer_byte(buffer, (u8)va_arg(*values, int));
    default:
        return buffer_byte(buffer, (u8)conversion);
    }
}

bool buffer_format_list(Buffer *buffer, const char *format, va_list *values)
{
    for (const char *at = format; *at != 0; at++) {
        if (*at != '%') {
            if (!buffer_byte(buffer, (u8)*at))
                return false;
        } else if (!buffer_conversion(buffer, *++at, values)) {
            return false;
        }
    }
    return true;
}

bool buffer_format(Buffer *buffer, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    bool done = buffer_format_list(buffer, format, &values);
    va_end(values);
    return done;
}

String *buffer_finish(Buffer *buffer)
{
    rt_assert(rt_state.sp == buffer->root + 1);
    String *text;
    u32 length = buffer->length;
    if (length <= SHORT_STRING || buffer->bytes == buffer->local || length < buffer->capacity - buffer->capacity / 4) {
        text = string_new(buffer->bytes, length);
    } else {
        text = string_of(cell_load(buffer->root));
        text->length = length;
        text->bytes[length] = 0;
    }
    root_pop(1);
    return text;
}
