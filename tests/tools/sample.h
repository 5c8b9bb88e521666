/*
 * sample.h - programs built by hand, for tests of what comes after the front end.
 */
#ifndef WF_TESTS_SAMPLE_H
#define WF_TESTS_SAMPLE_H

#include "lang/code/program.h"

enum sample_kind {
    SAMPLE_SMALL, /* one trigger: the seventh day after joining, and no purchase */
    SAMPLE_FULL, /* segments, classes, population figures, lifts, follows, every kind of register */
    SAMPLE_WIDE, /* and other views: by invitees, what was sent; a column of a table */
};

/* The graph only, verified; free it with wf_program_free. NULL when anything fails. */
struct wf_program *sample_graph(enum sample_kind kind);

/* The same with its code and hash, not yet verified as a whole. */
struct wf_program *sample_program(enum sample_kind kind);

#endif
