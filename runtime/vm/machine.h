/*
 * machine.h - the inside of the vector machine: a bound program, and a worker with its registers.
 *
 *   program + dataset + params ── bind ──▶ wf_bound (shared, read only)
 *                                             │ one per thread
 *                                          wf_worker: registers, slots, reductions of one batch
 *
 * Registers of one piece of n <= WF_BATCH rows; bits past n are zero in every bitmap:
 *   B   t, k          point at the register's own words or at a column's
 *   V W data, present point at its own lanes and words or at a column's, never at another register
 */
#ifndef WF_VM_MACHINE_H
#define WF_VM_MACHINE_H

#include <string.h>

#include "lang/base/limits.h"
#include "lang/code/opcode.h"
#include "lang/code/program.h"
#include "runtime/data/dataset.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/exact.h"
#include "runtime/vm/kinds.h"
#include "runtime/vm/lanes.h"
#include "runtime/vm/population.h"
#include "runtime/vm/reduce.h"
#include "runtime/vm/vm.h"

enum { WF_WORDS = WF_BATCH / 64, WF_OWN = WF_WORDS + 1 };

/* ---- what is prepared once ---- */

struct wf_held { /* a run value as the registers hold it */
    bool present;
    int64_t i; /* text: its id */
    double f;
};

/* The constants of an IN, of the kind that its instruction wants. */
struct wf_choices {
    uint32_t n;
    int64_t *i;
    double *f;
    int32_t *w;
};

/* A comparison with a constant, asked of the cells of a narrow column as they are; see fuse.c. */
struct wf_probe {
    uint32_t input;
    struct wf_bounds range;
    bool otherwise; /* of what has no cell, where that is known */
};

/* times * cell + zero of a narrow column, in 64 bits. */
struct wf_line {
    uint32_t input, times;
    int64_t zero;
};

/* A column whose cells are sorted into kinds, once a piece. */
struct wf_sorting {
    uint32_t input;
    const struct wf_kinds *kinds; /* NULL: a cell, of one byte, is its kind */
    uint32_t low;                 /* the cell of the first place */
    const uint8_t *by_cell;       /* of cells of two bytes: the kind of each */
};

/* A test of kinds. */
struct wf_asked {
    uint32_t sorting;             /* into bound->sortings; WF_NONE: lanes are sorted as they come */
    const struct wf_kinds *kinds; /* of the sorting */
    uint32_t count;               /* of kinds, or what may be one */
    int32_t first;                /* of dates: the day of the first place */
    uint64_t t[4], k[4];          /* the tables; texts are always known */
    bool sure;                    /* k is all kinds but OUTSIDE */
    bool always;                  /* t is k */
};

/* What an instruction needs beside its operands. */
struct wf_aux {
    uint32_t *table; /* TEXT_LUT, TEXT_TEST: a bit for each code or id; NULL: always unknown */
    struct wf_choices *choices; /* IN */
    struct wf_probe probe;      /* where fuse.c made it one */
    struct wf_line line[2];     /* where fuse.c made it a comparison of such */
    uint32_t column;            /* TEXT_LUT, LT_AK ..: the input that a is; WF_NONE */
    int32_t day;                /* LT_MK ..: midnight(a) CMP time is a CMP day */
    bool known;                 /* LT_MK .., LT_AK ..: the time is there */
    struct wf_asked *asked;     /* TEXT_LUT, LT_AK ..; NULL: row by row */
};

struct wf_text_piece {
    const char *text;
    uint32_t len;
};

/* One instruction over the piece. A failure is left in worker->status. */
struct wf_worker;
typedef void wf_kernel(struct wf_worker *worker, const struct wf_insn *insn);

struct wf_rests;

struct wf_bound {
    const struct wf_program *program;
    const struct wf_dataset *data;
    const struct wf_vm_params *params;
    const struct wf_vm_sink *sink;
    const struct wf_rests *rests; /* NULL: nobody sleeps, and nothing is kept */
    const struct wf_lanes *lanes;
    const struct wf_alloc *alloc;
    uint32_t batch;
    bool profiled;
    struct wf_arena arena; /* the tables below */
    struct wf_held *held;  /* by run node index of the program */
    struct wf_aux *aux;    /* by instruction */
    wf_kernel **kernels;   /* by instruction */
    struct wf_sorting *sortings;
    uint32_t n_sortings;
    struct wf_text_piece *texts; /* by text id: the distinct texts by bytes, ascending */
    uint32_t n_texts;
    uint32_t **text_ids;        /* by input: id of each code; NULL: not loaded as text */
    struct wf_pop_input *feeds; /* by population figure */
    uint8_t *agg_parts;         /* by aggregate: bit p: part p is read */
    struct wf_pops *pops;
};

/* WF_ERR_FORMAT: the program was not verified; WF_ERR_INTERNAL: the dataset is not this program's.
 */
enum wf_status wf_bind(struct wf_bound *bound, const struct wf_program *program,
                       const struct wf_dataset *data, const struct wf_vm_params *params,
                       const struct wf_vm_options *options, struct wf_pops *pops);
void wf_bound_release(struct wf_bound *bound);

/* ---- a worker ---- */

struct wf_breg {
    const uint64_t *t, *k;
    uint64_t *own_t, *own_k;
};
struct wf_vreg { /* V: 8-byte lanes, W: 4-byte lanes */
    const void *data;
    const uint64_t *present;
    void *own;
    uint64_t *own_present;
};

/* The rows start .. end - 1 of this piece that are of member `member` of the batch. */
struct wf_segment {
    uint32_t member, start, end;
    bool begins, ends; /* its first, its last piece */
};

/* A number sum: fast while it is exact, then a wide one of the worker's. */
struct wf_float_sum {
    double fast;
    bool wide;
    struct wf_exact exact;
};

/* A reduction: the state of the member that is being walked, and the results of the batch. */
struct wf_reduction {
    uint64_t rows, open_rows, lacking, open_lacking, events, open_events;
    bool in_true, in_open; /* the event that is being walked */
    bool timeless, has_value;
    uint64_t first, last; /* absolute rows */
    int64_t value;        /* MIN MAX FIRST_OF LAST_OF: the bits of the value */
    wf_wide sum, low, high;
    struct wf_float_sum fsum, flow, fhigh;
    int64_t *list; /* DISTINCT, GAP */
    size_t n_list, room_list;
    uint64_t hours[24];
    /* results, by member of the batch; a part that nothing reads is NULL */
    void *part[3];       /* lanes of VALUE, LO, HI */
    uint64_t *part_k[3]; /* their presence */
    uint64_t *value_t;   /* VALUE of a bool */
    uint64_t *sure;
};

/* The rows of the batch's members in one view, where FOLLOWED looks for what comes after. */
struct wf_mark {
    uint64_t *t, *k;
    size_t room; /* words */
};

struct wf_later {         /* what may follow, of one member */
    int64_t *sure, *open; /* times, ascending */
    size_t n_sure, n_open, room_sure, room_open;
    bool timeless; /* one more that may be at any time */
};

/* The cells of a narrow column in full, for the rows they were asked for last. */
struct wf_wide {
    void *lanes; /* NULL: the column is not narrow */
    uint64_t row;
    uint32_t n;
};

/* The kinds of the cells of a sorting, for the rows they were asked for last. */
struct wf_sorted {
    uint64_t row;
    uint32_t n;
    uint8_t *kinds; /* NULL: cells are kinds */
    bool outside;   /* some are OUTSIDE, present or not */
};

struct wf_worker {
    const struct wf_bound *bound;
    unsigned number;
    enum wf_status status;
    uint64_t undefined;
    uint64_t batches;           /* done */
    uint64_t *profile;          /* by instruction: nanoseconds of the batches timed; or NULL */
    uint32_t member, n_members; /* the batch */
    uint16_t domain;            /* of the block that runs */
    uint64_t row;               /* first row of the piece */
    uint32_t n;                 /* rows of the piece */
    uint64_t *ones;             /* n bits */
    struct wf_breg *b, *slot_b;
    struct wf_vreg *v, *w, *slot_v, *slot_w;
    struct wf_reduction *reductions; /* by aggregate */
    struct wf_mark *marks;           /* by follow */
    struct wf_later later;
    struct wf_wide *wide;        /* by input */
    struct wf_sorted *sorted;    /* by sorting */
    struct wf_segment *segments; /* of who has rows */
    uint32_t n_segments, next_member;
    uint64_t *idle; /* who of the batch has none, in the view whose block runs; n_idle of them */
    uint32_t n_idle;
    uint16_t *member_of;               /* by row of the piece */
    struct wf_bits *outs, *event_outs; /* by output; NULL: of another domain */
    struct wf_breg *out_own;           /* by output: words for it */
    void **out_lanes;                  /* of each output that is no bool */
    struct wf_arena arena;             /* everything fixed above */
};

enum wf_status wf_worker_init(struct wf_worker *worker, const struct wf_bound *bound,
                              unsigned number);
void wf_worker_release(struct wf_worker *worker);

/* kernel_load.c */
wf_kernel wf_k_load_b, wf_k_load_lanes, wf_k_load_w, wf_k_load_text, wf_k_splat_b, wf_k_splat_v,
    wf_k_splat_w, wf_k_keep_b, wf_k_keep_v, wf_k_keep_w, wf_k_kept_b, wf_k_kept_v, wf_k_kept_w,
    wf_k_agg_b, wf_k_agg_v, wf_k_agg_w, wf_k_pop_b, wf_k_pop_v, wf_k_keep_pop_b, wf_k_keep_pop_v,
    wf_k_keep_pop_w, wf_k_out_b, wf_k_out_v, wf_k_out_w;
/* kernel_load.c: in place of a load, where nobody reads the lanes */
wf_kernel wf_k_load_present_v, wf_k_load_present_w;
/* kernel_load.c: in place of what makes lanes of another's, or of a constant that is there */
wf_kernel wf_k_kept_present_v, wf_k_kept_present_w, wf_k_all_present_v, wf_k_all_present_w;
/* kernel_bool.c */
wf_kernel wf_k_not, wf_k_and, wf_k_or, wf_k_known_if, wf_k_within, wf_k_doubted, wf_k_present_b,
    wf_k_present_v, wf_k_present_w, wf_k_missing_b, wf_k_missing_v, wf_k_missing_w, wf_k_or_else_b,
    wf_k_or_else_v, wf_k_or_else_w, wf_k_select_b, wf_k_select_v, wf_k_select_w, wf_k_exact_b,
    wf_k_exact_i, wf_k_exact_f, wf_k_exact_w;
/* kernel_cmp.c: each serves the six comparisons */
wf_kernel wf_k_cmp_i, wf_k_cmp_f, wf_k_cmp_w, wf_k_cmp_ik, wf_k_cmp_fk, wf_k_cmp_wk, wf_k_cmp_mk,
    wf_k_cmp_ak, wf_k_in_i, wf_k_in_f, wf_k_in_w;
/* kernel_cmp.c: in place of a comparison with a constant (filled: of what is there or else a
 * constant); of two columns' lines */
wf_kernel wf_k_probe_v, wf_k_probe_w, wf_k_probe_filled, wf_k_probe_lines;
/* kernel_text.c */
wf_kernel wf_k_text_lut, wf_k_text_test;
/* kernel_num.c */
wf_kernel wf_k_arith_i, wf_k_arith_ik, wf_k_arith_f, wf_k_arith_fk, wf_k_mul_mf, wf_k_div_mf,
    wf_k_div_mm, wf_k_mul_mfk, wf_k_div_mfk, wf_k_div_mmk, wf_k_neg_i, wf_k_neg_f, wf_k_int_number,
    wf_k_money_number, wf_k_int_money;
/* kernel_date.c */
wf_kernel wf_k_date_add_d, wf_k_date_add_m, wf_k_date_add_dk, wf_k_date_add_mk, wf_k_time_add,
    wf_k_time_add_k, wf_k_date_diff, wf_k_time_diff, wf_k_midnight, wf_k_date_of, wf_k_clock_of,
    wf_k_anniversary;
/* kernel_agg.c, kernel_follow.c */
wf_kernel wf_k_reduce, wf_k_filter, wf_k_followed;

/* Kernels by opcode. */
extern wf_kernel *const wf_kernel_table[WF_OP_COUNT_];

/* fuse.c: which kernel runs for each instruction; what narrow columns can be asked directly. */
enum wf_status wf_fuse(struct wf_bound *bound);

/* kernel_yearly.c: what the LT_AK .. need. */
enum wf_status wf_tabulate_anniversaries(struct wf_bound *bound);

/* kernel_text.c: what the TEXT_LUT need; their tables by code are there. */
enum wf_status wf_sort_texts(struct wf_bound *bound);

/* sorted.c: the sorting of a column's values from `first` on, one for all who ask for the same.
 * WF_NONE for an input of WF_NONE. There is room for one an instruction. */
uint32_t wf_sorting_of(struct wf_bound *bound, uint32_t input, const struct wf_kinds *kinds,
                       int32_t first);

/* All kinds are told apart: lays out what sorts cells of two bytes. */
enum wf_status wf_sortings_done(struct wf_bound *bound);

/* The kinds of the piece's rows of a sorting. */
const uint8_t *wf_sorted_kinds(struct wf_worker *worker, uint32_t sorting, bool *outside);

/* kernel_load.c: the piece's bits of a bitmap by row (NULL: all are set); `own` may hold them. */
const uint64_t *wf_piece_bits(const struct wf_worker *worker, const uint64_t *src, uint64_t *own);

/* kernel_agg.c: readies the results of every reduction for a batch. */
void wf_reductions_reset(struct wf_worker *worker);

/* kernel_follow.c: makes room for the marks of `rows` rows of follow f, all zero. */
enum wf_status wf_mark_reset(struct wf_worker *worker, uint32_t follow, uint64_t rows);

/* dst->own_t is the answer; it is known where a is present. */
static inline void wf_known_where(struct wf_worker *worker, struct wf_breg *dst,
                                  const struct wf_vreg *a)
{
    dst->t = dst->own_t;
    dst->k = a->present;
    if (a->present != a->own_present)
        return; /* a column's, or all: it stays */
    memcpy(dst->own_k, a->present, wf_bit_words(worker->n) * sizeof(uint64_t));
    dst->k = dst->own_k;
}

static inline void wf_unknown(const struct wf_worker *worker, struct wf_breg *dst)
{
    memset(dst->own_t, 0, wf_bit_words(worker->n) * sizeof(uint64_t));
    memset(dst->own_k, 0, wf_bit_words(worker->n) * sizeof(uint64_t));
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}

/* Counts `before & ~after` as undefined. */
static inline void wf_count_undefined(struct wf_worker *worker, const uint64_t *before,
                                      const uint64_t *after)
{
    for (size_t i = 0; i < wf_bit_words(worker->n); i++)
        worker->undefined += wf_bit_count(before[i] & ~after[i]);
}

#endif
