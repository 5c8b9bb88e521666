/*
 * block.h - makes one block of code: what its roots need, in node order, in few registers.
 *
 * The emitter names roots (wf_block_root), then closes the block (wf_block_close), which counts the
 * readers of every value and appends instructions to the program under construction. A register
 * is free again after its last reader, and what was freed last is used first (it is in the cache).
 */
#ifndef WF_CODE_BLOCK_H
#define WF_CODE_BLOCK_H

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "lang/code/program.h"

/* Something done with nodes once they are computed: OUT, KEEP, KEEP_POP, REDUCE, FILTER. */
struct wf_root {
    uint32_t when;  /* after this node: the greater of a and b */
    uint32_t order; /* among those of one node */
    uint32_t a, b;  /* nodes; b may be WF_NONE */
    uint16_t op;
    uint32_t c, d;
};

/* A node in this block: as its value, and as its column's codes (texts only). */
struct wf_reach {
    uint32_t readers, code_readers;
    uint16_t reg, code_reg; /* once computed */
};

/* The registers of one class in this block. */
struct wf_pool {
    uint32_t *readers; /* by register: how many are still to come */
    uint16_t *free;    /* a stack */
    size_t room_readers, room_free;
    uint32_t n, n_free;
};

struct wf_emitter {
    const struct wf_alloc *alloc;
    const struct wf_ir *ir;
    struct wf_insn *insns; /* of all blocks */
    struct wf_block *blocks;
    struct wf_root *roots;
    struct wf_pool pools[3]; /* B V W */
    struct wf_reach *reach;  /* by node */
    uint32_t *run_index;     /* by node: index into run_nodes + 1, or 0 */
    uint32_t *run_nodes;
    uint32_t *slot;    /* by node: slot + 1 in this stage, or 0 */
    uint32_t *kept_at; /* by node with a slot: the member block's level that keeps it */
    size_t n_insns, n_blocks, n_roots, n_run;
    size_t room_insns, room_blocks, room_roots, room_run;
    uint32_t n_slots[3], max_slots[3]; /* B V W */
    uint32_t max_regs[3];
    uint32_t level; /* of the block under construction */
};

enum wf_status wf_block_root(struct wf_emitter *e, uint16_t op, uint32_t a, uint32_t b, uint32_t c,
                             uint32_t d);

/* Does nothing when there are no roots. */
enum wf_status wf_block_close(struct wf_emitter *e, uint16_t domain, uint16_t stage);

/* 0, 1, 2 for the class of registers (B, V, W) that holds a type. */
unsigned wf_class_of_type(unsigned type);

#endif
