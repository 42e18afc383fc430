/* SPDX-License-Identifier: MIT */
/* Reading by formats (reference manual, 6.8, file:read): "n", "l", "L", "a" and numbers of bytes. */
#include "lib_io.h"
#include "number.h"

enum { CHUNK = 1 << 20, NUMERAL_MAX = 200, END = -1 };

/* One call of read: `code` becomes the host's error number when reading fails. */
typedef struct Reading {
    Reader *reader;
    u32 code;
} Reading;

/* Bytes that are there after reading ahead if necessary; 0 at the end of the file, or when reading failed. */
static u32 available(Reading *reading)
{
    Reader *reader = reading->reader;
    if (reader->start < reader->end)
        return reader->end - reader->start;
    i32 count = host_file_read(reader->handle, reader->bytes, READER_ROOM);
    if (count < 0)
        reading->code = (u32)-count;
    reader->start = 0;
    reader->end = count < 0 ? 0 : (u32)count;
    return reader->end;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static u32 find_newline(const u8 *bytes, u32 length)
{
    const u64 ones = 0x0101010101010101, tops = ones << 7;
    u32 at = 0;
    for (; at + 8 <= length; at += 8) { /* eight bytes at a time: a byte that becomes 0 borrows from its top bit */
        u64 word;
        __builtin_memcpy(&word, bytes + at, 8);
        word ^= ones * '\n';
        u64 hits = (word - ones) & ~word & tops;
        if (hits != 0)
            return at + ((u32)__builtin_ctzll(hits) >> 3);
    }
    while (at < length && bytes[at] != '\n')
        at++;
    return at;
}

/* The next piece of a line; *done when it ends there. */
static const u8 *line_piece(Reader *reader, bool keep, u32 *length, bool *done)
{
    const u8 *from = reader->bytes + reader->start;
    u32 there = reader->end - reader->start;
    u32 found = find_newline(from, there);
    *done = found < there;
    *length = *done && keep ? found + 1 : found;
    reader->start += *done ? found + 1 : found;
    return from;
}

static bool read_line(Reading *reading, bool keep, Value *out)
{
    *out = value_nil();
    if (available(reading) == 0)
        return true;
    u32 length;
    bool done;
    const u8 *from = line_piece(reading->reader, keep, &length, &done);
    String *line;
    if (done) {
        line = string_new(from, length);
    } else {
        Buffer buffer;
        buffer_open(&buffer);
        bool added = buffer_bytes(&buffer, from, length);
        while (added && !done && available(reading) > 0) {
            from = line_piece(reading->reader, keep, &length, &done);
            added = buffer_bytes(&buffer, from, length);
        }
        line = added ? buffer_finish(&buffer) : NULL;
        if (!added)
            buffer_drop(&buffer);
    }
    if (line != NULL)
        *out = value_string(line);
    return line != NULL;
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

static bool take_buffered(Reader *reader, Buffer *buffer, u32 most)
{
    u32 there = reader->end - reader->start;
    u32 count = there < most ? there : most;
    if (!buffer_bytes(buffer, reader->bytes + reader->start, count))
        return false;
    reader->start += count;
    return true;
}

/* How far the end of the file is; 0 if that cannot be known. */
static u64 distance_to_end(const Reader *reader)
{
    enum { FROM_START, FROM_HERE, FROM_END };
    i64 here = host_file_seek(reader->handle, 0, FROM_HERE);
    i64 end = host_file_seek(reader->handle, 0, FROM_END);
    if (here < 0 || end <= here)
        return 0;
    host_file_seek(reader->handle, here, FROM_START);
    return (u64)(end - here);
}

/* Append `length` bytes past what was read ahead, in one piece of memory. */
static bool take_directly(Reading *reading, Buffer *buffer, u32 length)
{
    u8 *to = buffer_reserve(buffer, length);
    if (to == NULL)
        return false;
    while (length > 0) {
        i32 count = host_file_read(reading->reader->handle, to, length < CHUNK ? length : CHUNK);
        if (count < 0)
            reading->code = (u32)-count;
        if (count <= 0)
            return true;
        buffer->length += (u32)count;
        to += count;
        length -= (u32)count;
    }
    return true;
}

/* Append up to `most` bytes. Room is made for what the file has, not for what was asked for. */
static bool take_bytes(Reading *reading, Buffer *buffer, u32 most)
{
    for (u32 pieces = 0; buffer->length < most && available(reading) > 0; pieces++) {
        if (!take_buffered(reading->reader, buffer, most - buffer->length))
            return false;
        u32 missing = most - buffer->length;
        u64 left = pieces == 1 && missing > READER_ROOM ? distance_to_end(reading->reader) : 0;
        if (left > 0 && !take_directly(reading, buffer, left < missing ? (u32)left : missing))
            return false;
    }
    return true;
}

/* `most` bytes or what there is; nil for nothing, unless `empty` says that this is a result. */
static bool read_bytes(Reading *reading, u32 most, bool empty, Value *out)
{
    Buffer buffer;
    buffer_open(&buffer);
    String *text = take_bytes(reading, &buffer, most) ? buffer_finish(&buffer) : NULL;
    if (text == NULL) {
        buffer_drop(&buffer);
        return false;
    }
    *out = text->length > 0 || empty ? value_string(text) : value_nil();
    return true;
}

static bool read_count(Reading *reading, i64 count, Value *out)
{
    if (count < 0 || count > SIZE_LIMIT) {
        throw_memory();
        return false;
    }
    if (count > 0)
        return read_bytes(reading, (u32)count, false, out);
    String *text = string_new("", 0);
    if (text == NULL)
        return false;
    *out = available(reading) > 0 ? value_string(text) : value_nil();
    return true;
}

/* ---- numerals ---------------------------------------------------------------------------------------------------- */

/* The longest prefix of the input that may begin a numeral. */
typedef struct Numeral {
    Reading *reading;
    u32 length;
    bool too_long;
    u8 text[NUMERAL_MAX];
} Numeral;

static i32 peek(Reading *reading)
{
    return available(reading) > 0 ? reading->reader->bytes[reading->reader->start] : END;
}

static void take(Numeral *numeral, u8 byte)
{
    if (numeral->length == NUMERAL_MAX) {
        numeral->too_long = true;
        return;
    }
    numeral->text[numeral->length++] = byte;
    numeral->reading->reader->start++;
}

static bool accept(Numeral *numeral, char a, char b)
{
    i32 byte = peek(numeral->reading);
    if (byte == END || numeral->too_long || (byte != a && byte != b))
        return false;
    take(numeral, (u8)byte);
    return !numeral->too_long;
}

static bool is_digit(i32 byte, bool hexadecimal)
{
    i32 lower = byte | 0x20;
    return (byte >= '0' && byte <= '9') || (hexadecimal && lower >= 'a' && lower <= 'f');
}

static u32 accept_digits(Numeral *numeral, bool hexadecimal)
{
    u32 count = 0;
    for (i32 byte; !numeral->too_long && (byte = peek(numeral->reading)) != END && is_digit(byte, hexadecimal); count++)
        take(numeral, (u8)byte);
    return count;
}

static void scan_numeral(Numeral *numeral)
{
    u32 digits = 0;
    bool hexadecimal = false;
    accept(numeral, '-', '+');
    if (accept(numeral, '0', '0')) {
        hexadecimal = accept(numeral, 'x', 'X');
        digits = !hexadecimal;
    }
    digits += accept_digits(numeral, hexadecimal);
    if (accept(numeral, '.', '.'))
        digits += accept_digits(numeral, hexadecimal);
    if (digits > 0 && (hexadecimal ? accept(numeral, 'p', 'P') : accept(numeral, 'e', 'E'))) {
        accept(numeral, '-', '+');
        accept_digits(numeral, false);
    }
}

static void read_number(Reading *reading, Value *out)
{
    for (i32 byte; (byte = peek(reading)) == ' ' || (byte >= '\t' && byte <= '\r');)
        reading->reader->start++;
    Numeral numeral;
    numeral.reading = reading;
    numeral.length = 0;
    numeral.too_long = false;
    scan_numeral(&numeral);
    if (numeral.too_long || !number_parse(numeral.text, numeral.length, out))
        *out = value_nil();
}

/* ---- formats ----------------------------------------------------------------------------------------------------- */

/* The letter of a format, with or without the asterisk of older versions; 0 = none. */
static u8 format_letter(const String *format)
{
    return format->length > 0 && format->bytes[0] == '*' ? format->bytes[1] : format->bytes[0];
}

static bool read_format(const Args *args, Reading *reading, Value format, u32 index, Value *out)
{
    if (is_number(format)) {
        i64 count;
        if (value_to_integer(format, &count))
            return read_count(reading, count, out);
        throw_argument(args, index, "number has no integer representation");
        return false;
    }
    if (!is_string(format)) {
        throw_argument_type(args, index, "string");
        return false;
    }
    switch (format_letter(string_of(format))) {
    case 'n':
        read_number(reading, out);
        return true;
    case 'l':
        return read_line(reading, false, out);
    case 'L':
        return read_line(reading, true, out);
    case 'a':
        return read_bytes(reading, SIZE_LIMIT, true, out);
    default:
        throw_argument(args, index, "invalid format");
        return false;
    }
}

bool io_read_formats(const Args *args, Reader *reader, u32 index, Cell **first, u32 *code)
{
    Reading reading = {reader, 0};
    Value v;
    *first = rt_state.sp;
    if (!stack_reserve(args->count + 1))
        return false;
    if (args->count <= index) {
        if (!read_line(&reading, false, &v))
            return false;
        root_push(v);
    }
    for (u32 i = index; i < args->count; i++) {
        if (!read_format(args, &reading, arg(args, i), i, &v))
            return false;
        root_push(v);
        if (is_nil(v))
            break;
    }
    *code = reading.code;
    return true;
}
