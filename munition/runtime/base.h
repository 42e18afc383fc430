/* SPDX-License-Identifier: MIT */
/* The functions of the basic library and of debug, as code generators name them. */
#ifndef MUNITION_BASE_H
#define MUNITION_BASE_H

#include "rt.h"

Value lua_base_assert(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_collectgarbage(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_error(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_getmetatable(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_ipairs(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_ipairs_next(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_next(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_pairs(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_pcall(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_print(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_rawequal(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_rawget(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_rawlen(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_rawset(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_require(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_select(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_setmetatable(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_tonumber(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_tostring(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_type(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_base_xpcall(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_debug_getinfo(Closure *closure, u64 call, Value a0, Value a1, Value a2);
Value lua_debug_traceback(Closure *closure, u64 call, Value a0, Value a1, Value a2);

#endif
