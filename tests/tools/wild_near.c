/*
 * wild_near.c - random values near the constants of a program: at its limits, and just beside them.
 */
#include <math.h>
#include <string.h>

#include "tests/tools/wild.h"

enum { DAY = 86400, TRIES = 24 };

/* How long a constant is in seconds, where it is a length of time (also a whole number: of days).
 */
static bool length_of(struct wf_value c, int64_t *seconds_out)
{
    switch (c.type) {
    case WF_T_INT:
    case WF_T_DAYS: *seconds_out = c.i * DAY; return c.i > -4000 && c.i < 4000;
    case WF_T_MONTHS: *seconds_out = c.i * 2629800 / DAY * DAY; return c.i > -120 && c.i < 120;
    case WF_T_SECONDS: *seconds_out = c.i; return c.i > -INT32_MAX && c.i < INT32_MAX;
    default: return false;
    }
}

static int64_t beside(struct wild_random *random)
{
    static const int64_t steps[] = {0, 0, 1, -1, 3600, -3600, DAY, -DAY, 3 * DAY, -3 * DAY};
    return steps[wild_below(random, 10)];
}

static bool point_near(struct wild_random *random, struct wf_value c, int64_t now, int64_t *out)
{
    int64_t length;
    if (c.type == WF_T_DATE)
        *out = c.i * DAY;
    else if (length_of(c, &length))
        *out = now - length;
    else
        return false;
    *out += beside(random);
    return true;
}

static bool number_near(struct wild_random *random, struct wf_value c, double *out)
{
    double value = c.type == WF_T_NUMBER ? c.f : (double)c.i;
    if (c.type != WF_T_NUMBER && c.type != WF_T_INT)
        return false;
    static const double steps[] = {0, 0, 0.5, -0.5, 1, -1};
    uint32_t step = wild_below(random, 8);
    *out = step < 6 ? value + steps[step] : nextafter(value, step == 6 ? INFINITY : -INFINITY);
    return true;
}

static bool whole_near(struct wild_random *random, struct wf_value c, enum wf_type type,
                       int64_t *out)
{
    if (c.type == type)
        *out = c.i;
    else if (c.type == WF_T_NUMBER && type == WF_T_INT && fabs(c.f) < 1e15)
        *out = (int64_t)c.f;
    else
        return false;
    *out += (int64_t)wild_below(random, 3) - 1;
    return true;
}

static bool near_one(struct wild_random *random, enum wf_type type, struct wf_value c, int64_t now,
                     struct wf_value *out)
{
    int64_t i;
    *out = wf_int_value(type, 0);
    switch (type) {
    case WF_T_DATE:
    case WF_T_TIME:
        if (!point_near(random, c, now, &i))
            return false;
        out->i = type == WF_T_TIME ? i : (i - (i % DAY + DAY) % DAY) / DAY;
        return true;
    case WF_T_NUMBER: return number_near(random, c, &out->f);
    case WF_T_INT:
    case WF_T_MONEY:
    case WF_T_CLOCK:
        if (!whole_near(random, c, type, &i) || (type == WF_T_CLOCK && (i < 0 || i >= DAY)))
            return false;
        out->i = i;
        return true;
    case WF_T_TEXT:
    case WF_T_SET:
        *out = wf_text_value(type, c.text, c.len);
        return c.type == WF_T_TEXT && c.len < 64;
    default: return false;
    }
}

bool wild_near(struct wild_random *random, enum wf_type type, int64_t now, struct wf_value *out)
{
    const struct wf_ir *ir = random->near;
    for (int i = 0; i < TRIES && ir->n_consts; i++) {
        struct wf_value c = ir->consts[wild_below(random, ir->n_consts)];
        if (c.present && near_one(random, type, c, now, out))
            return true;
    }
    return false;
}
