/*
 * expect.h - what could stand at a place. Completion asks the parser itself.
 */
#ifndef WF_SYNTAX_EXPECT_H
#define WF_SYNTAX_EXPECT_H

#include "lang/syntax/token.h"

/* What could stand somewhere. A keyword that could stand there as a name alone is in name_only. */
struct wf_expected {
    bool keyword[WF_KW_COUNT_];
    bool name_only[WF_KW_COUNT_];
    bool raw[WF_RAW_BAD + 1];
    bool sign[128];
    bool compare, arrow;
    bool skipped; /* a mistake before the place: what is expected is only where an item may begin */
};

/*
 * What could stand behind the text of sources->files[file], which begins where a declaration
 * begins. `declared` as for wf_parse. The tokens, filtered and marked, are added to *tokens, which
 * the caller initialised and releases. Mistakes in the text are not told. WF_ERR_NOMEM;
 * WF_ERR_RULES: the text is not UTF-8.
 */
enum wf_status wf_parse_expected(struct wf_arena *arena, struct wf_intern *intern,
                                 const struct wf_sources *sources, uint32_t file,
                                 const struct wf_han_names *declared, struct wf_tokens *tokens,
                                 struct wf_expected *out);

#endif
