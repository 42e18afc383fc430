/* SPDX-License-Identifier: MIT */
/* os.time clock difftime exit (reference manual, 6.9), and the table form of dates. os.date is in lib_os_date.c. */
#include "lib_os.h"

enum { NANOSECONDS = 1000000000, NOON = 12 };

i64 os_now(void)
{
    i64 wall = host_time_wall();
    return wall / NANOSECONDS - (wall % NANOSECONDS < 0);
}

Value lua_os_clock(Closure *, u64, Value, Value, Value)
{
    return one(value_float((f64)host_time_monotonic() / NANOSECONDS));
}

Value lua_os_difftime(Closure *closure, u64 call, Value a0, Value a1, Value)
{
    i64 later, earlier;
    if (!light_integer(closure, call, 0, a0, &later) || !light_integer(closure, call, 1, a1, &earlier))
        return value_nil();
    return one(value_float((f64)later - (f64)earlier));
}

/* Ends the fire. The second argument has no meaning here: everything is closed in any case. */
Value lua_os_exit(Closure *closure, u64 call, Value a0, Value, Value)
{
    i64 code = 0;
    if (a0.tag == TAG_FALSE)
        code = 1;
    else if (a0.tag != TAG_TRUE && !is_nil(a0) && !light_integer(closure, call, 0, a0, &code))
        return value_nil();
    rt_state.exit_code = (i32)code;
    rt_state.pending = PENDING_EXIT;
    return value_nil();
}

/* ---- the table form ---------------------------------------------------------------------------------------------- */

static bool set_field(Value table, const char *name, Value v)
{
    String *key = string_from(name);
    if (key == NULL)
        return false;
    root_push(value_string(key));
    rt_set_index_string(table, key, v, NULL, NULL);
    root_pop(1);
    return !failed();
}

bool os_set_fields(Value table, const Date *date)
{
    return set_field(table, "year", value_integer(date->year)) && set_field(table, "month", value_integer(date->month)) &&
           set_field(table, "day", value_integer(date->day)) && set_field(table, "hour", value_integer(date->hour)) &&
           set_field(table, "min", value_integer(date->minute)) && set_field(table, "sec", value_integer(date->second)) &&
           set_field(table, "yday", value_integer(date->yearday + 1)) &&
           set_field(table, "wday", value_integer(date->weekday + 1)) && set_field(table, "isdst", value_bool(false));
}

static Value get_field(Value table, const char *name)
{
    String *key = string_from(name);
    if (key == NULL)
        return value_nil();
    root_push(value_string(key));
    Value v = rt_index_string(table, key, NULL, NULL);
    root_pop(1);
    return v;
}

/* A field of a date table. `origin` is what C's struct tm counts from: there the value must fit in 32 bits. */
typedef struct Field {
    const char *name;
    i64 otherwise; /* value if it is missing; negative = it may not be */
    i64 origin;
} Field;

static bool read_field(const Args *args, Field field, i64 *out)
{
    Value v = get_field(arg(args, 0), field.name);
    if (failed())
        return false;
    if (is_nil(v) && field.otherwise >= 0) {
        *out = field.otherwise;
        return true;
    }
    if (is_nil(v))
        throw_error(args, "field '%s' missing in date table", field.name);
    else if (!value_to_integer(v, out))
        throw_error(args, "field '%s' is not an integer", field.name);
    else if (*out >= 0 ? *out - field.origin > INT32_MAX : *out < INT32_MIN + field.origin)
        throw_error(args, "field '%s' is out-of-bound", field.name);
    else
        return true;
    return false;
}

/* Years that fit in C's tm_year, which counts from 1900. */
static bool is_year_representable(i64 year) { return year - 1900 >= INT32_MIN && year - 1900 <= INT32_MAX; }

static bool read_date(const Args *args, Date *date)
{
    i64 month, day, hour, minute, second;
    if (!read_field(args, (Field){"year", -1, 1900}, &date->year) || !read_field(args, (Field){"month", -1, 1}, &month) ||
        !read_field(args, (Field){"day", -1, 0}, &day) || !read_field(args, (Field){"hour", NOON, 0}, &hour) ||
        !read_field(args, (Field){"min", 0, 0}, &minute) || !read_field(args, (Field){"sec", 0, 0}, &second))
        return false;
    /* The month may be 2^31, which counts from 1. */
    date->year += (month - 1) / 12;
    date->month = (i32)((month - 1) % 12 + 1);
    date->day = (i32)day;
    date->hour = (i32)hour;
    date->minute = (i32)minute;
    date->second = (i32)second;
    return true;
}

/* The time of a table's fields, which are brought into range. Claimed daylight saving time is an hour earlier. */
static Value time_of_table(const Args *args)
{
    enum { HOUR = 3600 };
    Date date;
    if (!read_date(args, &date))
        return args_fail(args);
    Value saving = get_field(arg(args, 0), "isdst");
    if (failed())
        return args_fail(args);
    i64 seconds = seconds_of(&date) - (is_true(saving) ? HOUR : 0);
    date = date_of(seconds);
    if (!is_year_representable(date.year) || seconds == -1) {
        throw_error(args, "time result cannot be represented in this installation");
        return args_fail(args);
    }
    return os_set_fields(arg(args, 0), &date) ? args_return(args, value_integer(seconds)) : args_fail(args);
}

Value lua_os_time(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (is_nil(a0))
        return one(value_integer(os_now()));
    Args args = args_open(closure, call, a0, a1, a2);
    Table *table;
    return arg_table(&args, 0, &table) ? time_of_table(&args) : args_fail(&args);
}
