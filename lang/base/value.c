#include "lang/base/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/buf.h"
#include "lang/base/calendar.h"
#include "lang/base/checked.h"
#include "lang/base/utf8.h"
#include "lang/base/zone.h"

struct wf_value wf_number_value(double f)
{
    if (!isfinite(f))
        return wf_missing(WF_T_NUMBER);
    return (struct wf_value){.type = WF_T_NUMBER, .present = true, .f = f};
}

/* ---- logic ---- */

static bool is_true(struct wf_value v)
{
    return v.present && v.i;
}

static bool is_false(struct wf_value v)
{
    return v.present && !v.i;
}

struct wf_value wf_value_not(struct wf_value a)
{
    return a.present ? wf_bool_value(!a.i) : wf_missing(WF_T_BOOL);
}

struct wf_value wf_value_and(struct wf_value a, struct wf_value b)
{
    if (is_false(a) || is_false(b))
        return wf_bool_value(false);
    return a.present && b.present ? wf_bool_value(true) : wf_missing(WF_T_BOOL);
}

struct wf_value wf_value_or(struct wf_value a, struct wf_value b)
{
    if (is_true(a) || is_true(b))
        return wf_bool_value(true);
    return a.present && b.present ? wf_bool_value(false) : wf_missing(WF_T_BOOL);
}

/* ---- comparison ---- */

static int compare_text(struct wf_value a, struct wf_value b)
{
    uint32_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.text, b.text, shorter) : 0;
    if (order)
        return order < 0 ? -1 : 1;
    return (a.len > b.len) - (a.len < b.len);
}

int wf_value_compare(struct wf_value a, struct wf_value b)
{
    switch (a.type) {
    case WF_T_TEXT:
    case WF_T_SET: return compare_text(a, b);
    case WF_T_NUMBER: return (a.f > b.f) - (a.f < b.f);
    default: return (a.i > b.i) - (a.i < b.i);
    }
}

struct wf_value wf_value_cmp(enum wf_cmp cmp, struct wf_value a, struct wf_value b)
{
    if (!a.present || !b.present || a.type != b.type)
        return wf_missing(WF_T_BOOL);
    int order = wf_value_compare(a, b);
    switch (cmp) {
    case WF_CMP_EQ: return wf_bool_value(order == 0);
    case WF_CMP_NE: return wf_bool_value(order != 0);
    case WF_CMP_LT: return wf_bool_value(order < 0);
    case WF_CMP_LE: return wf_bool_value(order <= 0);
    case WF_CMP_GT: return wf_bool_value(order > 0);
    case WF_CMP_GE: return wf_bool_value(order >= 0);
    }
    return wf_missing(WF_T_BOOL);
}

/* ---- arithmetic ---- */

static bool adds(uint8_t type)
{
    return type == WF_T_INT || type == WF_T_MONEY || type == WF_T_DAYS || type == WF_T_MONTHS ||
           type == WF_T_SECONDS;
}

struct wf_value wf_value_add(struct wf_value a, struct wf_value b)
{
    struct wf_value sum = wf_missing(a.type);
    if (!a.present || !b.present || a.type != b.type)
        return sum;
    if (a.type == WF_T_NUMBER)
        return wf_number_value(a.f + b.f);
    sum.present = adds(a.type) && wf_add_i64(a.i, b.i, &sum.i);
    return sum;
}

struct wf_value wf_value_sub(struct wf_value a, struct wf_value b)
{
    struct wf_value rest = wf_missing(a.type);
    if (!a.present || !b.present || a.type != b.type)
        return rest;
    if (a.type == WF_T_NUMBER)
        return wf_number_value(a.f - b.f);
    rest.present = adds(a.type) && wf_sub_i64(a.i, b.i, &rest.i);
    return rest;
}

struct wf_value wf_value_neg(struct wf_value a)
{
    if (a.present && a.type == WF_T_NUMBER)
        return wf_number_value(-a.f);
    return wf_value_sub(a.present ? wf_int_value(a.type, 0) : a, a);
}

/* Hundredths from a double: half away from zero; what does not fit is missing. */
static struct wf_value money_of(double hundredths)
{
    double whole = round(hundredths);
    if (!(whole >= -0x1p63 && whole < 0x1p63))
        return wf_missing(WF_T_MONEY);
    return wf_int_value(WF_T_MONEY, (int64_t)whole);
}

struct wf_value wf_value_mul(struct wf_value a, struct wf_value b)
{
    if (b.type == WF_T_MONEY) { /* 3 * price is price * 3 */
        struct wf_value swap = a;
        a = b;
        b = swap;
    }
    struct wf_value product = wf_missing(a.type);
    if (!a.present || !b.present)
        return product;
    if (a.type == WF_T_NUMBER && b.type == WF_T_NUMBER)
        return wf_number_value(a.f * b.f);
    if (a.type == WF_T_MONEY && b.type == WF_T_NUMBER)
        return money_of((double)a.i * b.f);
    bool whole = adds(a.type) && b.type == WF_T_INT;
    product.present = whole && wf_mul_i64(a.i, b.i, &product.i);
    return product;
}

struct wf_value wf_value_div(struct wf_value a, struct wf_value b)
{
    bool share = a.type == WF_T_MONEY && b.type == WF_T_NUMBER;
    if (!a.present || !b.present)
        return wf_missing(share ? WF_T_MONEY : WF_T_NUMBER);
    if (share)
        return money_of((double)a.i / b.f);
    if (a.type == WF_T_NUMBER && b.type == WF_T_NUMBER)
        return wf_number_value(a.f / b.f);
    if (a.type == WF_T_MONEY && b.type == WF_T_MONEY)
        return wf_number_value((double)a.i / (double)b.i);
    return wf_missing(WF_T_NUMBER);
}

struct wf_value wf_value_to_number(struct wf_value a)
{
    if (!a.present || a.type == WF_T_NUMBER)
        return a.present ? a : wf_missing(WF_T_NUMBER);
    return wf_number_value(a.type == WF_T_MONEY ? (double)a.i / 100.0 : (double)a.i);
}

struct wf_value wf_value_to_money(struct wf_value a)
{
    struct wf_value money = wf_missing(WF_T_MONEY);
    money.present = a.present && a.type == WF_T_INT && wf_mul_i64(a.i, 100, &money.i);
    return money;
}

/* ---- calendar ---- */

struct wf_value wf_value_date_add(struct wf_value date, struct wf_value duration)
{
    struct wf_value sum = wf_missing(WF_T_DATE);
    if (!date.present || !duration.present)
        return sum;
    if (duration.type == WF_T_DAYS)
        sum.present = wf_day_add_days(date.i, duration.i, &sum.i);
    else if (duration.type == WF_T_MONTHS)
        sum.present = wf_day_add_months(date.i, duration.i, &sum.i);
    return sum;
}

struct wf_value wf_value_time_add(const struct wf_zone *zone, struct wf_value time,
                                  struct wf_value duration)
{
    struct wf_value sum = wf_missing(WF_T_TIME);
    if (!time.present || !duration.present)
        return sum;
    if (duration.type == WF_T_DAYS)
        sum.present = wf_zone_add_days(zone, time.i, duration.i, &sum.i);
    else if (duration.type == WF_T_MONTHS)
        sum.present = wf_zone_add_months(zone, time.i, duration.i, &sum.i);
    else if (duration.type == WF_T_SECONDS)
        sum.present = wf_add_i64(time.i, duration.i, &sum.i) && wf_time_in_calendar(sum.i);
    return sum;
}

struct wf_value wf_value_date_diff(struct wf_value a, struct wf_value b)
{
    struct wf_value days = wf_missing(WF_T_DAYS);
    days.present = a.present && b.present && wf_sub_i64(a.i, b.i, &days.i);
    return days;
}

struct wf_value wf_value_time_diff(struct wf_value a, struct wf_value b)
{
    struct wf_value seconds = wf_missing(WF_T_SECONDS);
    seconds.present = a.present && b.present && wf_sub_i64(a.i, b.i, &seconds.i);
    return seconds;
}

struct wf_value wf_value_days_between(struct wf_value a, struct wf_value b)
{
    struct wf_value days = wf_missing(WF_T_INT);
    days.present = a.present && b.present && wf_sub_i64(b.i, a.i, &days.i);
    return days;
}

struct wf_value wf_value_midnight(const struct wf_zone *zone, struct wf_value date)
{
    if (!date.present)
        return wf_missing(WF_T_TIME);
    return wf_int_value(WF_T_TIME, wf_zone_midnight(zone, date.i));
}

struct wf_value wf_value_local_time(const struct wf_zone *zone, struct wf_value date,
                                    struct wf_value clock)
{
    if (!date.present || !clock.present)
        return wf_missing(WF_T_TIME);
    return wf_int_value(WF_T_TIME, wf_zone_instant(zone, date.i, clock.i));
}

struct wf_value wf_value_date_of(const struct wf_zone *zone, struct wf_value time)
{
    struct wf_value date = wf_missing(WF_T_DATE);
    if (!time.present)
        return date;
    date.i = wf_zone_day(zone, time.i);
    date.present = wf_day_in_calendar(date.i);
    return date;
}

struct wf_value wf_value_clock_of(const struct wf_zone *zone, struct wf_value time)
{
    if (!time.present)
        return wf_missing(WF_T_CLOCK);
    int64_t day, clock;
    wf_zone_local(zone, time.i, &day, &clock);
    return wf_int_value(WF_T_CLOCK, clock);
}

/* ---- text ---- */

/* Where `what` first stands in text[0 .. len), or NULL; an empty one stands at the beginning. */
static const char *find(const char *text, size_t len, const char *what, size_t what_len)
{
    return what_len ? memmem(text, len, what, what_len) : text;
}

static bool both(struct wf_value a, struct wf_value b)
{
    return a.present && b.present;
}

struct wf_value wf_value_contains(struct wf_value a, struct wf_value b)
{
    if (!both(a, b))
        return wf_missing(WF_T_BOOL);
    return wf_bool_value(!b.len || (a.len && find(a.text, a.len, b.text, b.len)));
}

static bool same_bytes(const char *a, const char *b, size_t len)
{
    return !len || memcmp(a, b, len) == 0;
}

struct wf_value wf_value_starts(struct wf_value a, struct wf_value b)
{
    if (!both(a, b))
        return wf_missing(WF_T_BOOL);
    return wf_bool_value(b.len <= a.len && same_bytes(a.text, b.text, b.len));
}

struct wf_value wf_value_ends(struct wf_value a, struct wf_value b)
{
    if (!both(a, b))
        return wf_missing(WF_T_BOOL);
    return wf_bool_value(b.len <= a.len &&
                         (!b.len || same_bytes(a.text + (a.len - b.len), b.text, b.len)));
}

struct text {
    const char *at, *end;
};

/* Bytes of the character at `at`; one where the text is not valid UTF-8. */
static size_t character(const char *at, const char *end)
{
    uint32_t c;
    size_t n = wf_utf8_decode(at, (size_t)(end - at), &c);
    return n ? n : 1;
}

/* How many bytes of `text` the piece of a glob (no '*' in it) covers, or -1. */
static ptrdiff_t piece_here(struct text text, struct text piece)
{
    const char *at = text.at;
    for (const char *p = piece.at; p < piece.end; p++) {
        if (at == text.end)
            return -1;
        if (*p == '?')
            at += character(at, text.end);
        else if (*p == *at)
            at++;
        else
            return -1;
    }
    return at - text.at;
}

/* Moves text->at behind the first place where the piece stands. */
static bool skip_to(struct text *text, struct text piece)
{
    size_t len = (size_t)(piece.end - piece.at);
    if (!len)
        return true;
    if (!memchr(piece.at, '?', len)) {
        const char *hit = find(text->at, (size_t)(text->end - text->at), piece.at, len);
        if (hit)
            text->at = hit + len;
        return hit != NULL;
    }
    while (text->at < text->end) {
        ptrdiff_t n = piece_here(*text, piece);
        if (n >= 0) {
            text->at += n;
            return true;
        }
        text->at += character(text->at, text->end);
    }
    return false;
}

/* The last piece must reach the end: try it from each character on, from the shortest rest. */
static bool ends_with_piece(struct text text, struct text piece)
{
    size_t characters = wf_utf8_count(piece.at, (size_t)(piece.end - piece.at));
    const char *at = text.end;
    for (; characters && at > text.at; characters--) {
        do
            at--;
        while (at > text.at && ((unsigned char)*at & 0xC0) == 0x80);
    }
    return !characters && piece_here((struct text){at, text.end}, piece) == text.end - at;
}

/*
 * The pieces between stars are taken greedily, each at its first place behind the one before: no
 * backtracking. A piece without '?' is found in time linear in the text.
 */
static bool glob(struct text text, struct text pattern)
{
    bool first = true;
    for (;;) {
        size_t len = (size_t)(pattern.end - pattern.at);
        const char *star = len ? memchr(pattern.at, '*', len) : NULL;
        struct text piece = {pattern.at, star ? star : pattern.end};
        if (first) {
            ptrdiff_t n = piece_here(text, piece);
            if (n < 0 || (!star && n != text.end - text.at))
                return false;
            if (!star)
                return true;
            text.at += n;
        } else if (!star) {
            return ends_with_piece(text, piece);
        } else if (!skip_to(&text, piece)) {
            return false;
        }
        first = false;
        pattern.at = star + 1;
    }
}

struct wf_value wf_value_matches(struct wf_value a, struct wf_value pattern)
{
    if (!both(a, pattern))
        return wf_missing(WF_T_BOOL);
    const char *text = a.len ? a.text : "", *glob_text = pattern.len ? pattern.text : "";
    return wf_bool_value(
        glob((struct text){text, text + a.len}, (struct text){glob_text, glob_text + pattern.len}));
}

struct wf_value wf_value_tagged(struct wf_value set, struct wf_value text)
{
    if (!both(set, text))
        return wf_missing(WF_T_BOOL);
    const char *at = set.len ? set.text : "", *end = at + set.len;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        if (!stop)
            stop = end;
        if ((size_t)(stop - at) == text.len && same_bytes(at, text.text, text.len))
            return wf_bool_value(true);
        at = stop < end ? stop + 1 : end;
    }
    return wf_bool_value(false);
}

/* ---- printing ---- */

/* The fewest of 15, 16 or 17 digits that read back the same, with a '.' in every locale. */
static void print_number(struct wf_buf *buf, double f)
{
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, f);
        if (strtod(text, NULL) == f)
            break;
    }
    for (char *p = text; *p; p++) {
        if ((*p < '0' || *p > '9') && *p != '-' && *p != '+' && *p != 'e')
            *p = '.';
    }
    wf_buf_adds(buf, f == 0 ? "0" : text);
}

static void print_money(struct wf_buf *buf, int64_t hundredths)
{
    uint64_t size = hundredths < 0 ? 0 - (uint64_t)hundredths : (uint64_t)hundredths;
    const char cents[] = {'.', (char)('0' + size / 10 % 10), (char)('0' + size % 10)};
    if (hundredths < 0)
        wf_buf_addc(buf, '-');
    wf_buf_add_int(buf, (int64_t)(size / 100));
    wf_buf_add(buf, cents, sizeof(cents));
}

/* "36h", "90min": the largest unit that holds it whole. */
static void print_seconds(struct wf_buf *buf, int64_t seconds)
{
    int64_t unit = seconds && seconds % 3600 == 0 ? 3600 : seconds && seconds % 60 == 0 ? 60 : 1;
    wf_buf_addf(buf, "%lld%s", (long long)(seconds / unit),
                unit == 3600 ? "h"
                : unit == 60 ? "min"
                             : "s");
}

static void print_months(struct wf_buf *buf, int64_t months)
{
    bool years = months && months % 12 == 0;
    wf_buf_addf(buf, "%lld%s", (long long)(years ? months / 12 : months), years ? "y" : "mo");
}

static void print_time(struct wf_buf *buf, const struct wf_zone *zone, int64_t time)
{
    char text[WF_STAMP_TEXT];
    int64_t day, clock;
    wf_zone_local(zone, time, &day, &clock);
    if (!wf_day_in_calendar(day)) /* an instant of the calendar's first or last hours */
        day = day < 0 ? WF_MIN_DAY : WF_MAX_DAY;
    wf_stamp_text(day, clock, text);
    wf_buf_adds(buf, text);
}

void wf_value_print(struct wf_buf *buf, const struct wf_zone *zone, struct wf_value value)
{
    char text[WF_STAMP_TEXT];
    if (!value.present)
        return;
    switch ((enum wf_type)value.type) {
    case WF_T_BOOL: wf_buf_adds(buf, value.i ? "true" : "false"); break;
    case WF_T_NUMBER: print_number(buf, value.f); break;
    case WF_T_MONEY: print_money(buf, value.i); break;
    case WF_T_TEXT:
    case WF_T_SET: wf_buf_add(buf, value.text, value.len); break;
    case WF_T_DATE:
        wf_date_text(value.i, text);
        wf_buf_adds(buf, text);
        break;
    case WF_T_TIME: print_time(buf, zone, value.i); break;
    case WF_T_CLOCK:
        wf_clock_text(value.i, text);
        wf_buf_adds(buf, text);
        break;
    case WF_T_DAYS: wf_buf_addf(buf, "%lldd", (long long)value.i); break;
    case WF_T_MONTHS: print_months(buf, value.i); break;
    case WF_T_SECONDS: print_seconds(buf, value.i); break;
    default: wf_buf_add_int(buf, value.i); break;
    }
}
