/*
 * lint.h - what the warnings about the truth of conditions share; nobody else includes it.
 *
 * A question is a list of facts. Where the analysis proves that they never hold together, the few
 * that clash are found by leaving out each in turn, and the warning marks every one of them.
 */
#ifndef WF_SEMA_LINT_H
#define WF_SEMA_LINT_H

#include "lang/sema/abs.h"

enum { WF_MOST_FACTS = 48 };

/* How a fact comes to hold where the condition is asked. */
enum wf_why {
    WF_WHY_ASKED,   /* it is part of the condition itself */
    WF_WHY_BESIDE,  /* joined to it by `and` */
    WF_WHY_MOMENT,  /* the rule's moment */
    WF_WHY_BRANCH,  /* an `if` round it, known true */
    WF_WHY_ELSE,    /* an `if` known false */
    WF_WHY_ENTERED, /* what one enters by */
    WF_WHY_VOID,    /* void when: such rows do not count */
    WF_WHY_EARLIER, /* a class before it */
};

struct wf_given {
    struct wf_fact fact;
    enum wf_why why;
    const struct wf_formula *formula;
    const struct wf_node *via; /* the name in the condition that it stands behind, or NULL */
};

struct wf_lint {
    struct wf_abs abs;
    struct wf_sema *s;
    const struct wf_module *module;
    struct wf_given given[WF_MOST_FACTS]; /* what holds where the walk is */
    uint32_t n_given;
    const struct wf_record *row; /* inside [ ] */
    bool entered;                /* inside a journey */
};

/* What a condition is for: what follows when it never, or always, holds. */
enum wf_use {
    WF_USE_NONE,
    WF_USE_RULE,
    WF_USE_JOURNEY,
    WF_USE_SEGMENT,
    WF_USE_CLASS,
    WF_USE_IF,
    WF_USE_EXIT,
    WF_USE_GOAL,
    WF_USE_WAIT,
    WF_USE_REACH,
    WF_USE_SCOPE,
    WF_USE_FILTER,
    WF_USE_WAIT_FILTER,
    WF_USE_CHOICE, /* one side of an `or` */
    WF_USE_COUNT_
};

struct wf_asked { /* the conditions that are joined by `and`, and what for */
    const struct wf_node *const *terms;
    uint32_t n;
    enum wf_use use;
    uint8_t mode; /* how they are asked: known true, unless they stand under a `not` */
    bool in_class;
    const struct wf_str *name; /* of the segment, class ...; or NULL */
    struct wf_span span;       /* of all */
};

/* ---- lint_core.c ---- */

/* Adds a fact; one over WF_MOST_FACTS is left out, which only makes the answers poorer. */
void wf_give(struct wf_lint *l, const struct wf_node *node, enum wf_abs_mode mode, enum wf_why why);
void wf_give_moment(struct wf_lint *l, const struct wf_rule *rule);
/* Warns where the terms never hold together, given what is given; true: it was said. */
bool wf_lint_never(struct wf_lint *l, const struct wf_asked *asked);
/* Warns where a term is never false. */
bool wf_lint_always(struct wf_lint *l, const struct wf_asked *asked);
/* The facts among `all` that clash, kept at the front; 0: no contradiction is proved. */
uint32_t wf_lint_clash(struct wf_lint *l, struct wf_given *all, uint32_t n);
void wf_lint_claim(struct wf_lint *l, enum wf_code code, struct wf_span span,
                   const struct wf_given *all, uint32_t n);
/* A fact as it is asked of a condition, taken apart into those that are joined by `and`. */
uint32_t wf_lint_apart(struct wf_lint *l, struct wf_given one, struct wf_given *out, uint32_t n);
/* Labels every fact but one with what it demands. */
void wf_lint_labels(struct wf_lint *l, struct wf_diag *diag, const struct wf_given *all, uint32_t n,
                    const struct wf_given *but);

/* ---- lint_truth.c ---- */

/* All warnings about conditions of a program without errors. */
void wf_lint_conditions(struct wf_lint *l);
/* One condition, its parts and the filters in it. */
bool wf_lint_condition(struct wf_lint *l, const struct wf_asked *asked);
bool wf_lint_one(struct wf_lint *l, const struct wf_node *cond, enum wf_use use,
                 const struct wf_str *name);

/* ---- lint_reach.c ---- */

void wf_lint_classes(struct wf_lint *l, const struct wf_symbol *classify);
void wf_lint_rule(struct wf_lint *l, const struct wf_rule *rule);
/* The steps, exit and goal of the journey that the rule enters. */
void wf_lint_journey(struct wf_lint *l, const struct wf_rule *enter);

/* ---- lint_segments.c, lint_send.c, lint_overlap.c ---- */

void wf_lint_segments(struct wf_lint *l);
void wf_lint_send(struct wf_lint *l);
void wf_lint_overlaps(struct wf_lint *l);

#endif
