/*
 * value.h - one scalar value, and the only scalar semantics there are.
 *
 * Constant folding, the row evaluator, defaults, texts and the tests all call these functions; the
 * vector kernels are judged by them. A missing value has present = false and keeps its type.
 */
#ifndef WF_BASE_VALUE_H
#define WF_BASE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/type.h"

struct wf_zone;
struct wf_buf;

struct wf_value {
    uint8_t type; /* enum wf_type */
    bool present;
    uint32_t len; /* TEXT, SET: bytes of `text` */
    union {
        int64_t i;        /* BOOL INT MONEY DATE TIME CLOCK DAYS MONTHS SECONDS ENUM REF */
        double f;         /* NUMBER */
        const char *text; /* TEXT, SET: not owned, not NUL-terminated */
    };
};

static inline struct wf_value wf_missing(enum wf_type type)
{
    return (struct wf_value){.type = (uint8_t)type};
}
static inline struct wf_value wf_int_value(enum wf_type type, int64_t i)
{
    return (struct wf_value){.type = (uint8_t)type, .present = true, .i = i};
}
static inline struct wf_value wf_bool_value(bool b)
{
    return wf_int_value(WF_T_BOOL, b);
}
static inline struct wf_value wf_text_value(enum wf_type type, const char *text, size_t len)
{
    return (struct wf_value){
        .type = (uint8_t)type, .present = true, .len = (uint32_t)len, .text = text};
}
/* NaN and infinities are missing. */
struct wf_value wf_number_value(double f);

/* Kleene logic over BOOL values. */
struct wf_value wf_value_not(struct wf_value a);
struct wf_value wf_value_and(struct wf_value a, struct wf_value b);
struct wf_value wf_value_or(struct wf_value a, struct wf_value b);

/*
 * Comparison: -1, 0, 1 of two present values of one type. Texts compare by bytes. SET is not
 * comparable.
 */
int wf_value_compare(struct wf_value a, struct wf_value b);

enum wf_cmp { WF_CMP_EQ, WF_CMP_NE, WF_CMP_LT, WF_CMP_LE, WF_CMP_GT, WF_CMP_GE };
struct wf_value wf_value_cmp(enum wf_cmp cmp, struct wf_value a, struct wf_value b); /* BOOL */

/* Arithmetic as ir_op.def says (ADD SUB MUL DIV NEG TO_NUMBER TO_MONEY), by operand types. */
struct wf_value wf_value_add(struct wf_value a, struct wf_value b);
struct wf_value wf_value_sub(struct wf_value a, struct wf_value b);
struct wf_value wf_value_mul(struct wf_value a, struct wf_value b);
struct wf_value wf_value_div(struct wf_value a, struct wf_value b);
struct wf_value wf_value_neg(struct wf_value a);
struct wf_value wf_value_to_number(struct wf_value a);
struct wf_value wf_value_to_money(struct wf_value a);

/* Calendar as ir_op.def says (DATE_ADD TIME_ADD DATE_DIFF TIME_DIFF DAYS_BETWEEN MIDNIGHT
 * LOCAL_TIME DATE_OF CLOCK_OF). */
struct wf_value wf_value_date_add(struct wf_value date, struct wf_value duration);
struct wf_value wf_value_time_add(const struct wf_zone *zone, struct wf_value time,
                                  struct wf_value duration);
struct wf_value wf_value_date_diff(struct wf_value a, struct wf_value b);
struct wf_value wf_value_time_diff(struct wf_value a, struct wf_value b);
struct wf_value wf_value_days_between(struct wf_value a, struct wf_value b);
struct wf_value wf_value_midnight(const struct wf_zone *zone, struct wf_value date);
struct wf_value wf_value_local_time(const struct wf_zone *zone, struct wf_value date,
                                    struct wf_value clock);
struct wf_value wf_value_date_of(const struct wf_zone *zone, struct wf_value time);
struct wf_value wf_value_clock_of(const struct wf_zone *zone, struct wf_value time);

/* Text tests over TEXT values; TAGGED over a SET and a TEXT. */
struct wf_value wf_value_contains(struct wf_value a, struct wf_value b);
struct wf_value wf_value_starts(struct wf_value a, struct wf_value b);
struct wf_value wf_value_ends(struct wf_value a, struct wf_value b);
struct wf_value wf_value_matches(struct wf_value a, struct wf_value glob);
struct wf_value wf_value_tagged(struct wf_value set, struct wf_value text);

/*
 * Appends the value as machine files and people read it: money with two decimals, dates ISO 8601,
 * times as local `2026-11-22T14:00:00` in the zone, bool true/false, days "7d", a missing one
 * nothing. numbers are the shortest digits that read back the same.
 */
void wf_value_print(struct wf_buf *buf, const struct wf_zone *zone, struct wf_value value);

#endif
