/*
 * select.h - which instruction computes a node: the one place that knows.
 */
#ifndef WF_CODE_SELECT_H
#define WF_CODE_SELECT_H

#include <stdbool.h>

#include "lang/code/program.h"

/* wf_choice.op when no instruction is needed: the node is its operand src[0]. */
#define WF_OP_SAME UINT16_MAX

/* What an index of the instruction still needs: the emitter numbers constants and slots. */
enum wf_fill { WF_FILL_NONE, WF_FILL_CONST, WF_FILL_SLOT };

struct wf_choice {
    uint16_t op;
    uint32_t src[3]; /* nodes to have in registers for a, b, c; WF_NONE: none */
    bool code;       /* src[0] is wanted as its column's codes */
    uint8_t fill;    /* enum wf_fill: c is the constant, or the slot, of node `c` */
    uint32_t c, d;
};

/* For node `i` of a verified ir. */
struct wf_choice wf_select(const struct wf_ir *ir, uint32_t i);

#endif
