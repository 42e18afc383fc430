/* SPDX-License-Identifier: MIT */
/* os.date: the conversions of C's strftime in the C locale, and the table form. UTC is the only time zone. */
#include "lib_os.h"
#include "number.h"
#include "pattern.h"

enum { NAME_LONGEST = 10, YEAR_LIMIT_LOW = INT32_MIN, YEAR_LIMIT_HIGH = INT32_MAX };

typedef struct Writer {
    const Args *args;
    Buffer *buffer;
    const Date *date;
    bool universal; /* the format starts with ! */
} Writer;

static const char DAYS[7][NAME_LONGEST] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char MONTHS[12][NAME_LONGEST] = {"January", "February", "March",     "April",   "May",      "June",
                                              "July",    "August",   "September", "October", "November", "December"};

/* A number of at least `width` digits. */
static bool write_number(Writer *writer, i64 number, u8 width, u8 flags)
{
    char text[NUMBER_TEXT_BUFFER];
    NumberSpec spec = {.conversion = 'd', .flags = flags, .width = width, .precision = -1};
    return buffer_bytes(writer->buffer, text, number_format_integer(number, spec, text));
}

static bool write_two(Writer *writer, i64 number) { return write_number(writer, number, 2, NUMBER_ZERO); }

static bool write_name(Writer *writer, const char *name, bool full)
{
    return full ? buffer_text(writer->buffer, name) : buffer_bytes(writer->buffer, name, 3);
}

static i64 century_of(i64 year) { return year / 100 - (year % 100 < 0); }

static i64 year_in_century(i64 year) { return year - century_of(year) * 100; }

static i32 hour_of_twelve(const Date *date) { return (date->hour + 11) % 12 + 1; }

/* What a conversion stands for, if it is put together from others. */
static const char *expansion(u8 conversion)
{
    switch (conversion) {
    case 'c':
        return "a b e T Y";
    case 'D':
    case 'x':
        return "m/d/y";
    case 'F':
        return "Y-m-d";
    case 'R':
        return "H:M";
    case 'r':
        return "I:M:S p";
    case 'T':
    case 'X':
        return "H:M:S";
    default:
        return NULL;
    }
}

static bool write_week(Writer *writer, u8 conversion)
{
    const Date *date = writer->date;
    i64 year;
    i32 week = iso_week(date, &year);
    switch (conversion) {
    case 'U':
        return write_two(writer, (date->yearday + 7 - date->weekday) / 7);
    case 'W':
        return write_two(writer, (date->yearday + 7 - (date->weekday + 6) % 7) / 7);
    case 'V':
        return write_two(writer, week);
    case 'g':
        return write_two(writer, year_in_century(year));
    default:
        return write_number(writer, year, 0, 0);
    }
}

/* A conversion that stands for one item. */
static bool write_item(Writer *writer, u8 conversion)
{
    const Date *date = writer->date;
    switch (conversion) {
    case 'a':
    case 'A':
        return write_name(writer, DAYS[date->weekday], conversion == 'A');
    case 'b':
    case 'B':
    case 'h':
        return write_name(writer, MONTHS[date->month - 1], conversion == 'B');
    case 'C':
        return write_two(writer, century_of(date->year));
    case 'd':
        return write_two(writer, date->day);
    case 'e':
        return write_number(writer, date->day, 2, 0);
    case 'H':
        return write_two(writer, date->hour);
    case 'I':
        return write_two(writer, hour_of_twelve(date));
    case 'j':
        return write_number(writer, date->yearday + 1, 3, NUMBER_ZERO);
    case 'm':
        return write_two(writer, date->month);
    case 'M':
        return write_two(writer, date->minute);
    case 'n':
        return buffer_byte(writer->buffer, '\n');
    case 'p':
        return buffer_text(writer->buffer, date->hour < 12 ? "AM" : "PM");
    case 'S':
        return write_two(writer, date->second);
    case 't':
        return buffer_byte(writer->buffer, '\t');
    case 'u':
        return write_number(writer, (date->weekday + 6) % 7 + 1, 0, 0);
    case 'w':
        return write_number(writer, date->weekday, 0, 0);
    case 'y':
        return write_two(writer, year_in_century(date->year));
    case 'Y':
        return write_number(writer, date->year, 0, 0);
    case 'z':
        return buffer_text(writer->buffer, "+0000");
    case 'Z':
        return buffer_text(writer->buffer, writer->universal ? "GMT" : "UTC");
    case '%':
        return buffer_byte(writer->buffer, '%');
    default:
        return write_week(writer, conversion);
    }
}

/* In an expansion every letter is a conversion; it nests once (%c has %T in it). */
static bool write_conversion(Writer *writer, u8 conversion)
{
    const char *parts = expansion(conversion);
    if (parts == NULL)
        return write_item(writer, conversion);
    for (; *parts != 0; parts++) {
        bool letter = (u8)((*parts | 0x20) - 'a') < 26;
        if (!(letter ? write_conversion(writer, (u8)*parts) : buffer_byte(writer->buffer, (u8)*parts)))
            return false;
    }
    return true;
}

static bool is_among(u8 c, const char *letters)
{
    for (; *letters != 0; letters++)
        if ((u8)*letters == c)
            return true;
    return false;
}

/* Characters of the conversion specifier at `at` (behind the percent sign); 0 = invalid. */
static u32 specifier_length(const u8 *at)
{
    if (is_among(at[0], "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"))
        return 1;
    bool modified = (at[0] == 'E' && is_among(at[1], "cCxXyY")) || (at[0] == 'O' && is_among(at[1], "deHImMSuUVwWy"));
    return modified ? 2 : 0;
}

static void throw_specifier(const Args *args, const u8 *at, const u8 *end)
{
    Buffer buffer;
    buffer_open(&buffer);
    u32 length = end - at < 1 ? 0 : (at[0] == 'E' || at[0] == 'O') && end - at > 1 ? 2 : 1;
    bool made = buffer_text(&buffer, "invalid conversion specifier '%") && buffer_bytes(&buffer, at, length) &&
                buffer_byte(&buffer, '\'');
    String *message = made ? buffer_finish(&buffer) : NULL;
    if (message == NULL)
        return;
    root_push(value_string(message));
    throw_argument(args, 0, (const char *)message->bytes);
}

static bool write_date(Writer *writer, const u8 *at, const u8 *end)
{
    const u8 *percent;
    while ((percent = find_byte(at, end, '%')) != NULL) {
        u32 length = percent + 1 < end ? specifier_length(percent + 1) : 0;
        if (length == 0) {
            throw_specifier(writer->args, percent + 1, end);
            return false;
        }
        if (!buffer_bytes(writer->buffer, at, (u32)(percent - at)) || !write_conversion(writer, percent[length]))
            return false;
        at = percent + 1 + length;
    }
    return buffer_bytes(writer->buffer, at, (u32)(end - at));
}

static Value date_table(const Args *args, const Date *date)
{
    Table *table = table_new(0, 9);
    if (table == NULL)
        return args_fail(args);
    root_push(value_table(table));
    return os_set_fields(value_table(table), date) ? args_return(args, value_table(table)) : args_fail(args);
}

static Value date_text(const Args *args, const Date *date, const u8 *format, const u8 *end, bool universal)
{
    Buffer buffer;
    buffer_open(&buffer);
    Writer writer = {args, &buffer, date, universal};
    if (!write_date(&writer, format, end))
        return args_fail(args);
    String *text = buffer_finish(&buffer);
    return text == NULL ? args_fail(args) : args_return(args, value_string(text));
}

/* The format, "%c" by default, and the time, now by default. */
static bool date_arguments(const Args *args, const u8 **format, const u8 **end, i64 *seconds)
{
    static const char standard[] = "%c";
    String *text = NULL;
    if (!arg_opt_string(args, 0, &text))
        return false;
    *format = text == NULL ? (const u8 *)standard : text->bytes;
    *end = *format + (text == NULL ? sizeof standard - 1 : text->length);
    if (!is_nil(arg(args, 1)))
        return arg_integer(args, 1, seconds);
    *seconds = os_now();
    return true;
}

Value lua_os_date(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    const u8 *format, *end;
    i64 seconds;
    if (!date_arguments(&args, &format, &end, &seconds))
        return args_fail(&args);
    bool universal = *format == '!';
    format += universal;
    Date date = date_of(seconds);
    if (date.year - 1900 < YEAR_LIMIT_LOW || date.year - 1900 > YEAR_LIMIT_HIGH) {
        throw_error(&args, "date result cannot be represented in this installation");
        return args_fail(&args);
    }
    if (end - format == 2 && format[0] == '*' && format[1] == 't')
        return date_table(&args, &date);
    return date_text(&args, &date, format, end, universal);
}
