#include "lang/syntax/expect.h"

#include "lang/syntax/parser.h"

enum wf_status wf_parse_expected(struct wf_arena *arena, struct wf_intern *intern,
                                 const struct wf_sources *sources, uint32_t file,
                                 const struct wf_han_names *declared, struct wf_tokens *tokens,
                                 struct wf_expected *out)
{
    struct wf_diags unread;
    struct wf_node *module = NULL;
    struct wf_parser *p = wf_calloc(tokens->alloc, 1, sizeof(*p));
    if (!p)
        return WF_ERR_NOMEM;
    *out = (struct wf_expected){0};
    wf_diags_init(&unread, tokens->alloc, sources);
    *p = (struct wf_parser){.arena = arena,
                            .intern = intern,
                            .sources = sources,
                            .diags = &unread,
                            .tokens = tokens,
                            .file = file,
                            .asked = out};
    enum wf_status status = wf_parser_run(p, declared, &module);
    if (status == WF_ERR_RULES && p->answered)
        status = WF_OK;
    wf_diags_release(&unread);
    wf_free(tokens->alloc, p);
    return status;
}
