/*
 * lowered.h - a text of rules, checked and lowered, for tests of what the graph is and does.
 */
#ifndef WF_TESTS_LOWERED_H
#define WF_TESTS_LOWERED_H

#include "lang/ir/ir.h"
#include "lang/sema/front.h"

struct lowered {
    struct wf_front front;
    struct wf_arena arena;
    struct wf_ir ir;
};

/* Compiles the text as the only file, imports of std modules apart; the graph is verified. False,
 * with what is wrong printed, when the text does not compile. Release it in both cases. */
bool lowered_from(struct lowered *out, const char *source, bool optimise);
void lowered_release(struct lowered *lowered);

#endif
