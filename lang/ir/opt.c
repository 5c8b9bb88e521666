#include "lang/ir/opt.h"

static enum wf_status tidy(struct wf_ir *ir, const struct wf_zone *zone,
                           const struct wf_alloc *alloc)
{
    (void)zone;
    return wf_ir_tidy(ir, alloc);
}

/* Equal nodes become one in every pass: the builder finds them again. */
const struct wf_ir_pass wf_ir_passes[] = {
    {"fold", "constants, and logic that is the same in all three values", wf_ir_fold},
    {"tidy", "drop what nothing uses, renumber", tidy},
    {NULL, NULL, NULL},
};

enum wf_status wf_ir_optimise(struct wf_ir *ir, const struct wf_zone *zone,
                              const struct wf_alloc *alloc)
{
    enum wf_status status = WF_OK;
    for (const struct wf_ir_pass *pass = wf_ir_passes; pass->name && status == WF_OK; pass++)
        status = pass->run(ir, zone, alloc);
    return status;
}
