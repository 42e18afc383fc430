/* SPDX-License-Identifier: MIT */
/* What the files of the os library share. */
#ifndef MUNITION_LIB_OS_H
#define MUNITION_LIB_OS_H

#include "calendar.h"

/* The host's time in whole seconds since 1970. */
i64 os_now(void);
/* Sets the fields of a date table; the table must be rooted. false = failed. */
bool os_set_fields(Value table, const Date *date);

#endif
