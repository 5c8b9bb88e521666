/*
 * fate.h - what became of a rule for one member on one night: facts, for whoever tells them.
 *
 * A rule's moment may occur several times for a member; each occurrence has its fate. Nothing here
 * reads the ledger: of an occurrence that an earlier night decided its key is known, by which the
 * ledger knows its actions (wf_fate_action).
 */
#ifndef WF_RUN_FATE_H
#define WF_RUN_FATE_H

#include "runtime/run/why.h"

enum wf_fate_kind {
    WF_FATE_ACTS,      /* tonight: the night's decisions say what and whether a gate stopped it */
    WF_FATE_ENTERS,    /* a journey's: its condition holds; the journey says whether it may */
    WF_FATE_NEVER,     /* a value that it is reckoned from is missing */
    WF_FATE_NO_EVENT,  /* the exports hold no such event */
    WF_FATE_NOT_DUE,   /* until `due` */
    WF_FATE_BEFORE,    /* due before the rule's first night, `since`: new rules do not reach back */
    WF_FATE_DECIDED,   /* on an earlier night */
    WF_FATE_UNITED,    /* decided for an id that became this one */
    WF_FATE_REFUSED,   /* due, and the rest of the condition is not known true: `truth` */
    WF_FATE_OTHER_DAY, /* by the calendar: not today */
    WF_FATE_OVER,      /* by the calendar: never again */
    WF_FATE_NO_CROSSING, /* `crossing` says why */
    WF_FATE_SPENT,       /* crossed, but acted at `since`; again from `next` on, if ever */
    WF_FATE_COUNT_
};

enum wf_crossing {
    WF_CROSSING_NOT,     /* it is not so tonight: `truth` */
    WF_CROSSING_AGAIN,   /* the night was run already */
    WF_CROSSING_FIRST,   /* the rule's first night only records */
    WF_CROSSING_STRANGE, /* the member was never seen before, and was there before */
    WF_CROSSING_UNITED,  /* the member was united with another tonight */
    WF_CROSSING_GAP,     /* the night before was too long ago */
    WF_CROSSING_SO,      /* it was so already */
    WF_CROSSING_NOT_SO,  /* it was not so before: there is nothing to leave */
    WF_CROSSING_OTHER,   /* `from` another value: it was not that one */
    WF_CROSSING_UNKNOWN, /* the night before did not know */
};

struct wf_fate {
    enum wf_fate_kind kind;
    enum wf_crossing crossing;
    int truth;  /* of the guard; NO_CROSSING: of what is watched */
    bool keyed; /* `key` is the occurrence's */
    unsigned char key[16];
    int64_t due, since, next; /* WF_NO_TIME: there is none */
    uint64_t event;           /* row of the trigger's view, or WF_NO_EVENT */
};

enum { WF_MOST_FATES = 3 };

/*
 * The fates of a trigger for the member of `row`, the newest occurrences first; at least one. The
 * evaluator stands at the member; for one with an event, call wf_fate_stand before asking more.
 */
enum wf_status wf_fates(const struct wf_why *why, uint32_t trigger, uint32_t row,
                        struct wf_fate out[WF_MOST_FATES], size_t *n_out);

/* Lets the evaluator stand where the occurrence is. */
void wf_fate_stand(const struct wf_why *why, uint32_t trigger, uint32_t row,
                   const struct wf_fate *fate);

/* The id of the trigger's action number `position` for the occurrence; false: it is not known. */
bool wf_fate_action(const struct wf_why *why, uint32_t trigger, uint32_t row,
                    const struct wf_fate *fate, uint32_t position, unsigned char id_out[16]);

/* A rule's state after the night, NULL: it never ran. */
const struct wf_rule_state *wf_fate_rule(struct wf_state *state, const struct wf_ir *ir,
                                         uint32_t trigger);

/* Whether a condition about it stands first among the trigger's atoms: the moment's own. */
bool wf_fate_moment_atom(const struct wf_ir *ir, uint32_t trigger);

/* The decisions about the member of `row` one after the other; NULL: no more. Begin with *at 0. */
const struct wf_decision *wf_fate_decision(const struct wf_why *why, uint32_t row, size_t *at);

/* Whether a decision is of that trigger's occurrence. */
bool wf_fate_decides(const struct wf_fate *fate, uint32_t trigger, uint32_t row,
                     const struct wf_decision *decision);

#endif
