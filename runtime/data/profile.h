/*
 * profile.h - where the time of a night went: a row for each phase, begun and ended by whoever does
 * it. NULL wherever one is asked for: nobody wants to know, and no clock is read.
 *
 * Phases are begun and ended on the thread that runs the night; what is done beside it says its
 * seconds when it is over. What it holds is for eyes; nothing is decided by it.
 */
#ifndef WF_DATA_PROFILE_H
#define WF_DATA_PROFILE_H

#include <stdint.h>

/* X(PHASE, key, depth): the key names it to programs, the depth says which one it is part of. */
#define WF_PHASES(X)                                                                               \
    X(STATE, "state", 0)       /* loaded, and a night that was cut short finished */               \
    X(READ, "read", 0)         /* all feeds, and what nights before kept of them */                \
    X(FEED, "feed", 1)         /* one feed: from its files to what the rules see */                \
    X(ROWS, "rows", 2)         /* events: read, cells typed */                                     \
    X(GROUP, "group", 2)       /* events: brought together by member, kept for later nights */     \
    X(EVALUATE, "evaluate", 0) /* from what was read to what leaves */                             \
    X(ROSTER, "roster", 1)     /* who was there before */                                          \
    X(RULES, "rules", 1)       /* every condition for every member: the machine */                 \
    X(MOVES, "moves", 1)       /* who entered and left what, as sets to be kept */                 \
    X(DECIDE, "decide", 1)     /* occurrences, journeys */                                         \
    X(GATES, "gates", 1)       /* caps, stock, hours ... of what was decided */                    \
    X(WRITE, "write", 0)       /* all that must last */                                            \
    X(SNAPSHOT, "snapshot", 1) /* what nights to come need of tonight's exports */                 \
    X(FILES, "files", 1)       /* of the night's folder, synced */                                 \
    X(LEDGER, "ledger", 1)     /* the state's rows; with two threads beside the files */           \
    X(COMMIT, "commit", 1)     /* of the state, synced */                                          \
    X(RELEASE, "release", 1)   /* the folder gets its name, and its marker */

enum wf_phase {
#define WF_PHASE_ENUM(PHASE, key, depth) WF_PHASE_##PHASE,
    WF_PHASES(WF_PHASE_ENUM)
#undef WF_PHASE_ENUM
};

struct wf_profile_row {
    enum wf_phase phase;
    uint32_t feed;  /* FEED and its parts: which one of the report */
    double seconds; /* below 0: it did not end */
};

enum { WF_PROFILE_ROWS = 256 };

struct wf_profile {
    struct wf_profile_row rows[WF_PROFILE_ROWS]; /* as they began; the last ones may lack */
    unsigned n;
    uint64_t *insns; /* NULL, or nanoseconds by instruction of the program, zeros to begin with: the
                        caller's. Those of a program that older journeys are linked into stay 0. */
};

const char *wf_phase_key(enum wf_phase phase);
unsigned wf_phase_depth(enum wf_phase phase);

/* A phase begins; what comes back ends it. Parts begin and end within. */
unsigned wf_profile_begin(struct wf_profile *profile, enum wf_phase phase, uint32_t feed);
void wf_profile_end(struct wf_profile *profile, unsigned row);

/* A phase that another thread did. */
void wf_profile_add(struct wf_profile *profile, enum wf_phase phase, double seconds);

/* Seconds of a clock that only goes forward. */
double wf_profile_clock(void);

#endif
