/* SPDX-License-Identifier: MIT */
/* What the files of the table library share. */
#ifndef MUNITION_LIB_TABLE_H
#define MUNITION_LIB_TABLE_H

#include "rt.h"

/* What an object that is no table must be able to do to pass for one. */
enum { NEEDS_READ = 1, NEEDS_WRITE = 2, NEEDS_LENGTH = 4 };

/* Checks argument 0 and takes its length; false = failed. */
bool sequence_open(const Args *args, u32 needs, i64 *length);
/* Element access with metamethods where there are any; test failed() after sequence_get. */
Value sequence_get(Value object, i64 index);
bool sequence_set(Value object, i64 index, Value v);

#endif
