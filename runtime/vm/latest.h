/*
 * latest.h - the latest anniversary of a date. Dates repeat, so the last answers are kept by date.
 */
#ifndef WF_VM_LATEST_H
#define WF_VM_LATEST_H

#include "lang/code/program.h"
#include "runtime/vm/vm.h"

enum { WF_LATEST_KEPT = 512 };

struct wf_latest {
    struct wf_latest_kept {
        uint32_t anniv; /* + 1; 0: nothing is kept here */
        int32_t day;
        int64_t due, year; /* year INT64_MIN: none is due yet */
    } kept[WF_LATEST_KEPT];
};

/*
 * The due instant and the year of the latest anniversary `anniv` of `day` that is due by
 * params->now. False: none is. A zeroed struct is empty; the program and the parameters must not
 * change between calls.
 */
bool wf_latest_anniversary(struct wf_latest *latest, const struct wf_ir *ir,
                           const struct wf_vm_params *params, uint32_t anniv, int32_t day,
                           int64_t *due_out, int64_t *year_out);

#endif
