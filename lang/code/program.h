/*
 * program.h - a compiled program: what the compiler makes, a .wayc file holds and a night runs.
 *
 *   ir      the program as it was written (nodes, rules, texts): reasons, explain, row evaluator
 *   code    the same conditions as straight-line code over batches (opcode.def)
 *   outs    which nodes the machine must hand to its sink
 *
 * Immutable once made. Whatever its origin, a program runs only after wf_verify accepted it.
 */
#ifndef WF_CODE_PROGRAM_H
#define WF_CODE_PROGRAM_H

#include "lang/base/intern.h"
#include "lang/ir/ir.h"

/*
 * One instruction; opcode.def says what each means. Registers are numbered apart by class: B (a
 * bitmap pair), V (a vector of 8-byte lanes with a presence bitmap), W (4-byte lanes, likewise).
 */
struct wf_insn {
    uint16_t op; /* enum wf_opcode */
    uint16_t dst;
    uint16_t a, b;
    uint32_t c; /* third register, or an index (input, constant, aggregate ...) */
    uint32_t d;
};

/* Straight-line code over the rows of one domain. */
struct wf_block {
    uint16_t domain;       /* WF_DOM_MEMBER, or an event view */
    uint16_t stage;        /* population figures stand between stages */
    uint32_t first, count; /* into insns */
};

struct wf_output {
    uint32_t node; /* a node of ir; not a bool: of the member domain */
    uint16_t
        domain; /* WF_DOM_MEMBER or an event view; a RUN node has one wherever it is asked for */
    uint16_t stage; /* the last one */
};

struct wf_program {
    struct wf_arena arena; /* owns everything below */
    struct wf_ir ir;
    struct wf_insn *insns;
    struct wf_block *blocks; /* by stage; within one, in the order they run for a batch */
    struct wf_output *outs;  /* ascending by node, then domain */
    uint32_t *run_nodes;     /* RUN-domain nodes that code uses as constants */
    uint32_t n_insns, n_blocks, n_outs, n_run_nodes;
    uint16_t n_b, n_v, n_w;             /* registers of each class that a worker needs */
    uint16_t slots_b, slots_v, slots_w; /* and slots: member values kept from block to block */
    uint16_t n_stages;
    unsigned char hash[16]; /* of the rules' meaning: equal programs, equal hash */
    bool verified;
};

/*
 * The output index of a node, WF_NONE if it is not an output. `_in`: among the rows of a domain; a
 * node that is no constant has its own domain only, and a constant is found in that of its asker
 * (segments, classes, watches: the members; an EVENT trigger: its view; other triggers: the
 * members).
 */
uint32_t wf_program_output(const struct wf_program *program, uint32_t node);
uint32_t wf_program_output_in(const struct wf_program *program, uint32_t node, uint16_t domain);

void wf_program_free(struct wf_program *program);

#endif
