/*
 * memory.h - what the model remembers from night to night; shared by its files.
 */
#ifndef TESTS_NAIVE_MEMORY_H
#define TESTS_NAIVE_MEMORY_H

#include "tests/naive/naive.h"

enum { NV_YEARS = 8, NV_CONTENDERS = 2048, NV_LEFT = 16384 };

/* One member in one journey. */
struct nv_entry {
    bool live, ever;
    int step; /* -1: the end */
    int64_t entry, reached, left;
    int entered_by; /* event, -1: none */
    int hidden;     /* the event that ended the last wait, -1: none */
    struct {
        int step;
        int64_t reached;
    } rest; /* where the member stood before the last wait ended */
};

/* An action that wants to leave, tonight or (held) on a later night. */
struct nv_contender {
    int rule, member, event; /* event: of the occurrence, -1 */
    const struct nv_action *action;
    int position;
    int64_t occurred, entry; /* entry: of its journey, or NV_NONE */
    int entered_by;
    int64_t until;    /* held: contends again from this run on */
    int64_t earliest; /* held for its hours: not before this; else NV_NONE */
    bool deferred;    /* by a cap, once */
    const char *gate; /* NULL: not stopped */
    int64_t from;     /* when it may leave */
    int channel;
};

/* What left, for the caps. */
struct nv_left {
    int member, kinds, channel;
    int who[NV_WHO]; /* as it was that night */
    int64_t at;
};

struct nv_memory {
    bool known; /* the rule was run before */
    int64_t first_t, floor, calendar_done;
    bool waived; /* tonight: first run with a backfill */
    bool decided[NV_MEMBERS], decided_event[NV_EVENTS], decided_year[NV_MEMBERS][NV_YEARS];
    int was[NV_MEMBERS]; /* at the last run: 1, 0, -1 unknown or absent */
    int64_t acted[NV_MEMBERS];
    struct nv_entry entries[NV_MEMBERS];
};

struct nv_model {
    const struct nv_case *c;
    int night;
    int64_t now, last; /* last: T of the run before, NV_NONE: none */
    bool seen[NV_MEMBERS];
    struct nv_memory rules[NV_RULES];
    int n_contenders, n_held, n_left;
    struct nv_contender contenders[NV_CONTENDERS], held[NV_CONTENDERS];
    struct nv_left left[NV_LEFT];
    int issued[NV_NUMBERS];
    char lines[NV_CONTENDERS][80]; /* the night's, as they are compared */
};

/* What an occurrence's conditions are asked for. */
struct nv_asked {
    int member;
    int64_t entry; /* of `since entry`; NV_NONE: outside a journey */
    int entered_by, hidden;
};

/* Three-valued: 1, 0, -1 unknown. */
int nv_truth(const struct nv_model *m, int cond, const struct nv_asked *asked);

/* Whether the event is known tonight and has happened. */
bool nv_known(const struct nv_model *m, const struct nv_event *e);

/* The member's last known purchase, -1: none. */
int nv_last_purchase(const struct nv_model *m, int member);

/* Too late for an occurrence that could be known by the midnight `known_by`. */
bool nv_late(const struct nv_model *m, const struct nv_rule *rule, int64_t known_by);

/* An action that a rule asks for; the caller fills rule to entered_by, and gate if it is missed. */
void nv_contend(struct nv_model *m, struct nv_contender contender);

/* Held actions whose time has come contend again; then all pass the gates, one by one. */
void nv_held_enter(struct nv_model *m);
void nv_gates(struct nv_model *m);

/* Someone enters a journey by an occurrence due then, if they may. */
void nv_enter(struct nv_model *m, int rule, int member, int64_t due, int event);
/* Members in flight move as far as they come tonight. */
void nv_walk(struct nv_model *m, int rule, int member);

#endif
