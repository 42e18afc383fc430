/* SPDX-License-Identifier: MIT */
/* table.sort: quicksort with the median of three as in Sedgewick, "Algorithms in Modula-3", 1993.
 *
 * The positions of the pivots are those of the reference implementation, so that elements that compare equal end up in
 * the same order. What calls Lua works on a copy that no Lua code can reach, so that a comparison may do what it likes. */
#include "core.h"
#include "lib_table.h"
#include "lib_string.h"

enum {
    LARGE = 100, /* smaller ranges are never worth a random pivot */
    LOPSIDED = 128, /* a partition whose smaller side is less than 1/128 makes the pivots that follow random */
};

typedef enum Order { ORDER_INTEGERS, ORDER_NUMBERS, ORDER_STRINGS, ORDER_CALL, ORDER_GENERAL } Order;

typedef struct Sorter {
    const Args *args;
    Cell *cells; /* cells[0] is the first element */
    Closure *comparator; /* for ORDER_CALL */
    u32 random;
} Sorter;

static inline bool number_less(const Cell *a, const Cell *b)
{
    if (likely(a->tag == TAG_INTEGER && b->tag == TAG_INTEGER))
        return a->payload < b->payload;
    if (a->tag == TAG_FLOAT && b->tag == TAG_FLOAT)
        return float_of(cell_load(a)) < float_of(cell_load(b));
    return rt_less(cell_load(a), cell_load(b), NULL) != 0;
}

/* a < b; after ORDER_CALL and ORDER_GENERAL test failed(). */
[[gnu::always_inline]] static inline bool less(const Sorter *sorter, Order order, const Cell *a, const Cell *b)
{
    switch (order) {
    case ORDER_INTEGERS:
        return a->payload < b->payload;
    case ORDER_NUMBERS:
        return number_less(a, b);
    case ORDER_STRINGS:
        return string_compare((String *)(uintptr_t)a->payload, (String *)(uintptr_t)b->payload) < 0;
    case ORDER_CALL:
        return is_true(call_closure(sorter->comparator, 2, cell_load(a), cell_load(b), value_nil()));
    default:
        return rt_less(cell_load(a), cell_load(b), NULL) != 0;
    }
}

static inline bool may_fail(Order order) { return order >= ORDER_CALL; }

static inline void swap(Cell *a, Cell *b)
{
    Cell kept = *a;
    *a = *b;
    *b = kept;
}

static bool throw_order(const Sorter *sorter)
{
    throw_error(sorter->args, "invalid order function for sorting");
    return false;
}

/* Splits cells[low .. high] around the pivot, which lies at high - 1; *middle becomes its final place. */
[[gnu::always_inline]] static inline bool partition(const Sorter *sorter, Order order, u32 low, u32 high, u32 *middle)
{
    Cell *cells = sorter->cells;
    const Cell pivot = cells[high - 1];
    u32 i = low, j = high - 1;
    for (;;) {
        while (less(sorter, order, &cells[++i], &pivot)) {
            if (may_fail(order) && failed())
                return false;
            if (i == high - 1)
                return throw_order(sorter);
        }
        if (may_fail(order) && failed())
            return false;
        while (less(sorter, order, &pivot, &cells[--j])) {
            if (may_fail(order) && failed())
                return false;
            if (j < i)
                return throw_order(sorter);
        }
        if (may_fail(order) && failed())
            return false;
        if (j < i)
            break;
        swap(&cells[i], &cells[j]);
    }
    swap(&cells[high - 1], &cells[i]);
    *middle = i;
    return true;
}

static u32 pivot_index(u32 low, u32 high, u32 random)
{
    if (random == 0 || high - low <= LARGE)
        return low + (high - low) / 2;
    u32 quarter = (high - low) / 4;
    return random % (quarter * 2) + low + quarter;
}

/* Orders the ends and the pivot, and moves the pivot to high - 1. True in *done when nothing is left to do. */
[[gnu::always_inline]] static inline bool median(const Sorter *sorter, Order order, u32 low, u32 high, bool *done)
{
    Cell *cells = sorter->cells;
    *done = true;
    if (less(sorter, order, &cells[high], &cells[low]) && !failed())
        swap(&cells[low], &cells[high]);
    if ((may_fail(order) && failed()) || high - low == 1)
        return !failed();
    u32 middle = pivot_index(low, high, sorter->random);
    if (less(sorter, order, &cells[middle], &cells[low])) {
        if (!failed())
            swap(&cells[middle], &cells[low]);
    } else if (!failed() && less(sorter, order, &cells[high], &cells[middle]) && !failed())
        swap(&cells[middle], &cells[high]);
    if ((may_fail(order) && failed()) || high - low == 2)
        return !failed();
    swap(&cells[middle], &cells[high - 1]);
    *done = false;
    return true;
}

/* A range waiting to be sorted, kept on the shadow stack: the C stack is small and comparators may sort, too. */
static void push_range(u32 low, u32 high, u32 random)
{
    Cell *cell = root_push(value_of(TAG_NIL, (i64)((u64)high << 32 | low)));
    cell->aux = random;
}

/* Sorts cells[0 .. count - 1]. The smaller part first, so at most 32 ranges wait. */
[[gnu::always_inline]] static inline bool sort_cells(Sorter *sorter, Order order, u32 count)
{
    Cell *base = rt_state.sp;
    push_range(0, count - 1, 0);
    while (rt_state.sp > base) {
        Cell range = *--rt_state.sp;
        u32 low = (u32)range.payload, high = (u32)((u64)range.payload >> 32), middle;
        sorter->random = range.aux;
        bool done;
        if (!median(sorter, order, low, high, &done))
            return false;
        if (done)
            continue;
        if (!partition(sorter, order, low, high, &middle))
            return false;
        u32 before = middle - low, behind = high - middle;
        u32 small = before < behind ? before : behind, large = before + behind - small;
        u32 random = large >= 2 && (large - 1) / LOPSIDED > small ? 0x9e3779b9 ^ middle * 0x85ebca6b : range.aux;
        bool first = before < behind;
        if (large >= 2)
            push_range(first ? middle + 1 : low, first ? high : middle - 1, random);
        if (small >= 2)
            push_range(first ? low : middle + 1, first ? middle - 1 : high, range.aux);
    }
    return true;
}

/* Not inlined, so that there is one copy of each. */
[[gnu::noinline]] static bool sort_integers(Sorter *sorter, u32 count) { return sort_cells(sorter, ORDER_INTEGERS, count); }
[[gnu::noinline]] static bool sort_numbers(Sorter *sorter, u32 count) { return sort_cells(sorter, ORDER_NUMBERS, count); }
[[gnu::noinline]] static bool sort_strings(Sorter *sorter, u32 count) { return sort_cells(sorter, ORDER_STRINGS, count); }
[[gnu::noinline]] static bool sort_general(Sorter *sorter, u32 count) { return sort_cells(sorter, ORDER_GENERAL, count); }

/* All comparisons count as one call back into Lua: what must hold before one holds before the next. */
[[gnu::noinline]] static bool sort_calling(Sorter *sorter, u32 count)
{
    if (!invoke_begin(NULL))
        return false;
    bool sorted = sort_cells(sorter, ORDER_CALL, count);
    invoke_end();
    return sorted;
}
/* How elements without a comparator are compared. */
static Order order_of(const Cell *cells, u32 count)
{
    u32 seen = 0;
    for (u32 i = 0; i < count; i++)
        seen |= 1u << (cells[i].tag & 31);
    if (seen == 1u << TAG_INTEGER)
        return ORDER_INTEGERS;
    if (seen == 1u << TAG_STRING)
        return ORDER_STRINGS;
    return (seen & ~(1u << TAG_INTEGER | 1u << TAG_FLOAT)) == 0 ? ORDER_NUMBERS : ORDER_GENERAL;
}

/* A table only this file knows, with the elements of argument 0; rooted. */
static Table *private_copy(const Args *args, u32 count)
{
    Value object = arg(args, 0);
    Table *copy = table_new(count, 0);
    if (copy == NULL)
        return NULL;
    root_push(value_table(copy));
    for (u32 i = 0; i < count; i++)
        copy->array[i] = (Cell){0, TAG_NIL, 0};
    copy->array_length = count;
    for (u32 i = 0; i < count; i++) {
        Value v = sequence_get(object, (i64)i + 1);
        if (failed())
            return NULL;
        cell_store(&copy->array[i], v);
    }
    return copy;
}

static bool sort_copy(const Args *args, u32 count)
{
    Table *copy = private_copy(args, count);
    if (copy == NULL)
        return false;
    Value comparator = arg(args, 1);
    Sorter sorter = {.args = args, .cells = copy->array, .comparator = closure_of(comparator)};
    bool sorted = is_nil(comparator) ? sort_general(&sorter, count) : sort_calling(&sorter, count);
    if (!sorted)
        return false;
    for (u32 i = 0; i < count; i++)
        if (!sequence_set(arg(args, 0), (i64)i + 1, cell_load(&copy->array[i])))
            return false;
    return true;
}

static bool sort_elements(const Args *args, u32 count)
{
    Value object = arg(args, 0);
    bool in_array = is_table(object) && table_of(object)->metatable == NULL && table_of(object)->array_length == count;
    if (in_array && is_nil(arg(args, 1))) {
        Sorter sorter = {.args = args, .cells = table_of(object)->array};
        switch (order_of(sorter.cells, count)) {
        case ORDER_INTEGERS:
            return sort_integers(&sorter, count);
        case ORDER_NUMBERS:
            return sort_numbers(&sorter, count);
        case ORDER_STRINGS:
            return sort_strings(&sorter, count);
        default:
            break;
        }
    }
    return sort_copy(args, count);
}

Value lua_table_sort(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    i64 length;
    if (!sequence_open(&args, NEEDS_READ | NEEDS_WRITE, &length))
        return args_fail(&args);
    if (length < 2)
        return args_none(&args);
    if (length >= INT32_MAX) {
        throw_argument(&args, 0, "array too big");
        return args_fail(&args);
    }
    if (!is_nil(arg(&args, 1)) && !arg_function(&args, 1))
        return args_fail(&args);
    return sort_elements(&args, (u32)length) ? args_none(&args) : args_fail(&args);
}
