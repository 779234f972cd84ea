/* SPDX-License-Identifier: MIT */
#include "report/format.h"

#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "flowstate/flowstate.h"

#define NS_PER_S   1000000000
#define S_PER_DAY  86400
#define NS_PER_DAY ((int64_t)S_PER_DAY * NS_PER_S)

const char *fst_format_count(uint64_t number, char text[FST_FORMAT_MAX])
{
    char digits[FST_FORMAT_MAX];
    int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    char *to = text;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

const char *fst_format_counted(uint64_t number, const char *noun, char text[FST_FORMAT_MAX])
{
    size_t len;

    fst_format_count(number, text);
    len = strlen(text);
    snprintf(text + len, FST_FORMAT_MAX - len, " %s%s", noun, number == 1 ? "" : "s");
    return text;
}

const char *fst_format_octets(uint64_t octets, char text[FST_FORMAT_MAX])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t tenths = octets / 100;
    unsigned unit = 0;

    if (octets < 1000) {
        snprintf(text, FST_FORMAT_MAX, "%llu B", (unsigned long long)octets);
        return text;
    }
    for (; tenths >= 10000; tenths /= 1000)
        unit++;
    snprintf(text, FST_FORMAT_MAX, "%llu.%llu %s", (unsigned long long)(tenths / 10),
             (unsigned long long)(tenths % 10), units[unit]);
    return text;
}

static const char *two_units(int64_t high, const char *high_unit, int64_t low, const char *low_unit,
                             char text[FST_FORMAT_MAX])
{
    if (low == 0)
        snprintf(text, FST_FORMAT_MAX, "%lld %s", (long long)high, high_unit);
    else
        snprintf(text, FST_FORMAT_MAX, "%lld %s %lld %s", (long long)high, high_unit,
                 (long long)low, low_unit);
    return text;
}

/** With one digit after the point, cut and not rounded: 59.97 s must not read 60.0 s. */
static const char *one_decimal(int64_t ns, int64_t unit, const char *name,
                               char text[FST_FORMAT_MAX])
{
    snprintf(text, FST_FORMAT_MAX, "%lld.%lld %s", (long long)(ns / unit),
             (long long)(ns % unit / (unit / 10)), name);
    return text;
}

const char *fst_format_duration(int64_t ns, char text[FST_FORMAT_MAX])
{
    int64_t seconds = ns / NS_PER_S;

    if (ns < 0)
        ns = seconds = 0;
    if (ns < 1000000) {
        snprintf(text, FST_FORMAT_MAX, "%lld us", (long long)(ns / 1000));
        return text;
    }
    if (ns < NS_PER_S)
        return one_decimal(ns, 1000000, "ms", text);
    if (seconds < 120)
        return one_decimal(ns, NS_PER_S, "s", text);
    if (seconds < 7200)
        return two_units(seconds / 60, "min", seconds % 60, "s", text);
    if (seconds < 2 * S_PER_DAY)
        return two_units(seconds / 3600, "h", seconds % 3600 / 60, "min", text);
    return two_units(seconds / S_PER_DAY, "d", seconds % S_PER_DAY / 3600, "h", text);
}

int64_t fst_day(int64_t ns)
{
    return ns / NS_PER_DAY - (ns % NS_PER_DAY < 0);
}

struct date {
    int64_t year;
    int month, day;
};

/** From days since the epoch to a date of the Gregorian calendar. Years are counted from March, so
 *  that the leap day is the last of its year and month lengths need no table. */
static struct date date_of_day(int64_t day)
{
    int64_t since = day + 719468; /* from 0000-03-01 */
    int64_t era = (since >= 0 ? since : since - 146096) / 146097;
    int64_t of_era = since - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0 is March */
    struct date date;

    date.day = (int)(of_year - (153 * month + 2) / 5 + 1);
    date.month = (int)(month < 10 ? month + 3 : month - 9);
    date.year = year + era * 400 + (date.month <= 2);
    return date;
}

/* Years of 64-bit nanoseconds have four digits: 1677 to 2262. */
static char *put_date(int64_t ns, char *to)
{
    struct date date = date_of_day(fst_day(ns));

    to = fst_put_digits(to, 4, (uint64_t)date.year);
    *to++ = '-';
    to = fst_put_two_digits(to, (unsigned)date.month);
    *to++ = '-';
    return fst_put_two_digits(to, (unsigned)date.day);
}

/* `digits` of the fraction of a second, 1 to 9. */
static inline char *put_clock(int64_t ns, unsigned digits, char *to)
{
    int64_t of_day = ns % NS_PER_DAY + (ns % NS_PER_DAY < 0 ? NS_PER_DAY : 0);
    uint64_t fraction = (uint64_t)of_day % NS_PER_S;
    unsigned seconds = (unsigned)((uint64_t)of_day / NS_PER_S);

    for (unsigned i = digits; i < 9; i++)
        fraction /= 10;
    to = fst_put_two_digits(to, seconds / 3600);
    *to++ = ':';
    to = fst_put_two_digits(to, seconds / 60 % 60);
    *to++ = ':';
    to = fst_put_two_digits(to, seconds % 60);
    *to++ = '.';
    return fst_put_digits(to, digits, fraction);
}

const char *fst_format_date(int64_t ns, char text[FST_FORMAT_MAX])
{
    *put_date(ns, text) = '\0';
    return text;
}

const char *fst_format_clock(int64_t ns, unsigned digits, char text[FST_FORMAT_MAX])
{
    *put_clock(ns, digits, text) = '\0';
    return text;
}

char *fst_put_timestamp(int64_t ns, char *to)
{
    to = put_date(ns, to);
    *to++ = 'T';
    to = put_clock(ns, 9, to);
    *to++ = 'Z';
    return to;
}

const char *fst_format_timestamp(int64_t ns, char text[FST_FORMAT_MAX])
{
    *fst_put_timestamp(ns, text) = '\0';
    return text;
}
