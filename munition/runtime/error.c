/* SPDX-License-Identifier: MIT */
/* Raising errors: values, positions, the words of the reference implementation, and message handlers. */
#include "core.h"

/* ---- raising ----------------------------------------------------------------------------------------------------- */

[[gnu::noinline]] void error_set_pending(Value v)
{
    cell_store(&rt_state.error, v);
    rt_state.pending = PENDING_ERROR;
}

/* The position of the error, if it happened in the function that owns the innermost frame. */
Site error_site(void)
{
    Site here = {0};
    const Site *site = rt_state.thrown_at;
    Cell *header = frame_at(0);
    if (site != NULL && header != NULL && frame_closure(header)->info == site->function) {
        here.line = site->line;
        here.function = site->function;
    }
    return here;
}

/* For an error that nothing will catch: keep the traceback, since the frames are about to go. */
static void record_traceback(Value v)
{
    Cell *root = root_push(v);
    Cell handler = rt_state.handler;
    rt_state.handler = (Cell){0, TAG_NIL, 0};
    Buffer buffer;
    buffer_open(&buffer);
    Site here = error_site();
    String *text = traceback_append(&buffer, 0, &here) ? buffer_finish(&buffer) : NULL;
    rt_state.pending = PENDING_NONE;
    rt_state.traceback = text;
    rt_state.handler = handler;
    rt_state.sp = root;
}

void (*error_run_handler)(Value v);

void throw_value(Value v)
{
    if (rt_state.pending == PENDING_EXIT)
        return;
    rt_state.pending = PENDING_NONE;
    if (rt_state.handler.tag == TAG_NIL) {
        error_set_pending(v);
    } else if (rt_state.handler.tag == TAG_TRUE) {
        record_traceback(v);
        error_set_pending(v);
    } else {
        error_run_handler(v);
    }
}

/* No handler: there is no memory to run one. */
void throw_memory(void) { error_set_pending(value_string(rt_name(NAME_NOT_ENOUGH_MEMORY))); }

void throw_message(const Site *site, String *message)
{
    if (site == NULL || site->function == NULL) {
        throw_value(value_string(message));
        return;
    }
    root_push(value_string(message));
    Buffer buffer;
    buffer_open(&buffer);
    bool built = buffer_format(&buffer, "%S:%d: %S", site->function->source, (int)site->line, message);
    String *text = built ? buffer_finish(&buffer) : NULL;
    if (text == NULL) {
        buffer_drop(&buffer);
        root_pop(1);
        return;
    }
    root_pop(1);
    rt_state.thrown_at = site;
    throw_value(value_string(text));
    rt_state.thrown_at = NULL;
}

static void throw_list(const Site *site, const char *format, va_list *values)
{
    Buffer buffer;
    buffer_open(&buffer);
    String *text = buffer_format_list(&buffer, format, values) ? buffer_finish(&buffer) : NULL;
    if (text == NULL)
        buffer_drop(&buffer);
    else
        throw_message(site, text);
}

void throw_at(const Site *site, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    throw_list(site, format, &values);
    va_end(values);
}

/* ---- errors of library functions ------------------------------------------------------------------------------------ */

void throw_error(const Args *args, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    throw_list(call_site(args->call), format, &values);
    va_end(values);
}

void throw_argument(const Args *args, u32 index, const char *message)
{
    const Site *site = call_site(args->call);
    char name[64];
    u32 length = 0;
    if (site != NULL && site->kind1 == SITE_METHOD) {
        if (index == 0) {
            throw_at(site, "calling '%S' on bad self (%s)", site->name1, message);
            return;
        }
        index--;
    }
    if (site != NULL && site->kind1 == SITE_FOR_ITERATOR) {
        throw_at(site, "bad argument #%d to 'for iterator' (%s)", (int)index + 1, message);
        return;
    }
    if (site != NULL && site->kind1 != SITE_NONE && site->name1 != NULL) {
        throw_at(site, "bad argument #%d to '%S' (%s)", (int)index + 1, site->name1, message);
        return;
    }
    length = global_name(args->closure, name, sizeof name - 1);
    name[length] = 0;
    throw_at(site, "bad argument #%d to '%s' (%s)", (int)index + 1, length > 0 ? name : "?", message);
}

/* Unlike operators, the library asks the metatable of strings too. */
static String *argument_type(Value v)
{
    Value name = is_string(v) ? metamethod(v, META_NAME) : value_nil();
    return is_string(name) ? string_of(name) : operand_type(v);
}

void throw_argument_type(const Args *args, u32 index, const char *expected)
{
    Buffer buffer;
    buffer_open(&buffer);
    bool built = buffer_format(&buffer, "%s expected, got ", expected);
    if (arg_absent(args, index))
        built = built && buffer_text(&buffer, "no value");
    else
        built = built && buffer_string(&buffer, argument_type(arg(args, index)));
    String *text = built ? buffer_finish(&buffer) : NULL;
    if (text == NULL) {
        buffer_drop(&buffer);
        return;
    }
    root_push(value_string(text));
    throw_argument(args, index, (const char *)text->bytes);
    root_pop(1);
}

/* The functions below give a function without frame one for as long as the error is made, so that it is in tracebacks. */

void light_throw_argument(Closure *closure, u64 call, u32 index, const char *message)
{
    Args args = args_open(closure, call & ~(u64)0xffffffff, value_nil(), value_nil(), value_nil());
    args.call = call;
    throw_argument(&args, index, message);
    args_fail(&args);
}

void light_throw_error(Closure *closure, u64 call, const char *format, ...)
{
    Args args = args_open(closure, call & ~(u64)0xffffffff, value_nil(), value_nil(), value_nil());
    va_list values;
    va_start(values, format);
    throw_list(call_site(call), format, &values);
    va_end(values);
    args_fail(&args);
}

/* ---- errors of operations ----------------------------------------------------------------------------------------------- */

static const char *const kind_words[] = {
    "", "global", "local", "method", "field", "upvalue", "constant", "for iterator", "metamethod",
};

/* " (local 'x')", or nothing. */
static bool append_variable(Buffer *buffer, const Site *site, u32 operand)
{
    if (site == NULL || operand == 0)
        return true;
    SiteKind kind = operand == 1 ? site->kind1 : site->kind2;
    const String *name = operand == 1 ? site->name1 : site->name2;
    if (kind == SITE_FOR_ITERATOR)
        return buffer_text(buffer, " (for iterator 'for iterator')");
    if (kind == SITE_NONE || name == NULL)
        return true;
    if (kind == SITE_METAMETHOD)
        return buffer_format(buffer, " (metamethod '%s')", name->bytes + 2);
    return buffer_format(buffer, " (%s '%S')", kind_words[kind], name);
}

String *type_string(Value v)
{
    static const u8 names[] = {
        NAME_NIL, NAME_BOOLEAN, NAME_BOOLEAN, NAME_NUMBER, NAME_NUMBER,
        NAME_STRING, NAME_TABLE, NAME_FUNCTION, NAME_THREAD, NAME_USERDATA,
    };
    return rt_name(names[v.tag]);
}

const char *type_name(Value v) { return (const char *)type_string(v)->bytes; }

String *operand_type(Value v)
{
    if (is_table(v) || v.tag == TAG_USERDATA) {
        Value name = metamethod(v, META_NAME);
        if (is_string(name))
            return string_of(name);
    }
    return type_string(v);
}

static void throw_built(const Site *site, Buffer *buffer, bool built)
{
    String *text = built ? buffer_finish(buffer) : NULL;
    if (text == NULL)
        buffer_drop(buffer);
    else
        throw_message(site, text);
}

void throw_operand(const Site *site, const char *what, Value v, u32 operand)
{
    Cell *root = root_push(v); /* its type's name may belong to it alone */
    Buffer buffer;
    buffer_open(&buffer);
    bool built = buffer_format(&buffer, "attempt to %s a %S value", what, operand_type(v));
    throw_built(site, &buffer, built && append_variable(&buffer, site, operand));
    rt_state.sp = root;
}

void throw_call(const Site *site, Value callee) { throw_operand(site, "call", callee, 1); }

void throw_no_integer(const Site *site, u32 operand)
{
    Buffer buffer;
    buffer_open(&buffer);
    bool built = buffer_text(&buffer, "number") && append_variable(&buffer, site, operand);
    throw_built(site, &buffer, built && buffer_text(&buffer, " has no integer representation"));
}

void throw_compare(const Site *site, Value a, Value b)
{
    Cell *root = root_push(a);
    root_push(b);
    String *first = operand_type(a);
    String *second = operand_type(b);
    if (string_equal(first, second))
        throw_at(site, "attempt to compare two %S values", first);
    else
        throw_at(site, "attempt to compare %S with %S", first, second);
    rt_state.sp = root;
}

void rt_throw_site(String *message, const Site *site) { throw_message(site, message); }

/* ---- the shadow stack --------------------------------------------------------------------------------------------------- */

void rt_stack_overflow(const Site *site)
{
    site = call_site((u64)(uintptr_t)site << 32); /* generated code passes the half of its call word as it is */
    if (rt_state.handling_overflow) {
        rt_state.handler = (Cell){0, TAG_NIL, 0};
        throw_at(NULL, "error in error handling");
        return;
    }
    Cell *limit = rt_state.stack_limit;
    rt_state.handling_overflow = true;
    rt_state.stack_limit = rt_state.stack_end;
    throw_at(site, "stack overflow");
    rt_state.stack_limit = limit;
    rt_state.handling_overflow = false;
}

bool stack_reserve(u32 count)
{
    if (likely((u64)count * sizeof(Cell) + (uintptr_t)rt_state.sp <= (uintptr_t)rt_state.stack_limit))
        return true;
    Cell *header = frame_at(0);
    rt_stack_overflow(header == NULL ? NULL : frame_site(header));
    return false;
}
