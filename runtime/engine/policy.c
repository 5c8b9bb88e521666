#include "runtime/engine/policy.h"

#include <string.h>

enum wf_status wf_policies_init(struct wf_policies *policies, const struct wf_ir *ir,
                                struct wf_scalar *scalar, const struct wf_alloc *alloc)
{
    *policies = (struct wf_policies){.ir = ir, .alloc = alloc, .scalar = scalar, .row = UINT32_MAX};
    policies->applies = wf_calloc(alloc, ir->n_policies, 1);
    if (!policies->applies)
        return WF_ERR_NOMEM;
    memset(policies->applies, WF_APPLIES_SURELY, ir->n_policies);
    for (uint32_t i = 0; i < ir->n_policies; i++)
        policies->scoped |= ir->policies[i].scope != WF_NONE;
    return WF_OK;
}

void wf_policies_release(struct wf_policies *policies)
{
    wf_free(policies->alloc, policies->applies);
}

const uint8_t *wf_policies_of(struct wf_policies *policies, uint32_t row)
{
    if (!policies->scoped || policies->row == row)
        return policies->applies;
    policies->row = row;
    wf_scalar_member(policies->scalar, row);
    for (uint32_t i = 0; i < policies->ir->n_policies; i++) {
        uint32_t scope = policies->ir->policies[i].scope;
        if (scope == WF_NONE)
            continue;
        int truth = wf_scalar_truth(policies->scalar, scope);
        policies->applies[i] = truth > 0    ? WF_APPLIES_SURELY
                               : truth == 0 ? WF_APPLIES_NOT
                                            : WF_APPLIES_PERHAPS;
    }
    return policies->applies;
}
