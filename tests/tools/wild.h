/*
 * wild.h - random programs and random nights, each made of one seed, for judging the machine by the
 * row evaluator.
 */
#ifndef WF_TESTS_WILD_H
#define WF_TESTS_WILD_H

#include "lang/base/zone.h"
#include "lang/code/program.h"
#include "lang/ir/build.h"
#include "runtime/data/dataset.h"

struct wild_random {
    uint64_t state;
    const struct wf_ir *near; /* most values lie near its constants, and a night is as its schema
                                 says: nothing is missing that cannot be; NULL: anything */
};
uint64_t wild_next(struct wild_random *random);
uint32_t wild_below(struct wild_random *random, uint32_t n); /* 0 .. n - 1 */
bool wild_chance(struct wild_random *random, uint32_t percent);

/* A present value of a type: small ones mostly, the extremes sometimes. TEXT and SET are static. */
struct wf_value wild_value(struct wild_random *random, enum wf_type type, int64_t now);

/* A value near a constant of random->near; false: there is none of that kind. */
bool wild_near(struct wild_random *random, enum wf_type type, int64_t now, struct wf_value *out);

/* A program under construction. */
struct wild {
    struct wild_random random;
    struct wf_program *program;
    struct wf_irb b;
    int64_t now;
    uint32_t views;
};

/* Inputs, views and `steps` random nodes over them; nothing is asked of them yet. false: no memory.
 */
bool wild_begin(struct wild *wild, uint64_t seed, uint32_t steps);
/* A comparison of amounts in proportion over rows of `domain`; wild_amounts.c. */
void wild_amounts(struct wild *wild, uint16_t domain);
/* Asks for outputs among the nodes: segments over members, triggers over events. */
void wild_outputs(struct wild *wild, uint32_t members, uint32_t events);
/* Verifies the graph, makes and verifies the code. NULL, or what is wrong. */
const char *wild_finish(struct wild *wild);
void wild_release(struct wild *wild);

/* A night for the program: rows for every input and view. `members` is the most it may have. */
struct wf_dataset *wild_dataset(struct wild_random *random, const struct wf_ir *ir,
                                uint32_t members, int64_t now);
void wild_dataset_free(struct wf_dataset *data);

#endif
