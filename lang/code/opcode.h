/*
 * opcode.h - the instructions of the machine as an enumeration and a table.
 */
#ifndef WF_CODE_OPCODE_H
#define WF_CODE_OPCODE_H

#include "lang/base/type.h"

enum wf_opcode {
#define OP(name, text, operands) WF_OP_##name,
#include "lang/code/opcode.def"
#undef OP
    WF_OP_COUNT_
};

struct wf_op_info {
    const char *text;
    const char *operands; /* five letters: dst a b c d, see opcode.def */
};

extern const struct wf_op_info wf_op_table[WF_OP_COUNT_];

/* The register kind that holds a type: 'B' 'I' 'F' 'D' 'T'; 0 for a type that has no values. */
char wf_kind_of_type(unsigned type);

#endif
