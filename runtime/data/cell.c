#include "runtime/data/cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lang/base/buf.h"
#include "lang/base/checked.h"
#include "lang/base/limits.h"
#include "lang/base/words.h"

enum { MAX_NUMBER_TEXT = 400 };

static bool is_digit(char c)
{
    return (unsigned)(c - '0') < 10;
}

static void trim(const char **text, size_t *len)
{
    while (*len && (**text == ' ' || **text == '\t'))
        (*text)++, (*len)--;
    while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
        (*len)--;
}

/* ---- numbers ---- */

/* A run of digits; false where there is none or where it leaves int64. */
static bool digits(const char *text, size_t len, bool negative, int64_t *out)
{
    int64_t value = 0;
    if (!len)
        return false;
    if (len <= 18) { /* cannot overflow */
        for (size_t i = 0; i < len; i++) {
            if (!is_digit(text[i]))
                return false;
            value = value * 10 + (text[i] - '0');
        }
        *out = negative ? -value : value;
        return true;
    }
    for (size_t i = 0; i < len; i++) { /* downwards: INT64_MIN has no positive twin */
        if (!is_digit(text[i]) || !wf_mul_i64(value, 10, &value) ||
            !wf_sub_i64(value, text[i] - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

static bool all_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_digit(text[i]))
            return false;
    return len > 0;
}

const char *wf_cell_int(const char *text, size_t len, int64_t *out)
{
    trim(&text, &len);
    bool negative = len && *text == '-';
    if (digits(text + negative, len - negative, negative, out))
        return NULL;
    return all_digits(text + negative, len - negative)
               ? N_("is a whole number outside the 64-bit range")
               : N_("is not a whole number");
}

const char *wf_cell_money(const char *text, size_t len, int64_t *out)
{
    static const char what[] = N_("is not an amount of money with at most two decimals");
    trim(&text, &len);
    bool negative = len && *text == '-';
    text += negative;
    len -= negative;
    const char *point = memchr(text, '.', len);
    size_t whole = point ? (size_t)(point - text) : len;
    size_t decimals = point ? len - whole - 1 : 0;
    int64_t units = 0, hundredths = 0;
    if (!len || decimals > 2 || (point && !decimals))
        return what;
    if (whole && !digits(text, whole, negative, &units))
        return all_digits(text, whole) ? N_("is an amount of money out of range") : what;
    if (decimals && !digits(point + 1, decimals, negative, &hundredths))
        return what;
    if (decimals == 1)
        hundredths *= 10;
    if (!wf_mul_i64(units, 100, &units) || !wf_add_i64(units, hundredths, &units))
        return N_("is an amount of money out of range");
    *out = units;
    return NULL;
}

/* [-] digits [. digits] [e [+-] digits], with a digit before the exponent. */
static bool number_shape(const char *text, size_t len)
{
    size_t at = 0, whole = 0, part = 0;
    if (at < len && text[at] == '-')
        at++;
    for (; at < len && is_digit(text[at]); at++)
        whole++;
    if (at < len && text[at] == '.') {
        at++;
        for (; at < len && is_digit(text[at]); at++)
            part++;
        if (!part)
            return false;
    }
    if (!whole && !part)
        return false;
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < len && (text[at] == '-' || text[at] == '+'))
            at++;
        return all_digits(text + at, len - at);
    }
    return at == len;
}

/* Up to 15 digits and 22 decimals: one exact division rounds as well as strtod does. */
static bool plain_number(const char *text, size_t len, double *out)
{
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool negative = *text == '-';
    int64_t mantissa = 0;
    size_t count = 0, decimals = 0;
    bool point = false;
    for (size_t i = negative; i < len; i++) {
        if (text[i] == '.') {
            point = true;
        } else if (is_digit(text[i]) && ++count <= 15) {
            mantissa = mantissa * 10 + (text[i] - '0');
            decimals += point;
        } else {
            return false;
        }
    }
    double value = (double)mantissa / tens[decimals];
    *out = negative ? -value : value;
    return true;
}

const char *wf_cell_number(const char *text, size_t len, locale_t c_locale, double *out)
{
    trim(&text, &len);
    if (len > MAX_NUMBER_TEXT || !number_shape(text, len))
        return N_("is not a number");
    double value;
    if (!plain_number(text, len, &value)) {
        char copy[MAX_NUMBER_TEXT + 1];
        memcpy(copy, text, len);
        copy[len] = '\0';
        value = strtod_l(copy, NULL, c_locale);
    }
    if (!isfinite(value))
        return N_("is a number out of range");
    *out = value + 0.0; /* -0 is 0 */
    return NULL;
}

const char *wf_cell_bool(const char *text, size_t len, bool *out)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"1", true},
                 {"0", false},
                 {"true", true},
                 {"false", false},
                 {"yes", true},
                 {"no", false},
                 {"\xe6\x98\xaf", true},   /* shi4 */
                 {"\xe5\x90\xa6", false}}; /* fou3 */
    trim(&text, &len);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i].text) == len && strncasecmp(words[i].text, text, len) == 0) {
            *out = words[i].value;
            return NULL;
        }
    return N_("is not one of true, false, 1, 0, yes, no, \xe6\x98\xaf, \xe5\x90\xa6");
}

const char *wf_cell_duration(const char *text, size_t len, enum wf_type type, int64_t *out)
{
    static const struct {
        const char *text;
        enum wf_type type;
        int64_t times;
    } units[] = {{"d", WF_T_DAYS, 1},    {"w", WF_T_DAYS, 7},       {"mo", WF_T_MONTHS, 1},
                 {"y", WF_T_MONTHS, 12}, {"h", WF_T_SECONDS, 3600}, {"min", WF_T_SECONDS, 60},
                 {"s", WF_T_SECONDS, 1}};
    trim(&text, &len);
    size_t n = 0;
    int64_t count;
    while (n < len && is_digit(text[n]))
        n++;
    if (digits(text, n, false, &count))
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
            if (units[i].type == type && strlen(units[i].text) == len - n &&
                memcmp(units[i].text, text + n, len - n) == 0)
                return wf_mul_i64(count, units[i].times, out) ? NULL
                                                              : N_("is a duration out of range");
    return type == WF_T_DAYS     ? N_("is not a duration in d or w")
           : type == WF_T_MONTHS ? N_("is not a duration in mo or y")
                                 : N_("is not a duration in h, min or s");
}

/* ---- calendar ---- */

static const char out_of_years[] = N_("is a date outside the years 1900 to 9999");

static bool in_years(int64_t day)
{
    static const int64_t first = -25567; /* 1900-01-01 */
    return day >= first && day <= WF_MAX_DAY;
}

/* What a format found; 0 where it has no such part. */
struct parts {
    int64_t year, month, day, hour, minute, second, offset;
    bool zoned;
};

static bool take_number(const char **text, const char *end, int most, int64_t *out)
{
    int n = 0;
    int64_t value = 0;
    for (; n < most && *text < end && is_digit(**text); n++, (*text)++)
        value = value * 10 + (**text - '0');
    *out = value;
    return n > 0;
}

/* Z, +0800 or +08:00. */
static bool take_offset(const char **text, const char *end, struct parts *parts)
{
    if (*text < end && **text == 'Z') {
        (*text)++;
        parts->zoned = true;
        return true;
    }
    if (*text >= end || (**text != '+' && **text != '-'))
        return false;
    int64_t sign = **text == '-' ? -1 : 1, hours, minutes = 0;
    (*text)++;
    if (!take_number(text, end, 2, &hours))
        return false;
    if (*text < end && **text == ':')
        (*text)++;
    if (*text < end && is_digit(**text) && !take_number(text, end, 2, &minutes))
        return false;
    parts->offset = sign * (hours * 3600 + minutes * 60);
    parts->zoned = true;
    return hours <= 23 && minutes <= 59;
}

static bool take_part(char letter, const char **text, const char *end, struct parts *parts)
{
    switch (letter) {
    case 'Y': return take_number(text, end, 4, &parts->year);
    case 'm': return take_number(text, end, 2, &parts->month);
    case 'd': return take_number(text, end, 2, &parts->day);
    case 'H': return take_number(text, end, 2, &parts->hour);
    case 'M': return take_number(text, end, 2, &parts->minute);
    case 'S': return take_number(text, end, 2, &parts->second);
    case 'z': return take_offset(text, end, parts);
    case '%': return *text < end && *(*text)++ == '%';
    default: return false;
    }
}

static bool by_format(const char *text, size_t len, const char *format, struct wf_stamp *out)
{
    struct parts parts = {0};
    const char *end = text + len;
    for (; *format; format++) {
        if (*format == '%' && format[1]) {
            if (!take_part(*++format, &text, end, &parts))
                return false;
        } else if (text >= end || *text++ != *format) {
            return false;
        }
    }
    if (text != end || !wf_civil_valid(parts.year, parts.month, parts.day) || parts.hour > 23 ||
        parts.minute > 59 || parts.second > 59)
        return false;
    *out = (struct wf_stamp){
        .day = wf_civil_to_day(parts.year, (int)parts.month, (int)parts.day),
        .clock = parts.hour * 3600 + parts.minute * 60 + parts.second,
        .zoned = parts.zoned,
        .offset = (int32_t)parts.offset,
    };
    return true;
}

/* 0000-00-00 and the like: databases write them for "no date". */
static bool looks_like_date(const char *text, size_t len)
{
    if (len < 10 || text[4] != '-' || text[7] != '-' ||
        (len > 10 && text[10] != ' ' && text[10] != 'T'))
        return false;
    return all_digits(text, 4) && all_digits(text + 5, 2) && all_digits(text + 8, 2);
}

static const char *no_date(const char *text, size_t len, const char *otherwise)
{
    return looks_like_date(text, len) ? N_("is not a day of the calendar") : otherwise;
}

const char *wf_cell_date(const char *text, size_t len, const char *format, int64_t *out)
{
    trim(&text, &len);
    int64_t day;
    if (format) {
        struct wf_stamp stamp;
        if (!by_format(text, len, format, &stamp))
            return N_("is not a date of the declared format");
        day = stamp.day;
    } else if (!wf_date_parse(text, len, &day)) {
        return no_date(text, len, N_("is not a date like 2026-11-22"));
    }
    if (!in_years(day))
        return out_of_years;
    *out = day;
    return NULL;
}

const char *wf_cell_time(const char *text, size_t len, const char *format,
                         const struct wf_zone *zone, struct wf_stretch *stretch, int64_t *out)
{
    trim(&text, &len);
    struct wf_stamp stamp;
    if (format ? !by_format(text, len, format, &stamp) : !wf_stamp_parse(text, len, &stamp))
        return format ? N_("is not a time of the declared format")
                      : no_date(text, len, N_("is not a time like 2026-11-22 14:00:00"));
    if (!in_years(stamp.day))
        return out_of_years;
    int64_t time = wf_zone_stamp(zone, stretch, stamp);
    if (!wf_time_in_calendar(time))
        return out_of_years;
    *out = time;
    return NULL;
}

const char *wf_cell_clock(const char *text, size_t len, int64_t *out)
{
    trim(&text, &len);
    return wf_clock_parse(text, len, out) ? NULL : N_("is not a time of day like 09:30");
}

/* ---- sets and ids ---- */

struct member {
    const char *text;
    size_t len;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

const char *wf_cell_set(const char *text, size_t len, struct wf_buf *out)
{
    struct member members[WF_MAX_SET];
    size_t n = 0;
    for (const char *end = text + len; text <= end; text++) {
        const char *stop = text;
        while (stop < end && *stop != ';' && *stop != '|')
            stop++;
        struct member member = {text, (size_t)(stop - text)};
        trim(&member.text, &member.len);
        if (member.len && n == WF_MAX_SET)
            return N_("is a set of more than WF_MAX_SET (4096) members");
        if (member.len)
            members[n++] = member;
        text = stop;
    }
    qsort(members, n, sizeof(members[0]), compare_members);
    for (size_t i = 0, written = 0; i < n; i++) {
        if (i && compare_members(&members[i - 1], &members[i]) == 0)
            continue;
        if (written++)
            wf_buf_addc(out, ';');
        wf_buf_add(out, members[i].text, members[i].len);
    }
    return NULL;
}

/* 4.4E+17: what a spreadsheet makes of an id of many digits. */
static bool mangled(const char *text, size_t len)
{
    size_t at = 0, whole = 0, exponent = 0;
    for (; at < len && is_digit(text[at]); at++)
        whole++;
    if (at < len && text[at] == '.')
        for (at++; at < len && is_digit(text[at]);)
            at++;
    if (whole != 1 || at >= len || (text[at] != 'E' && text[at] != 'e'))
        return false;
    at++;
    if (at >= len || text[at] != '+')
        return false;
    for (at++; at < len && is_digit(text[at]); at++)
        exponent++;
    return exponent && at == len;
}

const char *wf_cell_id(const char *text, size_t len)
{
    if (len > WF_MAX_ID)
        return N_("is an id longer than WF_MAX_ID (256 bytes)");
    return mangled(text, len) ? N_("is an id that a spreadsheet has turned into a number") : NULL;
}
