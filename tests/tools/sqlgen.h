/*
 * sqlgen.h - random conditions, each written twice: in the language and in SQL.
 *
 * How SQL says what the language means: money is cents, enums are positions, and an aggregate over
 * a filter that may be unknown is a pair (surely, possibly), from which a comparison takes its
 * third value. The tables are those of diff_sql.c.
 */
#ifndef WF_TESTS_SQLGEN_H
#define WF_TESTS_SQLGEN_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/buf.h"
#include "lang/base/calendar.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(g, words) ((words)[gen_roll((g), LENGTH(words))])

enum { NIGHT = 20779 }; /* 2026-11-22, a Sunday */

struct gen {
    struct wf_buf way, sql; /* what is being written */
    uint64_t state;         /* of the dice */
};

/* The words of the data. */
extern const char *const cities[6];
extern const char *const brands[4];
extern const char *const channels[3];
extern const char *const tiers[3];
extern const char *const tags[4];

uint64_t gen_roll(struct gen *g, uint64_t sides);
bool gen_chance(struct gen *g, unsigned percent);

/* Write the same into both, or each its own. */
void gen_both(struct gen *g, const char *text);
void gen_way(struct gen *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gen_sql(struct gen *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gen_cut(struct wf_buf *buf, size_t len); /* back to a length */

void gen_op(struct gen *g, const char *sign);
void gen_text_literal(struct gen *g, const char *text);
void gen_money_literal(struct gen *g, int64_t cents);
void gen_date_literal(struct gen *g);

/* A set of events: its text in the language is written, its rows come as SQL conditions. */
struct gen_set {
    char where[512];  /* which rows of the member are in the window */
    char filter[512]; /* "1" or a condition that may be unknown */
    bool doubtful;
};

struct gen_set gen_events(struct gen *g, bool windowed);
struct gen_set gen_total_events(struct gen *g); /* whose filter is never unknown */
void gen_window(struct gen *g, struct gen_set *set);
/* An aggregate that is missing where an undecided row could change it. */
void gen_certain(struct gen *g, const struct gen_set *set, const char *what);
void gen_compare_count(struct gen *g);
void gen_any_or_no(struct gen *g);

/* A whole condition over a member, at most `depth` operators deep. */
void gen_condition(struct gen *g, int depth);

/* A whole metric `f<number>`, and the query that answers its rows of metrics.csv. */
void gen_metric(struct gen *g, unsigned number);

#endif
