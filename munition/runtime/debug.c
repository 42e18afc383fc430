/* SPDX-License-Identifier: MIT */
/* The parts of debug that show no variables: traceback, and getinfo of functions and levels. */
#include "base.h"
#include "core.h"
#include "coroutine.h"

/* Lay the frames of a coroutine that waits out above sp, where they can be walked. NULL = failed. */
static const Cell *lay_out_frames(const Coroutine *co)
{
    Cell *base = rt_state.sp;
    bool waits = co->status == COROUTINE_SUSPENDED || co->status == COROUTINE_DEAD;
    u32 count = waits ? coroutine_frames(co, NULL) : 0;
    if (!stack_reserve(count))
        return NULL;
    if (waits)
        coroutine_frames(co, base);
    rt_state.sp = base + count;
    return base;
}

Value lua_debug_traceback(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    u32 shift = a0.tag == TAG_COROUTINE;
    const Coroutine *co = shift ? (const Coroutine *)object_of(a0) : NULL;
    bool elsewhere = co != NULL && co->status != COROUTINE_RUNNING;
    Value message = arg(&args, shift);
    i64 level = elsewhere ? 0 : 1;
    if (!is_nil(message) && !is_string(message) && !is_number(message))
        return args_return(&args, message);
    if (!arg_opt_integer(&args, shift + 1, &level))
        return args_fail(&args);
    const Cell *base = elsewhere ? lay_out_frames(co) : frames_base();
    if (base == NULL)
        return args_fail(&args);
    Buffer buffer;
    buffer_open(&buffer);
    bool built = true;
    if (!is_nil(message)) {
        built = is_string(message) ? buffer_string(&buffer, string_of(message)) : buffer_number(&buffer, message);
        built = built && buffer_byte(&buffer, '\n');
    }
    u32 from = (i32)level < 0 ? INT32_MAX : (u32)level; /* as error does: 32 bits */
    String *text = built && traceback_append_from(&buffer, base, from, NULL) ? buffer_finish(&buffer) : NULL;
    return text == NULL ? args_fail(&args) : args_return(&args, value_string(text));
}

/* ---- getinfo ------------------------------------------------------------------------------------------------------------ */

typedef struct Subject {
    Closure *closure;
    const Site *called_at; /* names the function */
    const Site *stands_at; /* its current line */
    bool tail; /* called in place of its caller */
} Subject;

static bool field(Table *table, const char *name, Value v)
{
    Cell *root = root_push(v);
    String *key = string_from(name);
    bool done = key != NULL && table_set_string(table, key, v);
    rt_state.sp = root;
    return done;
}

static bool field_text(Table *table, const char *name, const char *text)
{
    String *v = string_from(text);
    return v != NULL && field(table, name, value_string(v));
}

static bool fill_source(Table *table, const Subject *subject)
{
    const FunctionInfo *info = subject->closure->info;
    if (info == NULL)
        return field_text(table, "source", "=[C]") && field_text(table, "short_src", "[C]") &&
               field_text(table, "what", "C") && field(table, "linedefined", value_integer(-1)) &&
               field(table, "lastlinedefined", value_integer(-1));
    Buffer buffer;
    buffer_open(&buffer);
    bool built = buffer_byte(&buffer, '@') && buffer_string(&buffer, info->source);
    String *source = built ? buffer_finish(&buffer) : NULL;
    return source != NULL && field(table, "source", value_string(source)) &&
           field(table, "short_src", value_string(info->source)) &&
           field_text(table, "what", info->flags & INFO_MAIN ? "main" : "Lua") &&
           field(table, "linedefined", value_integer(info->line)) &&
           field(table, "lastlinedefined", value_integer(info->flags & INFO_MAIN ? 0 : (i64)info->last_line));
}

static bool fill_line(Table *table, const Subject *subject)
{
    const Site *site = subject->stands_at;
    return field(table, "currentline", value_integer(site != NULL ? (i64)site->line : -1));
}

static bool fill_name(Table *table, const Subject *subject)
{
    const Site *site = subject->tail ? NULL : subject->called_at;
    if (site == NULL || site->kind1 == SITE_NONE || site->name1 == NULL)
        return field_text(table, "namewhat", "");
    if (!field_text(table, "namewhat", site_kind_name(site)))
        return false;
    if (site->kind1 == SITE_METAMETHOD)
        return field_text(table, "name", site_shown_name(site));
    return field(table, "name", value_string(site->name1));
}

static bool fill_parameters(Table *table, const Subject *subject)
{
    const FunctionInfo *info = subject->closure->info;
    return field(table, "nups", value_integer(subject->closure->upvalue_count)) &&
           field(table, "nparams", value_integer(info == NULL ? 0 : (i64)info->parameters)) &&
           field(table, "isvararg", value_bool(info == NULL || (info->flags & INFO_VARARG)));
}

static bool fill(Table *table, u8 what, const Subject *subject)
{
    switch (what) {
    case 'S':
        return fill_source(table, subject);
    case 'l':
        return fill_line(table, subject);
    case 'n':
        return fill_name(table, subject);
    case 'u':
        return fill_parameters(table, subject);
    case 't':
        return field(table, "istailcall", value_bool(subject->tail));
    case 'r':
        return field(table, "ntransfer", value_integer(0)) && field(table, "ftransfer", value_integer(0));
    case 'f':
        return field(table, "func", value_function(subject->closure));
    default:
        return true;
    }
}

/* The function of a level; of a coroutine's frames if they were laid out from `base` on. */
static void find_level(u32 level, const Cell *base, Subject *subject)
{
    const Cell *here = frames_from;
    frames_from = base == NULL ? here : base;
    Cell *header = frame_at(level);
    frames_from = here;
    if (header == NULL)
        return;
    subject->closure = frame_closure(header);
    subject->called_at = frame_site(header);
    subject->stands_at = frame_stands_at(header);
    subject->tail = call_is_tail((u64)header->payload);
}

/* `elsewhere` is the coroutine whose levels are meant, if it is not the one that asks. */
static bool find_subject(const Args *args, u32 shift, const Coroutine *elsewhere, Subject *subject)
{
    Value v = arg(args, shift);
    *subject = (Subject){0};
    if (is_function(v)) {
        subject->closure = closure_of(v);
        return true;
    }
    i64 level;
    if (!arg_integer(args, shift, &level))
        return false;
    if ((i32)level < 0)
        return true;
    const Cell *base = elsewhere == NULL ? NULL : lay_out_frames(elsewhere);
    if (elsewhere != NULL && base == NULL)
        return false;
    find_level((u32)level, base, subject);
    return true;
}

static bool valid_options(const Args *args, u32 index, const String *what)
{
    for (u32 i = 0; i < what->length; i++) {
        u8 option = what->bytes[i];
        if (option != 'S' && option != 'l' && option != 'n' && option != 'u' && option != 't' && option != 'f' &&
            option != 'r' && option != 'L') {
            throw_argument(args, index, "invalid option");
            return false;
        }
    }
    return true;
}

Value lua_debug_getinfo(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    u32 shift = a0.tag == TAG_COROUTINE;
    const Coroutine *co = shift ? (const Coroutine *)object_of(a0) : NULL;
    const Coroutine *elsewhere = co != NULL && co->status != COROUTINE_RUNNING ? co : NULL;
    Subject subject;
    String *what = NULL;
    if (!arg_opt_string(&args, shift + 1, &what))
        return args_fail(&args);
    if (what != NULL && what->bytes[0] == '>') {
        throw_argument(&args, shift + 1, "invalid option '>'");
        return args_fail(&args);
    }
    if (!find_subject(&args, shift, elsewhere, &subject))
        return args_fail(&args);
    if (subject.closure == NULL)
        return args_return(&args, value_nil());
    if (what != NULL && !valid_options(&args, shift + 1, what))
        return args_fail(&args);
    Table *table = table_new(0, 12);
    if (table == NULL)
        return args_fail(&args);
    root_push(value_table(table));
    const u8 *options = what == NULL ? (const u8 *)"Slnutfr" : what->bytes;
    for (u32 i = 0; options[i] != 0; i++)
        if (!fill(table, options[i], &subject))
            return args_fail(&args);
    return args_return(&args, value_table(table));
}
