#include "runtime/run/united.h"

#include <string.h>

enum wf_status wf_united_known(const struct wf_state *state, struct wf_load_merge **pairs_out,
                               size_t *n_out)
{
    char *text = state->united.data;
    size_t len = state->united.len, n = 0;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\0';
    *n_out = n / 2;
    *pairs_out = n ? wf_calloc(state->alloc, n / 2, sizeof(**pairs_out)) : NULL;
    if (n && !*pairs_out)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n / 2; i++) {
        char *new_id = text + strlen(text) + 1;
        (*pairs_out)[i] = (struct wf_load_merge){text, new_id};
        text = new_id + strlen(new_id) + 1;
    }
    return WF_OK;
}

enum wf_status wf_united_keep(struct wf_state *state, const struct wf_load_report *report)
{
    wf_buf_reset(&state->united);
    for (size_t i = 0; i < report->n_merges; i++) {
        const struct wf_load_merge *pair = &report->merges[i];
        wf_buf_add(&state->united, pair->old_id, strlen(pair->old_id) + 1);
        wf_buf_add(&state->united, pair->new_id, strlen(pair->new_id) + 1);
    }
    return state->united.failed ? WF_ERR_NOMEM : WF_OK;
}
