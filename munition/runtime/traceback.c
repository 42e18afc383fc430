/* SPDX-License-Identifier: MIT */
/* Frames as the shadow stack shows them: levels, names of functions, and the traceback. */
#include "core.h"

enum { SHOWN_FIRST = 10, SHOWN_LAST = 11, NAME_ROOM = 128 };

const Cell *frames_from;

Cell *frame_at(u32 level)
{
    for (Cell *cell = rt_state.sp; cell > frames_base();) {
        cell--;
        if (cell->tag == TAG_FRAME && !frame_is_left(cell) && level-- == 0)
            return cell;
    }
    return NULL;
}

const Site *frame_stands_at(const Cell *header)
{
    const FunctionInfo *info = frame_closure(header)->info;
    for (const Cell *cell = header + 1; cell < rt_state.sp; cell++) {
        if (cell->tag != TAG_FRAME)
            continue;
        const Site *site = frame_site(cell);
        return info != NULL && site != NULL && site->function == info ? site : NULL;
    }
    return NULL;
}

static u32 frame_count(const Cell *base)
{
    u32 count = 0;
    for (const Cell *cell = base; cell < rt_state.sp; cell++)
        count += cell->tag == TAG_FRAME && !frame_is_left(cell);
    return count;
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

static const char *const library_names[] = {"string", "table", "math", "utf8", "os", "io", "coroutine", "debug"};

/* The name of the field of `table` that holds the function. */
static String *field_holding(const Table *table, const Closure *closure)
{
    for (u32 i = 0; i < table->entry_count; i++) {
        const Entry *entry = &table->entries[i];
        if (entry->value.tag == TAG_FUNCTION && entry->value.payload == (i64)(uintptr_t)closure &&
            entry->key.tag == TAG_STRING)
            return (String *)(uintptr_t)entry->key.payload;
    }
    return NULL;
}

static bool is_library(const String *name)
{
    for (u32 i = 0; i < sizeof library_names / sizeof library_names[0]; i++)
        if (strlen(library_names[i]) == name->length && memcmp(library_names[i], name->bytes, name->length) == 0)
            return true;
    return false;
}

static u32 write_name(char *out, u32 room, const String *library, const String *name)
{
    u32 length = library == NULL ? 0 : library->length + 1;
    if (length + name->length > room)
        return 0;
    if (library != NULL) {
        memcpy(out, library->bytes, library->length);
        out[length - 1] = '.';
    }
    memcpy(out + length, name->bytes, name->length);
    return length + name->length;
}

/* Look in the tables among the fields of `table`. */
static u32 name_in_fields(const Table *table, bool libraries_only, const Closure *closure, char *out, u32 room)
{
    for (u32 i = 0; i < table->entry_count; i++) {
        const Entry *entry = &table->entries[i];
        if (entry->value.tag != TAG_TABLE || entry->key.tag != TAG_STRING)
            continue;
        const String *library = (String *)(uintptr_t)entry->key.payload;
        if (libraries_only && !is_library(library))
            continue;
        Table *fields = (Table *)(uintptr_t)entry->value.payload;
        const String *name = fields == rt_config.globals ? NULL : field_holding(fields, closure);
        if (name != NULL)
            return write_name(out, room, library, name);
    }
    return 0;
}

u32 global_name(const Closure *closure, char *out, u32 room)
{
    if (rt_config.globals == NULL || closure == NULL)
        return 0;
    const String *name = field_holding(rt_config.globals, closure);
    if (name != NULL)
        return write_name(out, room, NULL, name);
    u32 length = name_in_fields(rt_config.globals, true, closure, out, room);
    if (length == 0 && rt_config.loaded != NULL)
        length = name_in_fields(rt_config.loaded, false, closure, out, room);
    return length;
}

const char *site_kind_name(const Site *site)
{
    static const char *const names[] = {
        "", "global", "local", "method", "field", "upvalue", "constant", "for iterator", "metamethod",
    };
    return site == NULL ? "" : names[site->kind1];
}

const char *site_shown_name(const Site *site)
{
    bool event = site->kind1 == SITE_METAMETHOD && site->name1 != rt_name(META_GC);
    return (const char *)site->name1->bytes + (event ? 2 : 0);
}

/* ---- lines ------------------------------------------------------------------------------------------------------------ */

static bool append_function(Buffer *buffer, const Cell *header)
{
    const Closure *closure = frame_closure(header);
    const Site *site = call_is_tail((u64)header->payload) ? NULL : frame_site(header);
    char name[NAME_ROOM];
    u32 length = global_name(closure, name, NAME_ROOM - 1);
    name[length] = 0;
    if (length > 0)
        return buffer_format(buffer, "function '%s'", name);
    if (site != NULL && site->kind1 == SITE_FOR_ITERATOR)
        return buffer_text(buffer, "for iterator 'for iterator'");
    if (site != NULL && site->kind1 != SITE_NONE && site->name1 != NULL)
        return buffer_format(buffer, "%s '%s'", site_kind_name(site), site_shown_name(site));
    const FunctionInfo *info = closure->info;
    if (info == NULL)
        return buffer_byte(buffer, '?');
    if (info->flags & INFO_MAIN)
        return buffer_text(buffer, "main chunk");
    return buffer_format(buffer, "function <%S:%d>", info->source, (int)info->line);
}

/* `here` is where the function of the frame is being executed. */
static bool append_line(Buffer *buffer, const Cell *header, const Site *here)
{
    const FunctionInfo *info = frame_closure(header)->info;
    if (!buffer_text(buffer, "\n\t"))
        return false;
    bool placed;
    if (info == NULL)
        placed = buffer_text(buffer, "[C]: in ");
    else if (here != NULL && here->function == info)
        placed = buffer_format(buffer, "%S:%d: in ", info->source, (int)here->line);
    else
        placed = buffer_format(buffer, "%S: in ", info->source);
    if (!placed || !append_function(buffer, header))
        return false;
    return !call_is_tail((u64)header->payload) || buffer_text(buffer, "\n\t(...tail calls...)");
}

/* `here` is the position within the innermost frame; every other function stands where it called the one above. */
bool traceback_append(Buffer *buffer, u32 level, const Site *here)
{
    return traceback_append_from(buffer, frames_base(), level, here);
}

bool traceback_append_from(Buffer *buffer, const Cell *base, u32 level, const Site *here)
{
    if (!buffer_text(buffer, "stack traceback:"))
        return false;
    u32 count = frame_count(base);
    u32 shown = 0;
    u32 total = count > level ? count - level : 0;
    bool shortened = total > SHOWN_FIRST + SHOWN_LAST + 1; /* the reference implementation counts so, here and below */
    Cell *cell = rt_state.sp - 0;
    for (u32 number = 0; number < count; cell--) {
        const Cell *header = cell - 1;
        if (header->tag != TAG_FRAME)
            continue;
        if (frame_is_left(header)) {
            here = frame_site(header);
            continue;
        }
        if (number++ >= level) {
            if (shortened && shown == SHOWN_FIRST) {
                u32 skipped = total - SHOWN_FIRST - SHOWN_LAST - 1;
                if (!buffer_format(buffer, "\n\t...\t(skipping %d levels)", (int)skipped))
                    return false;
            }
            bool hidden = shortened && shown >= SHOWN_FIRST && shown < total - SHOWN_LAST;
            if (!hidden && !append_line(buffer, header, here))
                return false;
            shown++;
        }
        here = frame_site(header);
    }
    return true;
}
