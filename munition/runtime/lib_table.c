/* SPDX-License-Identifier: MIT */
/* table.insert remove move concat pack unpack (reference manual, 6.6). sort is in lib_table_sort.c.
 *
 * Tables without a metatable take the direct ways; everything else goes through the operations with metamethods, one
 * element at a time, as the manual describes. */
#include "lib_table.h"

#include "core.h"
#include "lib_string.h"
#include "number.h"

enum { CONCAT_LIMIT = 0x7fffffff };

/* ---- sequences --------------------------------------------------------------------------------------------------- */

/* Is argument `index` a table, or something that behaves like one as far as `needs` goes? */
static bool acts_as_table(const Args *args, u32 index, u32 needs)
{
    Value v = arg(args, index);
    if (is_table(v))
        return true;
    bool acts = metatable_of(v) != NULL && ((needs & NEEDS_READ) == 0 || !is_nil(metamethod(v, META_INDEX))) &&
                ((needs & NEEDS_WRITE) == 0 || !is_nil(metamethod(v, META_NEWINDEX))) &&
                ((needs & NEEDS_LENGTH) == 0 || !is_nil(metamethod(v, META_LEN)));
    if (!acts)
        throw_argument_type(args, index, "table");
    return acts;
}

static bool length_of(const Args *args, Value v, i64 *length)
{
    if (is_table(v) && table_of(v)->metatable == NULL) {
        *length = table_length(table_of(v));
        return true;
    }
    Value result = rt_length(v, NULL);
    if (failed())
        return false;
    if (value_to_integer(result, length))
        return true;
    throw_error(args, "object length is not an integer");
    return false;
}

bool sequence_open(const Args *args, u32 needs, i64 *length)
{
    return acts_as_table(args, 0, needs | NEEDS_LENGTH) && length_of(args, arg(args, 0), length);
}

Value sequence_get(Value object, i64 index)
{
    if (likely(is_table(object) && table_of(object)->metatable == NULL))
        return table_get_integer(table_of(object), index);
    return rt_index(object, value_integer(index), NULL);
}

bool sequence_set(Value object, i64 index, Value v)
{
    if (likely(is_table(object) && table_of(object)->metatable == NULL))
        return table_set_integer(table_of(object), index, v);
    rt_set_index(object, value_integer(index), v, NULL);
    return !failed();
}

static bool is_plain(Value v) { return is_table(v) && table_of(v)->metatable == NULL; }

/* Copy object[from] to object2[to]; the value is rooted while it is nowhere else. */
static bool copy_element(Value source, i64 from, Value target, i64 to)
{
    Value v = sequence_get(source, from);
    if (failed())
        return false;
    root_push(v);
    bool done = sequence_set(target, to, v);
    root_pop(1);
    return done;
}

/* ---- insert ------------------------------------------------------------------------------------------------------ */

/* Moves the elements from `position` on up by one; true also when there are none. */
static bool open_gap(Value object, i64 position, i64 length)
{
    if (is_plain(object) && position <= length) {
        Table *table = table_of(object);
        if (!table_set_integer(table, length + 1, cell_load(&table->array[length - 1])))
            return false;
        if (likely(table->array_length > length)) {
            Cell *gap = table->array + position - 1;
            memmove(gap + 1, gap, (size_t)(length - position) * sizeof(Cell));
            return true;
        }
    }
    for (i64 i = length + 1; i > position; i--)
        if (!copy_element(object, i - 1, object, i))
            return false;
    return true;
}

[[gnu::noinline]] static Value insert_slow(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    const Args row = args_open(closure, call, a0, a1, a2), *args = &row;
    i64 length, position;
    if (!sequence_open(args, NEEDS_READ | NEEDS_WRITE, &length))
        return args_fail(args);
    i64 end = (i64)((u64)length + 1);
    Value object = arg(args, 0);
    if (args->count == 2)
        return sequence_set(object, end, arg(args, 1)) ? args_none(args) : args_fail(args);
    if (args->count != 3) {
        throw_error(args, "wrong number of arguments to 'insert'");
        return args_fail(args);
    }
    if (!arg_integer(args, 1, &position))
        return args_fail(args);
    if ((u64)position - 1 >= (u64)end) {
        throw_argument(args, 1, "position out of bounds");
        return args_fail(args);
    }
    if (!open_gap(object, position, length) || !sequence_set(object, position, arg(args, 2)))
        return args_fail(args);
    return args_none(args);
}

Value lua_table_insert(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (likely((u32)call == 2 && is_plain(a0))) {
        Table *table = table_of(a0);
        u32 length = table->array_length;
        if (likely(length < table->array_capacity && table->entry_count == 0 && !is_nil(a1))) {
            cell_store(&table->array[length], a1);
            table->array_length = length + 1;
            return none();
        }
        return table_set_integer(table, (i64)length + 1, a1) ? none() : value_nil();
    }
    return insert_slow(closure, call, a0, a1, a2);
}

/* ---- remove ------------------------------------------------------------------------------------------------------ */

/* Moves the elements behind `position` down by one and clears the last. */
static bool close_gap(Value object, i64 position, i64 length)
{
    for (; position < length; position++)
        if (!copy_element(object, position + 1, object, position))
            return false;
    return sequence_set(object, position, value_nil());
}

[[gnu::noinline]] static Value remove_slow(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    const Args row = args_open(closure, call, a0, a1, a2), *args = &row;
    i64 length;
    if (!sequence_open(args, NEEDS_READ | NEEDS_WRITE, &length))
        return args_fail(args);
    i64 position = length;
    if (!arg_opt_integer(args, 1, &position))
        return args_fail(args);
    if (position != length && (u64)position - 1 > (u64)length) {
        throw_argument(args, 1, "position out of bounds");
        return args_fail(args);
    }
    Value object = arg(args, 0), removed = sequence_get(object, position);
    if (failed())
        return args_fail(args);
    root_push(removed);
    return close_gap(object, position, length) ? args_return(args, removed) : args_fail(args);
}

Value lua_table_remove(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    if (likely(is_plain(a0) && (is_nil(a1) || is_integer(a1)))) {
        Table *table = table_of(a0);
        u32 length = table->array_length;
        u64 index = is_nil(a1) ? (u64)length - 1 : (u64)a1.payload - 1;
        if (likely(index < length)) {
            Cell *hole = table->array + index;
            Value removed = cell_load(hole);
            memmove(hole, hole + 1, (size_t)(length - 1 - index) * sizeof(Cell));
            table_set_integer(table, length, value_nil()); /* cannot fail: the key is in the array part */
            return one(removed);
        }
    }
    return remove_slow(closure, call, a0, a1, a2);
}

/* ---- move -------------------------------------------------------------------------------------------------------- */

/* The whole range in array parts, with the target range there, too, or right behind it: one memory move. */
static bool move_cells(Table *source, u64 from, Table *target, u64 to, u64 count, bool *done)
{
    *done = false;
    if (from - 1 + count > source->array_length || to - 1 > target->array_length || count > INT32_MAX)
        return true;
    u64 end = to - 1 + count;
    if (end > target->array_length) {
        if (target->entry_count != 0)
            return true;
        if (end > target->array_capacity && !table_reserve_array(target, (u32)end))
            return false;
    }
    memmove(target->array + to - 1, source->array + from - 1, (size_t)count * sizeof(Cell));
    if (end > target->array_length)
        target->array_length = (u32)end;
    u32 last = target->array_length;
    if (target->array[last - 1].tag == TAG_NIL)
        table_set_integer(target, last, value_nil()); /* shortens the array part */
    *done = true;
    return true;
}

typedef struct Range {
    i64 from;
    i64 end;
    i64 to;
} Range;

static bool move_elements(Value source, Value target, Range range)
{
    bool overlap = range.to <= range.end && range.to > range.from;
    if (overlap && rt_equal(source, target, NULL)) {
        for (i64 i = range.end - range.from; i >= 0; i--)
            if (!copy_element(source, range.from + i, target, range.to + i))
                return false;
        return true;
    }
    for (i64 i = 0; !failed() && i <= range.end - range.from; i++)
        if (!copy_element(source, range.from + i, target, range.to + i))
            return false;
    return !failed();
}

static bool check_range(const Args *args, Range range)
{
    if (range.from <= 0 && range.end >= INT64_MAX + range.from) {
        throw_argument(args, 2, "too many elements to move");
        return false;
    }
    i64 count = range.end - range.from + 1;
    if (range.to > INT64_MAX - count + 1) {
        throw_argument(args, 3, "destination wrap around");
        return false;
    }
    return true;
}

Value lua_table_move(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Range range;
    u32 target_index = is_nil(arg(&args, 4)) ? 0 : 4;
    if (!arg_integer(&args, 1, &range.from) || !arg_integer(&args, 2, &range.end) ||
        !arg_integer(&args, 3, &range.to) || !acts_as_table(&args, 0, NEEDS_READ) ||
        !acts_as_table(&args, target_index, NEEDS_WRITE))
        return args_fail(&args);
    Value source = arg(&args, 0), target = arg(&args, target_index);
    if (range.end < range.from)
        return args_return(&args, target);
    if (!check_range(&args, range))
        return args_fail(&args);
    bool done = false;
    if (is_plain(source) && is_plain(target) && range.from > 0 && range.to > 0) {
        u64 count = (u64)(range.end - range.from) + 1;
        if (!move_cells(table_of(source), (u64)range.from, table_of(target), (u64)range.to, count, &done))
            return args_fail(&args);
    }
    if (!done && !move_elements(source, target, range))
        return args_fail(&args);
    return args_return(&args, target);
}

/* ---- concat ------------------------------------------------------------------------------------------------------ */

typedef struct Joined {
    const Args *args;
    Value object;
    const String *separator;
    i64 from;
    i64 end;
} Joined;

static void throw_concat(const Joined *joined, Value v, i64 index)
{
    throw_error(joined->args, "invalid value (%s) at index %I in table for 'concat'", type_name(v), index);
}

static u32 integer_length(i64 number)
{
    char text[NUMBER_TEXT_BUFFER];
    return number_format_int(number, text);
}

typedef enum Measure { MEASURE_FAILED, MEASURE_UNKNOWN, MEASURE_KNOWN } Measure;

/* The length of the result, if all elements are strings and integers in an array part. */
static Measure measure(const Joined *joined, u64 *total)
{
    if (!is_plain(joined->object) || joined->from < 1 || joined->end > table_of(joined->object)->array_length)
        return MEASURE_UNKNOWN;
    const Cell *array = table_of(joined->object)->array;
    u64 sum = (u64)(joined->end - joined->from) * joined->separator->length;
    for (i64 i = joined->from - 1; i < joined->end; i++) {
        if (likely(array[i].tag == TAG_STRING))
            sum += string_of(cell_load(&array[i]))->length;
        else if (array[i].tag == TAG_INTEGER)
            sum += integer_length(array[i].payload);
        else if (array[i].tag == TAG_FLOAT)
            return MEASURE_UNKNOWN;
        else {
            throw_concat(joined, cell_load(&array[i]), i + 1);
            return MEASURE_FAILED;
        }
    }
    *total = sum;
    if (sum <= CONCAT_LIMIT)
        return MEASURE_KNOWN;
    throw_error(joined->args, "resulting string too large");
    return MEASURE_FAILED;
}

/* Fills in a result whose length was measured. */
static void join_into(const Joined *joined, u8 *to)
{
    const Cell *array = table_of(joined->object)->array;
    const String *separator = joined->separator;
    for (i64 i = joined->from - 1; i < joined->end; i++) {
        if (likely(array[i].tag == TAG_STRING)) {
            const String *text = string_of(cell_load(&array[i]));
            copy_bytes(to, text->bytes, text->length);
            to += text->length;
        } else
            to += number_format_int(array[i].payload, (char *)to);
        if (i + 1 < joined->end) {
            copy_bytes(to, separator->bytes, separator->length);
            to += separator->length;
        }
    }
}

static String *join_measured(const Joined *joined, u32 total)
{
    if (total <= SHORT_STRING) {
        u8 bytes[SHORT_STRING];
        join_into(joined, bytes);
        return string_new(bytes, total);
    }
    String *text = string_blank(total);
    if (text != NULL)
        join_into(joined, text->bytes);
    return text;
}

static bool append_element(const Joined *joined, Buffer *buffer, i64 index)
{
    Value v = sequence_get(joined->object, index);
    if (failed())
        return false;
    if (is_number(v))
        return buffer_number(buffer, v);
    if (!is_string(v)) {
        throw_concat(joined, v, index);
        return false;
    }
    root_push(v);
    bool done = buffer_string(buffer, string_of(v));
    root_pop(1);
    return done;
}

static String *join_generally(const Joined *joined)
{
    Buffer buffer;
    buffer_open(&buffer);
    for (i64 i = joined->from; i < joined->end; i++)
        if (!append_element(joined, &buffer, i) || !buffer_string(&buffer, joined->separator))
            return NULL;
    return append_element(joined, &buffer, joined->end) ? buffer_finish(&buffer) : NULL;
}

Value lua_table_concat(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    String *separator = rt_name(NAME_EMPTY);
    Joined joined = {.args = &args, .from = 1};
    if (!sequence_open(&args, NEEDS_READ, &joined.end) || !arg_opt_string(&args, 1, &separator) ||
        !arg_opt_integer(&args, 2, &joined.from) || !arg_opt_integer(&args, 3, &joined.end))
        return args_fail(&args);
    if (joined.from > joined.end)
        return args_return(&args, value_string(rt_name(NAME_EMPTY)));
    joined.object = arg(&args, 0);
    joined.separator = separator;
    u64 total = 0;
    Measure measured = measure(&joined, &total);
    if (measured == MEASURE_FAILED)
        return args_fail(&args);
    String *text = measured == MEASURE_KNOWN ? join_measured(&joined, (u32)total) : join_generally(&joined);
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

/* ---- pack and unpack ---------------------------------------------------------------------------------------------- */

Value lua_table_pack(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Table *table = table_new(args.count, 1);
    if (table == NULL)
        return args_fail(&args);
    u32 length = args.count;
    while (length > 0 && args.at[length - 1].tag == TAG_NIL)
        length--;
    if (length > 0)
        memcpy(table->array, args.at, (size_t)length * sizeof(Cell));
    table->array_length = length;
    if (!table_set_string(table, rt_name(NAME_N), value_integer(args.count)))
        return args_fail(&args);
    return args_return(&args, value_table(table));
}

static Value unpack_slow(const Args *args)
{
    i64 from = 1, end;
    Value object = arg(args, 0);
    if (!arg_opt_integer(args, 1, &from))
        return args_fail(args);
    if (is_nil(arg(args, 2)) ? !length_of(args, object, &end) : !arg_integer(args, 2, &end))
        return args_fail(args);
    if (from > end)
        return args_none(args);
    u64 count = (u64)end - (u64)from;
    if (count >= (u64)(rt_state.stack_limit - rt_state.sp) || rt_state.sp > rt_state.stack_limit) {
        throw_error(args, "too many results to unpack");
        return args_fail(args);
    }
    Cell *row = rt_state.sp;
    for (u64 i = 0; i <= count; i++) {
        Value v = sequence_get(object, (i64)((u64)from + i));
        if (failed())
            return args_fail(args);
        root_push(v);
    }
    return args_return_cells(args, row, (u32)count + 1);
}

Value lua_table_unpack(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    bool simple = is_plain(a0) && (is_nil(a1) || is_integer(a1)) && (is_nil(a2) || is_integer(a2));
    if (likely(simple)) { /* everything in the array part: nothing can fail but the room */
        const Table *table = table_of(a0);
        i64 from = is_nil(a1) ? 1 : a1.payload, end = is_nil(a2) ? table->array_length : a2.payload;
        if (from > end)
            return none();
        u64 count = (u64)end - (u64)from + 1;
        if (from >= 1 && end <= table->array_length && rt_state.sp + count < rt_state.stack_limit) {
            const Cell *first = table->array + from - 1;
            rt_state.result_count = (u32)count;
            if (count > 1)
                memcpy(rt_state.sp + 1, first + 1, (size_t)(count - 1) * sizeof(Cell));
            return cell_load(first);
        }
    }
    Args args = args_open(closure, call, a0, a1, a2);
    return unpack_slow(&args);
}
