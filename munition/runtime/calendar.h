/* SPDX-License-Identifier: MIT */
/* Dates of the proleptic Gregorian calendar, in UTC: the only zone there is. */
#ifndef MUNITION_CALENDAR_H
#define MUNITION_CALENDAR_H

#include "rt.h"

typedef struct Date {
    i64 year;
    i32 month; /* 1 .. 12 */
    i32 day; /* 1 .. 31 */
    i32 hour;
    i32 minute;
    i32 second;
    i32 weekday; /* 0 = Sunday */
    i32 yearday; /* 0 .. 365 */
} Date;

/* Seconds since 1970 of fields that need not be in range. */
i64 seconds_of(const Date *date);
Date date_of(i64 seconds);
/* The year and week (1 .. 53) of ISO 8601. */
i32 iso_week(const Date *date, i64 *year);

#endif
