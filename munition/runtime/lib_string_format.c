/* SPDX-License-Identifier: MIT */
/* string.format. Width and precision have at most two digits, so the size of every item but %s is bounded. */
#include "core.h"
#include "lib_string.h"
#include "number.h"
#include "pattern.h"

enum {
    INTEGER_BUFFER = 256,
    SPEC_TEXT = 32,
    SPEC_LONGEST = 22, /* characters of flags, width, precision and conversion letter */
    ADDRESS_TEXT = 10,
    UNPADDED_LENGTH = 100, /* a string this long is not padded */
};

/* A conversion specification, as written and as read. */
typedef struct Spec {
    NumberSpec number;
    bool has_precision;
    bool bare; /* nothing between % and the letter */
    u8 length; /* between % and the letter */
    const u8 *text; /* behind the percent sign */
} Spec;

typedef struct Format {
    const Args *args;
    Buffer *buffer;
    u32 index; /* of the argument being formatted, from 0 */
} Format;

/* ---- specifications ---------------------------------------------------------------------------------------------- */

static inline u8 flag_of(u8 c)
{
    switch (c) {
    case '-':
        return NUMBER_LEFT;
    case '+':
        return NUMBER_PLUS;
    case ' ':
        return NUMBER_SPACE;
    case '#':
        return NUMBER_ALTERNATE;
    case '0':
        return NUMBER_ZERO;
    default:
        return 0;
    }
}

static inline bool is_digit(u8 c) { return (u8)(c - '0') < 10; }

static inline bool is_alpha(u8 c) { return (u8)((c | 0x20) - 'a') < 26; }

static inline bool belongs_to_spec(u8 c) { return is_digit(c) || c == '.' || flag_of(c) != 0; }

/* Finds the end of the specification behind the percent sign at `at`. Returns what follows it; NULL = failed. */
static const u8 *measure_spec(const Format *format, const u8 *at, Spec *spec)
{
    u32 length = 0;
    while (belongs_to_spec(at[length]))
        length++;
    if (length + 1 >= SPEC_LONGEST) {
        throw_error(format->args, "invalid format (too long)");
        return NULL;
    }
    *spec = (Spec){.number = {.conversion = at[length]}, .bare = length == 0, .length = (u8)length, .text = at};
    return at + length + 1;
}

/* An error that shows the specification, which `format` has a %s for. */
[[gnu::noinline]] static bool throw_spec(const Format *format, const Spec *spec, const char *message)
{
    char text[SPEC_TEXT];
    u32 length = spec->length + 1u;
    text[0] = '%';
    memcpy(text + 1, spec->text, length);
    text[length + 1] = 0;
    throw_error(format->args, message, text);
    return false;
}

/* At most two digits. */
static inline const u8 *two_digits(const u8 *at, u8 *number)
{
    if (is_digit(*at))
        *number = *at++ - '0';
    if (is_digit(*at))
        *number = (u8)(*number * 10 + (*at++ - '0'));
    return at;
}

/* Reads flags (of those allowed), width and precision; anything else is an error. What is read ends at the letter. */
static inline bool read_spec(const Format *format, Spec *spec, u8 allowed, bool precision_allowed)
{
    const u8 *at = spec->text;
    u8 width = 0, precision = 0;
    spec->number.flags = 0;
    spec->number.precision = -1;
    spec->has_precision = false;
    for (u8 flag; (flag = flag_of(*at)) != 0 && (flag & allowed) != 0; at++)
        spec->number.flags |= flag;
    if (*at != '0') {
        at = two_digits(at, &width);
        if (*at == '.' && precision_allowed) {
            at = two_digits(at + 1, &precision);
            spec->has_precision = true;
            spec->number.precision = (i8)precision;
        }
    }
    spec->number.width = width;
    return is_alpha(*at) || throw_spec(format, spec, "invalid conversion specification: '%s'");
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

enum {
    NUMBER_ROOM = 40, /* characters of an integer in any base, or a float below 10^15, besides its precision */
};

/* Functions of their own, so that the scratch space is not on the C stack while anything else runs. */
[[gnu::noinline]] static bool append_integer_slow(Buffer *buffer, i64 value, NumberSpec spec)
{
    char text[INTEGER_BUFFER];
    return buffer_bytes(buffer, text, number_format_integer(value, spec, text));
}

[[gnu::noinline]] static bool append_float_slow(Buffer *buffer, f64 value, NumberSpec spec)
{
    char text[NUMBER_BUFFER];
    return buffer_bytes(buffer, text, number_format_float(value, spec, text));
}

/* Whether the buffer has room for a number of usual size as it is. */
static inline bool has_room(const Buffer *buffer, NumberSpec spec)
{
    u32 room = NUMBER_ROOM + spec.width + (spec.precision < 0 ? 6 : (u32)spec.precision);
    return room <= buffer->capacity - buffer->length;
}

static bool append_integer(Buffer *buffer, i64 value, NumberSpec spec)
{
    if (!has_room(buffer, spec))
        return append_integer_slow(buffer, value, spec);
    buffer->length += number_format_integer(value, spec, (char *)buffer->bytes + buffer->length);
    return true;
}

static bool append_float(Buffer *buffer, f64 value, NumberSpec spec)
{
    if (!has_room(buffer, spec) || !(value < 1e15 && value > -1e15))
        return append_float_slow(buffer, value, spec);
    buffer->length += number_format_float(value, spec, (char *)buffer->bytes + buffer->length);
    return true;
}

static bool format_integer(const Format *format, Spec *spec, u8 allowed)
{
    i64 value;
    if (!arg_integer(format->args, format->index, &value))
        return false;
    char conversion = (char)spec->number.conversion;
    if (spec->bare && (conversion == 'd' || conversion == 'i'))
        return buffer_number(format->buffer, value_integer(value));
    return read_spec(format, spec, allowed, true) && append_integer(format->buffer, value, spec->number);
}

static bool format_float(const Format *format, Spec *spec)
{
    const u8 all = NUMBER_LEFT | NUMBER_PLUS | NUMBER_ALTERNATE | NUMBER_ZERO | NUMBER_SPACE;
    f64 value;
    bool hexadecimal = (spec->number.conversion | 0x20) == 'a';
    if (hexadecimal && !read_spec(format, spec, all, true))
        return false;
    if (!arg_number(format->args, format->index, &value))
        return false;
    if (!hexadecimal && !read_spec(format, spec, all, true))
        return false;
    return append_float(format->buffer, value, spec->number);
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

static bool append_padded(Buffer *buffer, const u8 *bytes, u32 length, NumberSpec spec)
{
    u32 padding = length < spec.width ? spec.width - length : 0;
    u8 *to = buffer_reserve(buffer, (u64)length + padding);
    if (to == NULL)
        return false;
    bool left = (spec.flags & NUMBER_LEFT) != 0;
    memset(to + (left ? length : 0), ' ', padding);
    memcpy(to + (left ? 0 : padding), bytes, length);
    buffer->length += length + padding;
    return true;
}

static bool format_character(const Format *format, Spec *spec)
{
    i64 code;
    if (!read_spec(format, spec, NUMBER_LEFT, false) || !arg_integer(format->args, format->index, &code))
        return false;
    u8 byte = (u8)code;
    return append_padded(format->buffer, &byte, 1, spec->number);
}

static bool format_string(const Format *format, Spec *spec)
{
    Value v = arg(format->args, format->index);
    if (spec->bare && is_number(v))
        return buffer_number(format->buffer, v);
    String *text = value_to_string(v);
    if (text == NULL)
        return false;
    cell_store(&format->args->at[format->index], value_string(text)); /* a root: the argument is not needed any more */
    if (spec->bare)
        return buffer_string(format->buffer, text);
    if (find_byte(text->bytes, text->bytes + text->length, 0) != NULL) {
        throw_argument(format->args, format->index, "string contains zeros");
        return false;
    }
    if (!read_spec(format, spec, NUMBER_LEFT, true))
        return false;
    if (!spec->has_precision && text->length >= UNPADDED_LENGTH)
        return buffer_string(format->buffer, text);
    u32 length = text->length;
    if (spec->has_precision && (u32)spec->number.precision < length)
        length = (u32)spec->number.precision;
    return append_padded(format->buffer, text->bytes, length, spec->number);
}

/* The address of an object, as tostring shows it. */
static bool format_pointer(const Format *format, Spec *spec)
{
    Value v = arg(format->args, format->index);
    if (!read_spec(format, spec, NUMBER_LEFT, false))
        return false;
    if (!is_collectable(v.tag))
        return append_padded(format->buffer, (const u8 *)"(null)", 6, spec->number);
    u8 text[ADDRESS_TEXT] = "0x";
    for (u32 i = 2; i < ADDRESS_TEXT; i++)
        text[i] = (u8)"0123456789abcdef"[(u32)v.payload >> 4 * (ADDRESS_TEXT - 1 - i) & 15];
    return append_padded(format->buffer, text, ADDRESS_TEXT, spec->number);
}

/* ---- literals ---------------------------------------------------------------------------------------------------- */

static bool is_control(u8 c) { return c < 0x20 || c == 0x7f; }

/* A decimal escape, with three digits if another digit follows. */
static bool append_escape(Buffer *buffer, u8 byte, u8 next)
{
    char text[4] = {'\\', (char)('0' + byte / 100), (char)('0' + byte / 10 % 10), (char)('0' + byte % 10)};
    u32 skipped = is_digit(next) || byte >= 100 ? 0 : byte >= 10 ? 1 : 2;
    return buffer_byte(buffer, '\\') && buffer_bytes(buffer, text + 1 + skipped, 3 - skipped);
}

static bool append_quoted(Buffer *buffer, const String *text)
{
    if (!buffer_byte(buffer, '"'))
        return false;
    u32 plain = 0; /* start of the bytes not yet copied */
    for (u32 i = 0; i < text->length; i++) {
        u8 c = text->bytes[i];
        bool quoted = c == '"' || c == '\\' || c == '\n';
        if (!quoted && !is_control(c))
            continue;
        if (!buffer_bytes(buffer, text->bytes + plain, i - plain))
            return false;
        plain = quoted ? i : i + 1; /* a quoted byte stays behind its backslash */
        if (!(quoted ? buffer_byte(buffer, '\\') : append_escape(buffer, c, text->bytes[i + 1])))
            return false;
    }
    return buffer_bytes(buffer, text->bytes + plain, text->length - plain) && buffer_byte(buffer, '"');
}

static bool append_float_literal(Buffer *buffer, f64 value)
{
    if (value != value)
        return buffer_text(buffer, "(0/0)");
    if (__builtin_isinf(value))
        return buffer_text(buffer, value > 0 ? "1e9999" : "-1e9999");
    return append_float(buffer, value, (NumberSpec){.conversion = 'a', .precision = -1});
}

static bool format_literal(const Format *format, const Spec *spec)
{
    if (!spec->bare) {
        throw_error(format->args, "specifier '%%q' cannot have modifiers");
        return false;
    }
    Value v = arg(format->args, format->index);
    switch (v.tag) {
    case TAG_STRING:
        return append_quoted(format->buffer, string_of(v));
    case TAG_INTEGER:
        if (v.payload == INT64_MIN)
            return buffer_text(format->buffer, "0x8000000000000000");
        return buffer_number(format->buffer, v);
    case TAG_FLOAT:
        return append_float_literal(format->buffer, float_of(v));
    case TAG_NIL:
        return buffer_text(format->buffer, "nil");
    case TAG_FALSE:
    case TAG_TRUE:
        return buffer_text(format->buffer, v.tag == TAG_TRUE ? "true" : "false");
    default:
        throw_argument(format->args, format->index, "value has no literal form");
        return false;
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static bool format_item(const Format *format, Spec *spec)
{
    switch (spec->number.conversion) {
    case 'd':
    case 'i':
        return format_integer(format, spec, NUMBER_LEFT | NUMBER_PLUS | NUMBER_ZERO | NUMBER_SPACE);
    case 'u':
        return format_integer(format, spec, NUMBER_LEFT | NUMBER_ZERO);
    case 'o':
    case 'x':
    case 'X':
        return format_integer(format, spec, NUMBER_LEFT | NUMBER_ALTERNATE | NUMBER_ZERO);
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
        return format_float(format, spec);
    case 'c':
        return format_character(format, spec);
    case 's':
        return format_string(format, spec);
    case 'q':
        return format_literal(format, spec);
    case 'p':
        return format_pointer(format, spec);
    default:
        return throw_spec(format, spec, "invalid conversion '%s' to 'format'");
    }
}

/* The conversion at `at` (behind the percent sign): what follows it, NULL = failed. */
static const u8 *format_conversion(const Format *format, const u8 *at)
{
    Spec spec;
    at = measure_spec(format, at, &spec);
    return at != NULL && format_item(format, &spec) ? at : NULL;
}

static inline bool append(Buffer *buffer, const u8 *bytes, u32 length)
{
    if (unlikely(length > buffer->capacity - buffer->length))
        return buffer_bytes(buffer, bytes, length);
    copy_bytes(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    return true;
}

/* Everything up to and with the next conversion; the new position, NULL = failed. */
static const u8 *format_next(Format *format, const u8 *at, const u8 *end)
{
    const u8 *percent = at;
    while (percent < end && *percent != '%')
        percent++;
    if (percent > at && !append(format->buffer, at, (u32)(percent - at)))
        return NULL;
    if (percent == end)
        return end;
    u8 letter = percent[1];
    if (letter == '%')
        return buffer_byte(format->buffer, '%') ? percent + 2 : NULL;
    u32 index = ++format->index;
    if (arg_absent(format->args, index)) {
        throw_argument(format->args, index, "no value");
        return NULL;
    }
    Value v = cell_load(format->args->at + index);
    if (letter == 's' && is_string(v) && is_nil(metamethod(v, META_TOSTRING))) /* the two most frequent ones */
        return append(format->buffer, string_of(v)->bytes, string_of(v)->length) ? percent + 2 : NULL;
    if (letter == 'd' && is_integer(v))
        return buffer_number(format->buffer, v) ? percent + 2 : NULL;
    return format_conversion(format, percent + 1);
}

Value lua_string_format(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *template;
    if (!arg_string(&args, 0, &template))
        return args_fail(&args);
    Buffer buffer;
    buffer_open(&buffer);
    Format format = {&args, &buffer, 0};
    const u8 *at = template->bytes, *end = at + template->length;
    while (at < end)
        if ((at = format_next(&format, at, end)) == NULL)
            return args_fail(&args);
    String *text = buffer_finish(&buffer);
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}
