/*
 * verify.h - is this a program at all? Every index, enumeration, type and domain of every table.
 *
 * What came from a file is hostile until this accepted it; what lowering and the optimiser made is
 * judged by it in tests and by the compiler. It allocates nothing, and takes time linear in the
 * size of the tables. It trusts only that the tables' arrays hold as many rows as their numbers
 * say, that texts are not NULL and that a TEXT or SET constant's bytes can be read.
 *
 * Where a record asks for a MEMBER node or a node of a view, a RUN node (a constant) will do.
 */
#ifndef WF_IR_VERIFY_H
#define WF_IR_VERIFY_H

#include "lang/base/status.h"
#include "lang/ir/ir.h"

struct wf_ir_fault {
    const char *table; /* "nodes"; static text, as `rule` is */
    uint32_t row;
    const char *rule; /* what it breaks, or the name of the field that does */
};

/* WF_OK, or WF_ERR_FORMAT with the first fault. */
enum wf_status wf_ir_verify(const struct wf_ir *ir, struct wf_ir_fault *fault_out);

#endif
