/* SPDX-License-Identifier: MIT */
/* Functions of whoever embeds munition, as modules munition.host.NAME have them. All are one function of ours: its
 * closure knows the table slots of the import and of the `take` beside it. */
#include "codec.h"
#include "core.h"

enum { HOST_RUN, HOST_TAKE };

typedef i32 (*HostFunction)(void *bytes, u32 length);

static HostFunction host_function(const Closure *closure, u32 which)
{
    return (HostFunction)(uintptr_t)closure->upvalues[which].payload;
}

/* All arguments, encoded. false = an error is pending. */
static bool encode_arguments(const Args *args, Buffer *out)
{
    Buffer refused;
    buffer_open(&refused);
    if (!buffer_bytes(out, &args->count, sizeof args->count))
        return false;
    for (u32 i = 0; i < args->count; i++) {
        if (codec_encode(out, arg(args, i), "value", 0, &refused))
            continue;
        String *why = failed() ? NULL : buffer_finish(&refused);
        if (why != NULL) {
            root_push(value_string(why));
            throw_argument(args, i, (const char *)why->bytes);
        }
        return false;
    }
    return true;
}

Value lua_host_call(Closure *closure, u64 call, Value a0, Value a1, Value a2)
{
    Args args = args_open(closure, call, a0, a1, a2);
    Buffer out, answer;
    buffer_open(&out);
    if (!encode_arguments(&args, &out))
        return args_fail(&args);
    u32 size = (u32)host_function(closure, HOST_RUN)(out.bytes, out.length);
    buffer_drop(&out);
    buffer_open(&answer);
    u8 *bytes = buffer_reserve(&answer, size);
    if (bytes == NULL)
        return args_fail(&args);
    host_function(closure, HOST_TAKE)(bytes, size);
    i32 count = codec_decode(bytes + 1, size - 1);
    if (count < 0)
        return args_fail(&args);
    Cell *first = rt_state.sp - count;
    if (bytes[0] == 0)
        return args_return_cells(&args, first, (u32)count);
    throw_error(&args, "%S", string_of(cell_load(first))); /* refused, and why */
    return args_fail(&args);
}
