/*
 * opt.h - passes that rewrite a program into one that means the same with less work.
 *
 * Every pass builds the graph anew from its roots (the records that hang on it), so what no root
 * uses is dropped, equal nodes become one, and numbers depend on the program alone. The values of
 * all roots stay the same, row by row, unknown included.
 */
#ifndef WF_IR_OPT_H
#define WF_IR_OPT_H

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "lang/ir/build.h"

struct wf_zone;

/* The pass list, in the order they run; ends with a NULL name. */
struct wf_ir_pass {
    const char *name, *what;
    enum wf_status (*run)(struct wf_ir *ir, const struct wf_zone *zone,
                          const struct wf_alloc *alloc);
};
extern const struct wf_ir_pass wf_ir_passes[];

/*
 * Runs all passes; the program must be one that wf_ir_verify accepts. zone: the program's, or NULL
 * when it is not known (what depends on it is then left alone). After a failure *ir is as it was.
 */
enum wf_status wf_ir_optimise(struct wf_ir *ir, const struct wf_zone *zone,
                              const struct wf_alloc *alloc);

/* Drops what no root uses and renumbers; marks the inputs that conditions read (`needed`). */
enum wf_status wf_ir_tidy(struct wf_ir *ir, const struct wf_alloc *alloc);

/* The same, with a builder's `simplify` at work on every node (opt_fold). */
enum wf_status wf_ir_rebuild(struct wf_ir *ir, const struct wf_alloc *alloc,
                             uint32_t (*simplify)(struct wf_irb *, const struct wf_ir_node *),
                             const void *simplify_arg);

enum wf_status wf_ir_fold(struct wf_ir *ir, const struct wf_zone *zone,
                          const struct wf_alloc *alloc);

#endif
