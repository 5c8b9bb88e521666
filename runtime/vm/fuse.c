/*
 * What a bound program asks of narrow columns directly.
 *
 *   w1 = load.w joined           w1: presence alone
 *   w2 = date_add.dk w1, 7d      w2: presence alone
 *   b3 = le.mk w2, now           b3: the cells of `joined` themselves, one unsigned range of them
 *
 * A register that holds a column's cell plus a constant is followed to the comparisons that read
 * it; where all its readers are such, its lanes need not be made. Days are moved only where every
 * cell that the column could hold stays in the calendar, so nothing becomes undefined unseen.
 */
#include "runtime/vm/machine.h"

/* What a register holds. */
struct origin {
    uint32_t input; /* WF_NONE: something else */
    int64_t zero;   /* the value of a cell that is 0; of a column that is not narrow: nothing */
    uint32_t maker; /* the instruction that made it */
};

enum { OF_V, OF_W, CLASSES, NO_CLASS = CLASSES };

struct fusing {
    struct wf_bound *bound;
    struct origin *of[CLASSES]; /* by register */
    bool *wanted;               /* by instruction: the lanes of what it makes are read */
    uint32_t *before;           /* by instruction: of a kept date, who made what it moves */
};

static int class_of(char letter)
{
    switch (letter) {
    case 'V':
    case 'I':
    case 'F':
    case 'X': return OF_V;
    case 'W':
    case 'D':
    case 'C': return OF_W;
    default: return NO_CLASS;
    }
}

static const struct wf_column *column_of(const struct fusing *f, const struct origin *origin)
{
    return &f->bound->data->inputs[origin->input];
}

/* The greatest cell of a narrow column. */
static int64_t greatest(const struct wf_column *column)
{
    return (INT64_C(1) << (8 * column->width)) - 1;
}

static bool is_narrow(const struct fusing *f, const struct origin *origin)
{
    return origin->input != WF_NONE && column_of(f, origin)->width;
}

/* ---- readers ---- */

static void want(struct fusing *f, uint32_t maker)
{
    for (; maker != WF_NONE && !f->wanted[maker]; maker = f->before[maker])
        f->wanted[maker] = true;
}

static bool reads_presence_only(uint16_t op)
{
    return op >= WF_OP_PRESENT_B && op <= WF_OP_MISSING_W;
}

static void want_operands(struct fusing *f, const struct wf_insn *insn)
{
    const char *letters = wf_op_table[insn->op].operands;
    const uint32_t of[4] = {0, insn->a, insn->b, insn->c};
    for (int i = 1; i < 4 && !reads_presence_only(insn->op); i++)
        if (class_of(letters[i]) != NO_CLASS)
            want(f, f->of[class_of(letters[i])][of[i]].maker);
}

/* ---- comparisons ---- */

/* The cells whose value CMP x; `zero` is the value of cell 0. */
static struct wf_bounds range_of(enum wf_cmp cmp, int64_t x, int64_t zero, int64_t greatest_cell)
{
    wf_wide cell = (wf_wide)x - zero, low = 0, high = greatest_cell;
    bool flip = cmp == WF_CMP_NE;
    if (cmp == WF_CMP_EQ || cmp == WF_CMP_NE || cmp == WF_CMP_GE)
        low = cell;
    if (cmp == WF_CMP_EQ || cmp == WF_CMP_NE || cmp == WF_CMP_LE)
        high = cell;
    if (cmp == WF_CMP_GT)
        low = cell + 1;
    if (cmp == WF_CMP_LT)
        high = cell - 1;
    low = low < 0 ? 0 : low;
    high = high > greatest_cell ? greatest_cell : high;
    if (low > high) { /* no cell: all cells, turned round */
        low = 0;
        high = greatest_cell;
        flip = !flip;
    }
    return (struct wf_bounds){(uint32_t)low, (uint32_t)(high - low), flip};
}

/* What a comparison compares with; false: not a constant that is there. */
static bool constant_of(const struct wf_bound *bound, uint32_t i, enum wf_cmp *cmp, int64_t *x)
{
    const struct wf_insn *insn = &bound->program->insns[i];
    if (insn->op >= WF_OP_LT_MK && insn->op <= WF_OP_GE_MK) {
        *cmp = (enum wf_cmp)(insn->op - WF_OP_LT_MK + WF_CMP_LT);
        *x = bound->aux[i].day;
        return bound->aux[i].known;
    }
    if (insn->op >= WF_OP_EQ_IK && insn->op <= WF_OP_GE_IK)
        *cmp = (enum wf_cmp)(insn->op - WF_OP_EQ_IK);
    else if (insn->op >= WF_OP_EQ_WK && insn->op <= WF_OP_GE_WK)
        *cmp = (enum wf_cmp)(insn->op - WF_OP_EQ_WK);
    else
        return false;
    *x = bound->held[insn->c].i;
    return bound->held[insn->c].present;
}

/* Whether instruction i needs no lanes of its operand. */
static bool fuse_reader(struct fusing *f, uint32_t i)
{
    struct wf_bound *bound = f->bound;
    const struct wf_insn *insn = &bound->program->insns[i];
    enum wf_cmp cmp;
    int64_t x;
    if (insn->op == WF_OP_TEXT_LUT) {
        bound->aux[i].column = insn->d;
        return true;
    }
    if (insn->op >= WF_OP_LT_AK && insn->op <= WF_OP_GE_AK) {
        const struct origin *a = &f->of[OF_W][insn->a];
        bool whole = a->input != WF_NONE && a->zero == column_of(f, a)->base;
        bound->aux[i].column = whole ? a->input : WF_NONE;
        return whole;
    }
    if (!constant_of(bound, i, &cmp, &x))
        return false;
    int class_ = class_of(wf_op_table[insn->op].operands[1]) == OF_V ? OF_V : OF_W;
    const struct origin *a = &f->of[class_][insn->a];
    if (!is_narrow(f, a))
        return false;
    bound->aux[i].probe =
        (struct wf_probe){a->input, range_of(cmp, x, a->zero, greatest(column_of(f, a)))};
    bound->kernels[i] = class_ == OF_V ? wf_k_probe_v : wf_k_probe_w;
    return true;
}

/* ---- makers ---- */

/* What instruction i leaves in its register. */
static struct origin make_origin(struct fusing *f, uint32_t i)
{
    const struct wf_bound *bound = f->bound;
    const struct wf_insn *insn = &bound->program->insns[i];
    struct origin made = {.input = WF_NONE, .maker = i};
    if (insn->op == WF_OP_LOAD_V || insn->op == WF_OP_LOAD_W || insn->op == WF_OP_LOAD_CODE) {
        made.input = insn->c;
        made.zero = bound->data->inputs[insn->c].base;
    } else if (insn->op == WF_OP_DATE_ADD_DK && bound->held[insn->c].present) {
        const struct origin *a = &f->of[OF_W][insn->a];
        int64_t by = bound->held[insn->c].i, span = WF_MAX_DAY - WF_MIN_DAY;
        if (!is_narrow(f, a) || by > span || by < -span)
            return made;
        int64_t zero = a->zero + by;
        if (zero < WF_MIN_DAY || zero + greatest(column_of(f, a)) > WF_MAX_DAY)
            return made;
        made.input = a->input;
        made.zero = zero;
        f->before[i] = a->maker;
    }
    return made;
}

/* The kernel of an instruction whose lanes nobody wants. */
static wf_kernel *without_lanes(uint16_t op)
{
    switch (op) {
    case WF_OP_LOAD_V: return wf_k_load_present_v;
    case WF_OP_LOAD_W:
    case WF_OP_LOAD_CODE: return wf_k_load_present_w;
    default: return wf_k_date_kept;
    }
}

static void fuse_block(struct fusing *f, const struct wf_block *block, bool *keeps)
{
    const struct wf_program *program = f->bound->program;
    uint32_t end = block->first + block->count;
    for (uint32_t i = block->first; i < end; i++) {
        const struct wf_insn *insn = &program->insns[i];
        int dst = class_of(wf_op_table[insn->op].operands[0]);
        bool fused = fuse_reader(f, i);
        struct origin made = {.input = WF_NONE, .maker = i};
        if (!fused && dst != NO_CLASS)
            made = make_origin(f, i);
        keeps[i] = made.input != WF_NONE;
        if (!fused && !keeps[i])
            want_operands(f, insn);
        if (dst != NO_CLASS)
            f->of[dst][insn->dst] = made;
    }
    for (uint32_t i = block->first; i < end; i++)
        if (keeps[i] && !f->wanted[i])
            f->bound->kernels[i] = without_lanes(program->insns[i].op);
}

enum wf_status wf_fuse(struct wf_bound *bound)
{
    const struct wf_program *program = bound->program;
    size_t n = (size_t)program->n_insns + 1;
    const uint32_t registers[CLASSES] = {program->n_v, program->n_w};
    struct fusing f = {.bound = bound};
    struct wf_arena arena; /* of the pass */
    wf_arena_init(&arena, bound->alloc);
    f.wanted = wf_arena_array(&arena, n, sizeof(*f.wanted));
    f.before = wf_arena_array(&arena, n, sizeof(*f.before));
    bool *keeps = wf_arena_array(&arena, n, sizeof(*keeps));
    for (int c = 0; c < CLASSES; c++)
        f.of[c] = wf_arena_array(&arena, registers[c] + (size_t)1, sizeof(*f.of[c]));
    bound->kernels = wf_arena_array(&bound->arena, n, sizeof(*bound->kernels));
    bool room = f.wanted && f.before && keeps && f.of[OF_V] && f.of[OF_W] && bound->kernels;
    for (uint32_t i = 0; room && i < program->n_insns; i++) {
        bound->kernels[i] = wf_kernel_table[program->insns[i].op];
        bound->aux[i].column = WF_NONE;
        f.before[i] = WF_NONE;
    }
    for (uint32_t b = 0; room && b < program->n_blocks; b++) {
        for (int c = 0; c < CLASSES; c++)
            for (uint32_t reg = 0; reg < registers[c]; reg++)
                f.of[c][reg] = (struct origin){.input = WF_NONE, .maker = WF_NONE};
        fuse_block(&f, &program->blocks[b], keeps);
    }
    wf_arena_release(&arena);
    return room ? WF_OK : WF_ERR_NOMEM;
}
