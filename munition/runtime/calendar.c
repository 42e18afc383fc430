/* SPDX-License-Identifier: MIT */
#include "calendar.h"

enum {
    MINUTE = 60,
    HOUR = 3600,
    DAY = 86400,
    DAYS_OF_400_YEARS = 146097,
    DAYS_OF_100_YEARS = 36524,
    DAYS_OF_4_YEARS = 1461,
    DAYS_OF_YEAR = 365,
    DAYS_BEFORE_1970 = 719468, /* from 1 March of year 0 */
    THURSDAY = 4,
};

static i64 floor_divide(i64 a, i64 b) { return a / b - (a % b != 0 && (a ^ b) < 0); }

static i64 floor_remainder(i64 a, i64 b) { return a - floor_divide(a, b) * b; }

/* Days from 1 March of a year that starts in March to the first of its month (0 = March): 30.6 days each, rounded. */
static i64 days_before_month(i64 month) { return (153 * month + 2) / 5; }

/* Days since 1970 of a day in a month from 1; the day may lie outside of the month. */
static i64 days_of(i64 year, i64 month, i64 day)
{
    i64 shifted = month > 2 ? month - 3 : month + 9;
    year -= month <= 2;
    i64 leaps = floor_divide(year, 4) - floor_divide(year, 100) + floor_divide(year, 400);
    return year * DAYS_OF_YEAR + leaps + days_before_month(shifted) + day - 1 - DAYS_BEFORE_1970;
}

i64 seconds_of(const Date *date)
{
    i64 months = (i64)date->month - 1;
    i64 year = date->year + floor_divide(months, 12);
    i64 days = days_of(year, floor_remainder(months, 12) + 1, date->day);
    return days * DAY + (i64)date->hour * HOUR + (i64)date->minute * MINUTE + date->second;
}

static bool is_leap(i64 year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* Years start in March here, so that the leap day is the last one. */
static void set_day(Date *date, i64 days)
{
    days += DAYS_BEFORE_1970;
    i64 era = floor_divide(days, DAYS_OF_400_YEARS), in_era = floor_remainder(days, DAYS_OF_400_YEARS);
    i64 centuries = in_era / DAYS_OF_100_YEARS;
    centuries -= centuries == 4; /* the last day of an era */
    i64 in_century = in_era - centuries * DAYS_OF_100_YEARS;
    i64 fours = in_century / DAYS_OF_4_YEARS, in_four = in_century % DAYS_OF_4_YEARS;
    i64 years = in_four / DAYS_OF_YEAR;
    years -= years == 4;
    i64 in_year = in_four - years * DAYS_OF_YEAR;
    i64 month = (5 * in_year + 2) / 153;
    i64 march_year = era * 400 + centuries * 100 + fours * 4 + years;
    date->day = (i32)(in_year - days_before_month(month) + 1);
    date->month = (i32)(month < 10 ? month + 3 : month - 9);
    date->year = march_year + (month >= 10);
    i64 from_january = in_year + 59 + is_leap(date->year); /* March 1 is day 59 or 60 of a year */
    date->yearday = (i32)(month >= 10 ? in_year - 306 : from_january);
}

Date date_of(i64 seconds)
{
    Date date;
    i64 days = floor_divide(seconds, DAY);
    i32 rest = (i32)floor_remainder(seconds, DAY);
    set_day(&date, days);
    date.hour = rest / HOUR;
    date.minute = rest % HOUR / MINUTE;
    date.second = rest % MINUTE;
    date.weekday = (i32)floor_remainder(days + THURSDAY, 7);
    return date;
}

/* The week of a year is the one its Thursday lies in. */
i32 iso_week(const Date *date, i64 *year)
{
    i32 thursday = date->yearday - (date->weekday + 6) % 7 + 3;
    *year = date->year;
    if (thursday < 0) {
        *year -= 1;
        thursday += DAYS_OF_YEAR + is_leap(*year);
    } else if (thursday >= DAYS_OF_YEAR + is_leap(*year)) {
        thursday -= DAYS_OF_YEAR + is_leap(*year);
        *year += 1;
    }
    return thursday / 7 + 1;
}
