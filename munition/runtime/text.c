/* SPDX-License-Identifier: MIT */
/* The text of values, and the closing of variables: what metamethods do that no inner loop asks for. */
#include "core.h"
#include "coroutine.h"

/* ---- variables to be closed ------------------------------------------------------------------------------------------------------ */

void rt_check_closable(Value v, const String *name, const Site *site)
{
    if (v.tag == TAG_NIL || v.tag == TAG_FALSE || !is_nil(metamethod(v, META_CLOSE)))
        return;
    throw_at(site, "variable '%S' got a non-closable value", name);
}

/* Called with something pending (`kind`), too: __close runs as if nothing were, then the error is what it was, or a new
 * one. */
void rt_close(Value v, Value error, u32 kind, const Site *site)
{
    if (v.tag == TAG_NIL || v.tag == TAG_FALSE)
        return;
    if (kind == PENDING_ERROR && coroutine_fails()) {
        coroutine_defer(v, site);
        return;
    }
    Value method = metamethod(v, META_CLOSE);
    if (is_nil(method)) {
        throw_at(site, "metamethod 'close' is not callable");
        return;
    }
    /* After an error the function is gone as far as a program can tell. */
    Cell *header = frame_at(0);
    if (!is_nil(error) && header != NULL && frame_closure(header)->info == site->function)
        header->payload |= FRAME_LEFT;
    meta_call2(method, META_CLOSE, site, v, error);
}

/* ---- text ---------------------------------------------------------------------------------------------------------------------- */

static String *address_text(Value v, const String *name)
{
    u8 address[10] = "0x";
    for (u32 i = 2; i < sizeof address; i++)
        address[i] = (u8)"0123456789abcdef"[(u32)v.payload >> 4 * (sizeof address - 1 - i) & 15];
    Buffer buffer;
    buffer_open(&buffer);
    if (buffer_format(&buffer, "%S: ", name) && buffer_bytes(&buffer, address, sizeof address))
        return buffer_finish(&buffer);
    buffer_drop(&buffer);
    return NULL;
}

[[gnu::noinline]] String *text_by_metamethod(Value method, Value v)
{
    Value text = meta_call1(method, META_TOSTRING, NULL, v);
    if (failed())
        return NULL;
    if (is_number(text))
        return string_from_number(text);
    if (is_string(text))
        return string_of(text);
    Cell *header = frame_at(0);
    throw_at(header == NULL ? NULL : frame_site(header), "'__tostring' must return a string");
    return NULL;
}

/* For a program that prints strings alone. */
String *no_text(Value v) { return string_of(v); }

String *value_to_string(Value v)
{
    switch (v.tag) {
    case TAG_STRING: {
        Value method = metamethod(v, META_TOSTRING); /* a script can give strings one */
        return is_nil(method) ? string_of(v) : text_by_metamethod(method, v);
    }
    case TAG_INTEGER:
    case TAG_FLOAT:
        return string_from_number(v);
    case TAG_NIL:
        return rt_name(NAME_NIL);
    case TAG_TRUE:
        return rt_name(NAME_TRUE);
    case TAG_FALSE:
        return rt_name(NAME_FALSE);
    default: {
        Value method = metamethod(v, META_TOSTRING);
        if (!is_nil(method))
            return text_by_metamethod(method, v);
        Cell *root = root_push(v);
        String *text = address_text(v, operand_type(v));
        rt_state.sp = root;
        return text;
    }
    }
}
