/*
 * campaign.h - what the campaigns share: their options, their counting, their verdict.
 *
 *   PROGRAM [--stride N] [--deep N] [--seed N] [--least N] [--scene WORDS] [--verbose] [--weaken
 * WHAT]
 *
 * A campaign numbers the points it could try; it tries every Nth of them (--stride), from the seed
 * on, and for each of those every Nth of what can happen in the run that goes on (--deep). It fails
 * if any is bad or if it tried fewer than --least. With --weaken a part of the protocol is taken
 * away, and a campaign that finds nothing bad then has failed.
 */
#ifndef WF_TESTS_CAMPAIGN_H
#define WF_TESTS_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/fault/scene.h"

struct campaign {
    const char *name, *scene, *weaken;
    uint64_t stride, deep, seed, least;
    bool verbose;
    uint64_t numbered[2]; /* points; those of the runs that go on */
    uint64_t points, bad;
};

/* False: the options are no good, and it said so. */
bool campaign_begin(struct campaign *c, const char *name, int argc, char **argv);

/* Whether the next point is one of those to be tried; then it is counted. */
bool campaign_takes(struct campaign *c);
bool campaign_takes_deep(struct campaign *c);

/* The last point is bad. At most a few are printed in full. */
void campaign_bad(struct campaign *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A word to whoever watches. */
void campaign_says(const struct campaign *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

typedef void scene_fn(struct campaign *c, struct play *play);
/* Plays every scene that was asked for. */
void campaign_scenes(struct campaign *c, scene_fn *fn);

/* Goes on from whatever is left of the disturbed night: by running it again, or by running the next
 * one instead. `marked`: somebody may have taken the disturbed night. */
void campaign_again(struct campaign *c, struct play *play, const char *where);
void campaign_next(struct campaign *c, struct play *play, bool marked, const char *where);

/* The last line, and the exit code. */
int campaign_end(const struct campaign *c);

#endif
