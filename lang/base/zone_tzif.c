/*
 * zone_tzif.c - reads a zone from the bytes of a TZif file (RFC 8536).
 *
 *   version 1:   [head][32-bit data]
 *   version 2+:  [head][32-bit data][head][64-bit data]["\n" POSIX rule "\n"]
 *
 *   head  "TZif" version 15x0  isutcnt isstdcnt leapcnt timecnt typecnt charcnt   (6 x 32 bits)
 *   data  times[timecnt]  types[timecnt] (1 byte)  ttinfo[typecnt] (6 bytes: utoff, isdst, name)
 *         names[charcnt]  leap[leapcnt]  isstd[isstdcnt]  isut[isutcnt]
 *
 * What the rule says about the time after the last transition is written out as transitions over
 * 400 years, which then repeat: looking an instant up has one way only.
 */
#include "lang/base/zone.h"

#include <string.h>

enum { HEAD = 44, MAX_RULE = 255 };
/* 400 to repeat; one year before and two behind, as a change may lie a week outside its year. */
enum { RULE_YEARS = 404 };

struct head {
    uint32_t isut, isstd, leap, time, type, chars;
};

/* When a rule changes the offset within a year, in local seconds from the year's beginning. */
struct change {
    char kind; /* 'M': month.week.weekday, 'J': day 1..365 without Feb 29, 'D': day 0..365 */
    int month, week, weekday, day;
    int32_t clock;
};

struct rule {
    int32_t standard, daylight;
    bool has_daylight;
    struct change start, end;
};

struct text {
    const char *at, *end;
};

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be_time(const unsigned char *p, size_t width)
{
    if (width == 4)
        return (int32_t)be32(p);
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool read_head(const unsigned char *p, size_t len, struct head *head)
{
    if (len < HEAD || memcmp(p, "TZif", 4) != 0)
        return false;
    *head = (struct head){be32(p + 20), be32(p + 24), be32(p + 28),
                          be32(p + 32), be32(p + 36), be32(p + 40)};
    return true;
}

static uint64_t data_size(const struct head *head, size_t width)
{
    return (uint64_t)head->time * (width + 1) + (uint64_t)head->type * 6 + head->chars +
           (uint64_t)head->leap * (width + 4) + head->isstd + head->isut;
}

/* ---- the POSIX rule ---- */

static bool eat(struct text *text, char c)
{
    if (text->at == text->end || *text->at != c)
        return false;
    text->at++;
    return true;
}

static bool number(struct text *text, int max, int *out)
{
    int value = 0;
    const char *first = text->at;
    for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
        value = value * 10 + (*text->at - '0');
        if (value > max)
            return false;
    }
    *out = value;
    return text->at > first;
}

/* [+-]hh[:mm[:ss]], hours up to `max`. */
static bool seconds(struct text *text, int max, int32_t *out)
{
    bool minus = eat(text, '-');
    if (!minus)
        eat(text, '+');
    int h, m = 0, s = 0;
    if (!number(text, max, &h))
        return false;
    if (eat(text, ':') && (!number(text, 59, &m) || (eat(text, ':') && !number(text, 59, &s))))
        return false;
    int32_t value = h * 3600 + m * 60 + s;
    *out = minus ? -value : value;
    return true;
}

static bool zone_name(struct text *text)
{
    const char *first = text->at;
    if (eat(text, '<')) {
        while (text->at < text->end && *text->at != '>')
            text->at++;
        return eat(text, '>');
    }
    while (text->at < text->end && ((*text->at | 32) >= 'a' && (*text->at | 32) <= 'z'))
        text->at++;
    return text->at - first >= 3;
}

static bool change(struct text *text, struct change *out)
{
    *out = (struct change){.kind = 'D', .clock = 7200};
    if (eat(text, 'M')) {
        out->kind = 'M';
        if (!number(text, 12, &out->month) || !eat(text, '.') || !number(text, 5, &out->week) ||
            !eat(text, '.') || !number(text, 6, &out->weekday) || !out->month || !out->week)
            return false;
    } else {
        if (eat(text, 'J'))
            out->kind = 'J';
        if (!number(text, 365, &out->day) || (out->kind == 'J' && !out->day))
            return false;
    }
    return !eat(text, '/') || seconds(text, 167, &out->clock);
}

static bool read_rule(struct text text, struct rule *out)
{
    int32_t west;
    if (!zone_name(&text) || !seconds(&text, 24, &west))
        return false;
    *out = (struct rule){.standard = -west, .daylight = 3600 - west};
    if (text.at == text.end)
        return true;
    out->has_daylight = true;
    if (!zone_name(&text))
        return false;
    if (text.at < text.end && *text.at != ',') {
        if (!seconds(&text, 24, &west))
            return false;
        out->daylight = -west;
    }
    return eat(&text, ',') && change(&text, &out->start) && eat(&text, ',') &&
           change(&text, &out->end) && text.at == text.end;
}

/* The local reading, in seconds since 1970-01-01T00:00 local, at which a change takes place. */
static int64_t change_local(const struct change *c, int64_t year)
{
    int64_t day;
    if (c->kind == 'M') {
        int64_t first = wf_civil_to_day(year, c->month, 1);
        int weekday = (c->weekday + 6) % 7; /* POSIX counts from Sunday */
        int64_t ahead = (weekday - wf_weekday(first) + 7) % 7 + 7 * (c->week - 1);
        if (ahead >= wf_month_days(year, c->month))
            ahead -= 7; /* week 5 is the last one there is */
        day = first + ahead;
    } else {
        bool behind_leap = c->kind == 'J' && wf_leap_year(year) && c->day >= 60;
        day = wf_civil_to_day(year, 1, 1) + c->day - (c->kind == 'J') + behind_leap;
    }
    return day * WF_DAY_SECONDS + c->clock;
}

/* ---- building ---- */

static void add(struct wf_zone *zone, int64_t from, int32_t offset)
{
    if (from == zone->from[zone->n - 1]) { /* a rule may end and start at one instant */
        zone->offset[zone->n - 1] = offset;
        return;
    }
    if (from < zone->from[zone->n - 1] || offset == zone->offset[zone->n - 1])
        return;
    zone->from[zone->n] = from;
    zone->offset[zone->n] = offset;
    zone->n++;
}

static void add_rule(struct wf_zone *zone, const struct rule *rule, int64_t after)
{
    if (after > WF_MAX_TIME)
        return;
    int64_t known = after < WF_MIN_TIME ? WF_MIN_TIME : after;
    int64_t year = wf_day_to_civil(wf_floor_day(known)).year;
    if (!rule->has_daylight) {
        add(zone, known + 1, rule->standard);
        return;
    }
    for (int64_t y = year - 1; y < year - 1 + RULE_YEARS; y++) {
        int64_t start = change_local(&rule->start, y) - rule->standard;
        int64_t end = change_local(&rule->end, y) - rule->daylight;
        bool north = start < end;
        if ((north ? start : end) > after)
            add(zone, north ? start : end, north ? rule->daylight : rule->standard);
        if ((north ? end : start) > after)
            add(zone, north ? end : start, north ? rule->standard : rule->daylight);
    }
    zone->cycle = wf_civil_to_day(year + 401, 1, 1) * WF_DAY_SECONDS;
}

static bool add_listed(struct wf_zone *zone, const unsigned char *data, const struct head *head,
                       size_t width, int64_t *last_out)
{
    const unsigned char *types = data + (size_t)head->time * width;
    const unsigned char *infos = types + head->time;
    for (uint32_t i = 0; i < head->type; i++) {
        int32_t offset = (int32_t)be32(infos + (size_t)i * 6);
        if (offset <= -25 * 3600 || offset >= WF_ZONE_MAX_OFFSET)
            return false;
    }
    zone->from[0] = INT64_MIN;
    zone->offset[0] = (int32_t)be32(infos);
    zone->n = 1;
    *last_out = INT64_MIN;
    for (uint32_t i = 0; i < head->time; i++) {
        int64_t time = be_time(data + (size_t)i * width, width);
        if (types[i] >= head->type || (i && time <= *last_out))
            return false;
        add(zone, time, (int32_t)be32(infos + (size_t)types[i] * 6));
        *last_out = time;
    }
    return true;
}

/* The bytes between the two newlines behind the 64-bit data. */
static bool find_rule(const unsigned char *p, size_t len, struct text *rule_out)
{
    if (len < 2 || p[0] != '\n')
        return false;
    const unsigned char *end = memchr(p + 1, '\n', len - 1);
    if (!end || end - p - 1 > MAX_RULE)
        return false;
    *rule_out = (struct text){(const char *)p + 1, (const char *)end};
    return true;
}

/* Where the data to be read stands: the 64-bit one where there is one. */
static bool find_data(const unsigned char *p, size_t len, struct head *head, size_t *at_out,
                      size_t *width_out)
{
    size_t at = HEAD, width = 4;
    if (!read_head(p, len, head))
        return false;
    if (p[4]) {
        uint64_t skip = data_size(head, 4);
        if (p[4] < '2' || p[4] > '4' || skip > len - at)
            return false;
        at += (size_t)skip;
        if (!read_head(p + at, len - at, head))
            return false;
        at += HEAD;
        width = 8;
    }
    *at_out = at;
    *width_out = width;
    return head->type >= 1 && head->type <= 256 && !head->leap &&
           data_size(head, width) <= len - at;
}

enum wf_status wf_zone_parse(const struct wf_alloc *alloc, const void *bytes, size_t len,
                             struct wf_zone **zone_out)
{
    const unsigned char *p = bytes;
    struct head head;
    struct rule rule;
    struct text text = {0};
    size_t at, width;
    if (!find_data(p, len, &head, &at, &width))
        return WF_ERR_DATA;
    size_t behind = at + (size_t)data_size(&head, width);
    if (width == 8 && !find_rule(p + behind, len - behind, &text))
        return WF_ERR_DATA;
    bool has_rule = text.at != text.end;
    if (has_rule && !read_rule(text, &rule))
        return WF_ERR_DATA;

    struct wf_zone *zone;
    enum wf_status status = wf_zone_fixed(alloc, 0, &zone);
    if (status)
        return status;
    size_t room = (size_t)head.time + 2 + 2 * RULE_YEARS, cap_from = 1, cap_offset = 1;
    int64_t last;
    if (wf_grow(alloc, &zone->from, &cap_from, room, sizeof(*zone->from)) ||
        wf_grow(alloc, &zone->offset, &cap_offset, room, sizeof(*zone->offset)))
        status = WF_ERR_NOMEM;
    else if (!add_listed(zone, p + at, &head, width, &last))
        status = WF_ERR_DATA;
    if (!status && has_rule)
        add_rule(zone, &rule, last);
    if (!status && wf_zone_index(zone))
        status = WF_ERR_NOMEM;
    if (status) {
        wf_zone_free(zone);
        return status;
    }
    *zone_out = zone;
    return WF_OK;
}
