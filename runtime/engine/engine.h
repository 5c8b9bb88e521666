/*
 * engine.h - one night: (program, members, events, prior state, T) -> decisions and the new state.
 *
 *   state ─ roster ─ rules (first run, FLOOR) ─ collect (the machine's sink) ─ decide ─┐
 *                                       ◀─ order of output ─ gates ─ order of contention ┘
 *
 * Nothing here reads or writes anything but memory: the caller commits what comes out or drops it.
 * The same inputs give the same decisions in the same order, whatever the threads, the batches and
 * the order of the rows.
 */
#ifndef WF_ENGINE_ENGINE_H
#define WF_ENGINE_ENGINE_H

#include "lang/base/arena.h"
#include "lang/base/buf.h"
#include "lang/base/intern.h"
#include "lang/base/zone.h"
#include "lang/code/program.h"
#include "runtime/data/dataset.h"
#include "runtime/data/profile.h"
#include "runtime/engine/roster.h"
#include "runtime/engine/ways.h"
#include "runtime/store/state.h"
#include "runtime/vm/scalar.h"
#include "runtime/vm/vm.h"

/* Whom a cap counts: the receiver's contact, owner (else store) or store. */
enum wf_party_kind { WF_PARTY_CONTACT, WF_PARTY_OWNER, WF_PARTY_STORE };
enum { WF_PARTIES = 3 };

/* Something that left on an earlier night, as the caps count it. */
struct wf_past {
    uint32_t member; /* ordinal of who received it; WF_NO_MEMBER: not known */
    int64_t at;
    uint64_t party[WF_PARTIES]; /* as the ledger has it (cap.h), by kind */
    uint32_t channel; /* a text that some cap names; WF_NONE: the sender chose; WF_OTHER: another */
    uint8_t kinds;    /* wf_capped_kinds (cap.h) */
};
#define WF_OTHER (UINT32_MAX - 1)

struct wf_contender; /* contender.h */

/* May stop an action by setting gate and note. `fn` is asked of every one that passed the gates up
 * to reach, before any uses something up; `last` of one that nothing has stopped, before it does
 * so itself. NULL: nobody is asked. */
struct wf_veto {
    void *ctx;
    void (*fn)(void *ctx, struct wf_contender *contender);
    void (*last)(void *ctx, struct wf_contender *contender);
};

struct wf_night {
    const struct wf_program *program; /* verified */
    const struct wf_dataset *data;
    const struct wf_zone *zone; /* NULL: UTC */
    int64_t now;                /* T */
    struct wf_state *state;     /* the prior one; becomes the new one */
    const struct wf_merge *merges;
    size_t n_merges;
    const uint32_t *pinned;     /* by pinned row of ir.journeys, in order: id of the state's rule */
    const struct wf_past *past; /* as far back as the program's caps look */
    size_t n_past;
    struct wf_veto veto; /* an approved night's */
    int64_t approved;    /* nothing leaves before it; 0: nobody had to approve the night */
    struct wf_vm_options vm;
    struct wf_profile *profile;   /* NULL: nobody asks */
    const struct wf_alloc *alloc; /* the state's */
};

/* What stopped an action, in the words of suppressed.csv. */
enum wf_gate {
    WF_GATE_NONE, /* it left */
    WF_GATE_VALID,
    WF_GATE_HOLDOUT,
    WF_GATE_PAUSED,
    WF_GATE_HOURS,
    WF_GATE_REACH,
    WF_GATE_CAP,
    WF_GATE_STOCK,
    WF_GATE_BUDGET,
    WF_GATE_MISSED,
    WF_GATE_COUNT_
};
const char *wf_gate_text(enum wf_gate gate); /* "holdout"; NULL for NONE */

#define WF_NO_TIME INT64_MIN
#define WF_NO_EVENT UINT64_MAX

/* What exactly a gate found. In brackets: what `item` is a row of, and the figures. */
enum wf_note {
    WF_NOTE_NONE,
    WF_NOTE_CONFLICT,   /* valid: another rule sets the same field */
    WF_NOTE_GUARD,      /* valid: held, and its condition is no longer known true */
    WF_NOTE_EXITED,     /* valid: held, and the member has left its journey by exit */
    WF_NOTE_WITHDRAWN,  /* valid: its coupon or message is no longer declared */
    WF_NOTE_UNLISTED,   /* valid: no catalogue of tonight has it [texts; have: it is a coupon] */
    WF_NOTE_UNAPPROVED, /* valid: a catalogue does not approve it [likewise] */
    WF_NOTE_EXPIRED,    /* valid: its catalogue gave it until `since`, a day [likewise] */
    WF_NOTE_HELD_OUT,   /* holdout: of the rule [limit: parts of 1,000,000] */
    WF_NOTE_HOUSE,      /* holdout: of the house [policies; limit] */
    WF_NOTE_PAUSED,     /* paused: [pauses of the state's control] */
    WF_NOTE_FROZEN,     /* paused: by a policy [freezes] */
    WF_NOTE_QUIET,      /* hours: no open minute before the next night's run [quiets, or NONE] */
    WF_NOTE_QUIET_AT,   /* hours: its `at` is in quiet hours that drop [quiets] */
    WF_NOTE_QUIET_EVER, /* hours: quiet all day */
    WF_NOTE_NO_CLOCK,   /* hours: the clock of its `at` is not known */
    WF_NOTE_NO_OWNER,   /* reach: no owner and no store to do a task */
    WF_NOTE_NO_INVITER, /* reach: nobody among the members invited this one */
    WF_NOTE_UNREACHED,  /* reach: a condition is not known true [reaches, or NONE] */
    WF_NOTE_CAP,        /* cap: full [caps; have, limit, since] */
    WF_NOTE_STOCK,      /* stock: all issued [contents; have, limit] */
    WF_NOTE_BUDGET,     /* budget: spent [budgets; have, limit, since] */
    WF_NOTE_LATE,       /* missed: more than the grace after known_by */
    WF_NOTE_UNPLANNED,  /* valid: approved, but the plan that was held did not have it */
    WF_NOTE_OPTED_OUT,  /* reach: approved, but the member opted out since the plan was made */
    WF_NOTE_OVER,       /* missed: approved at `since`, when its not_after had passed */
    WF_NOTE_COUNT_
};
struct wf_gate_note {
    uint8_t what;        /* enum wf_note */
    uint32_t item;       /* a row of the program's table the note is about, or WF_NONE */
    int64_t have, limit; /* the figures that decided */
    int64_t since;       /* from when on `have` was counted */
};

/* What few decisions have: those that were stopped, those of journeys, those held before. */
struct wf_rare {
    int64_t known_by; /* the local midnight by which the occurrence could be known */
    int64_t entry;    /* journeys: when the member entered; else WF_NO_TIME */
    int64_t earliest; /* held for its hours by an earlier night: not before this; else NO_TIME */
    int64_t held;     /* stopped for now: contends again from this T on; NO_TIME: for good */
    uint32_t step;    /* journeys: text of the step's label; WF_NONE */
    bool again;       /* an earlier night held it: its id is known */
    bool deferred;    /* by a cap, which happens once only */
    bool held_out;    /* journeys: was held out on entering */
    bool by_event;    /* journeys: an event entered */
    unsigned char entered[16]; /* that event, by its key */
    struct wf_gate_note note;
};

/*
 * What became of one action of one occurrence. Rules are counted through: 0 .. n_triggers - 1 are
 * the triggers, then come the journeys. A night makes millions of these: they are small.
 */
struct wf_decision {
    unsigned char id[16];
    unsigned char key[16];         /* of the occurrence (of a journey: of the entry) */
    uint64_t event;                /* row of the trigger's view, or WF_NO_EVENT */
    int64_t occurred;              /* due time of the occurrence; logical time of the step */
    int64_t not_before, not_after; /* WF_NO_TIME: no matter */
    uint32_t rule;
    uint32_t action;        /* into the program's actions */
    uint32_t member;        /* row of the member whose occurrence it is */
    uint32_t target;        /* row of the member who receives it */
    uint32_t channel;       /* text: by which it leaves; WF_NONE: the sender chooses */
    uint32_t position : 24; /* of the action within its rule, from 0 */
    uint32_t gate : 8;      /* enum wf_gate */
    struct wf_rare *rare;   /* NULL: nothing of that; what was stopped has it. The outcome's */
};

/* The label of the journey's step, WF_NONE. */
static inline uint32_t wf_decision_step(const struct wf_decision *decision)
{
    return decision->rare ? decision->rare->step : WF_NONE;
}

/* Occurrences of a rule that were decided tonight. */
struct wf_rule_counts {
    uint64_t acted, guard, missed, before, again; /* again: crossings of who acted already */
    uint64_t left, stopped, held;                 /* actions; held: of the stopped, for now */
    bool first;                                   /* its first run */
    uint32_t id;                                  /* the state's number of the rule */
};

/* A segment, or a value of a classify. */
struct wf_segment_counts {
    uint64_t size, unknown, entered, left;
    bool compared; /* entered and left mean something: there was a night before */
};

/* A metric's figure over one group of members. */
struct wf_metric_row {
    uint32_t metric; /* row of ir.metrics */
    char *group;     /* what its members have in `by`; "" without one, or where they lack it */
    bool lacking;
    bool known;                /* there is a value */
    double value;              /* an amount is in hundredths */
    uint64_t members, unknown; /* counted; of whom or how is unknown */
};

/* A journey's night; of an older structure that members still walk, its own. */
struct wf_journey_counts {
    uint64_t entered;
    uint64_t again;  /* occurrences that may not enter: in it already, or not again yet */
    uint64_t frozen; /* that would have entered a journey that stands still */
    uint64_t migrated, moved, left, exited;
    uint64_t goals[2]; /* reached; [1]: by members held out */
    uint64_t doubt;    /* stand still because something about them is unknown */
    uint64_t in_flight;
};

/* A held action that leaves the state without contending again: nobody asks for it tonight. */
struct wf_lapsed {
    unsigned char id[16];
    bool absent;   /* its member is, and the grace is over; else no rule asks for it any more */
    int64_t until; /* it was to contend again then */
};

struct wf_outcome {
    const struct wf_alloc *alloc;
    /* By target's id (bytes), then rule, then occurrence, position. */
    struct wf_decision *decisions;
    size_t n_decisions;
    struct wf_arena *rare; /* n_rare: what the decisions point to, by the thread that made it */
    unsigned n_rare;
    struct wf_rule_counts *rules;       /* by rule */
    struct wf_segment_counts *segments; /* by segment, then by class */
    uint64_t *moves; /* [from * n_classes + to], of one classify, since the last run; or NULL */
    struct wf_metric_row *metrics; /* by metric, then group */
    size_t n_metrics, room_metrics;
    struct wf_journey_counts *journeys; /* by row of ir.journeys; NULL: none ever */
    struct wf_step_counts *passed;      /* by row of ir.steps: members who went on tonight */
    uint64_t *drawn;                    /* by row of ir.arms: members who drew it tonight */
    uint64_t *standing;                 /* by row of ir.steps: members who stand there now */
    struct wf_roster roster;
    struct wf_pops pops;
    struct wf_noted noted;
    struct wf_vm_stats stats;
    struct wf_lapsed *lapsed;
    size_t n_lapsed, room_lapsed;
    int64_t forget; /* marks due before this may be dropped */
};

/* `why` (may be NULL) receives a line about a failure. Release the outcome in any case. */
enum wf_status wf_engine_night(const struct wf_night *night, struct wf_outcome *out,
                               struct wf_buf *why);
void wf_outcome_release(struct wf_outcome *out);

#endif
