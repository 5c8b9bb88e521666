/*
 * What a bound program asks of narrow columns directly.
 *
 *   w1 = load.w joined           w1: presence alone
 *   w2 = date_add.dk w1, 7d      w2: presence alone
 *   b3 = le.mk w2, now           b3: the cells of `joined` themselves, one unsigned range of them
 *   v4 = mul.ik visits, 100      v4: presence alone
 *   b5 = gt.i points, v4         b5: cells of both columns, widened and multiplied in passing
 *   v6 = or_else.v age, 30       v6: presence alone
 *   b7 = ge.ik v6, 60            b7: a range of cells where `age` is there, else no
 *
 * A register that holds a column's cell times a number plus a constant is followed to the
 * comparisons that read it; where all its readers are such, its lanes need not be made. That is
 * only done where no cell that the column could hold leaves its type, so nothing becomes undefined
 * unseen.
 */
#include "runtime/vm/machine.h"

/* What a register holds: of a column's cell, times * cell + zero; else nothing that is followed. */
struct origin {
    uint32_t input;      /* WF_NONE: no column's cell */
    int64_t times, zero; /* of a column that is not narrow: 1, and its base */
    uint32_t maker;      /* the instruction that made it */
    bool constant;       /* no cell, but `zero` in every row */
    bool filled;         /* where the column has nothing: */
    int64_t filling;
};

enum { OF_V, OF_W, CLASSES, NO_CLASS = CLASSES };

/* Of a register that is followed, who made what it is made of. */
struct made_of {
    uint32_t cell, filling;
};

struct fusing {
    struct wf_bound *bound;
    struct origin *of[CLASSES]; /* by register */
    bool *wanted;               /* by instruction: the lanes of what it makes are read */
    struct made_of *made_of;    /* by instruction */
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
    while (maker != WF_NONE && !f->wanted[maker]) {
        f->wanted[maker] = true;
        if (f->made_of[maker].filling != WF_NONE) /* a constant: made of nothing */
            f->wanted[f->made_of[maker].filling] = true;
        maker = f->made_of[maker].cell;
    }
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

static wf_wide floor_of(wf_wide a, wf_wide by)
{
    return a / by - (a % by < 0);
}

/* The cells for which times * cell + zero CMP x; times > 0. */
static struct wf_bounds range_of(enum wf_cmp cmp, int64_t x, const struct origin *a,
                                 int64_t greatest_cell)
{
    wf_wide off = (wf_wide)x - a->zero, down = floor_of(off, a->times);
    wf_wide up = down + (down * a->times < off), low = 0, high = greatest_cell;
    bool flip = cmp == WF_CMP_NE;
    if (cmp == WF_CMP_EQ || cmp == WF_CMP_NE || cmp == WF_CMP_GE)
        low = up;
    if (cmp == WF_CMP_EQ || cmp == WF_CMP_NE || cmp == WF_CMP_LE)
        high = down;
    if (cmp == WF_CMP_GT)
        low = down + 1;
    if (cmp == WF_CMP_LT)
        high = up - 1;
    low = low < 0 ? 0 : low;
    high = high > greatest_cell ? greatest_cell : high;
    if (low > high) { /* no cell: all cells, turned round */
        low = 0;
        high = greatest_cell;
        flip = !flip;
    }
    return (struct wf_bounds){(uint32_t)low, (uint32_t)(high - low), flip};
}

static bool holds(enum wf_cmp cmp, int64_t a, int64_t b)
{
    switch (cmp) {
    case WF_CMP_EQ: return a == b;
    case WF_CMP_NE: return a != b;
    case WF_CMP_LT: return a < b;
    case WF_CMP_LE: return a <= b;
    case WF_CMP_GT: return a > b;
    default: return a >= b;
    }
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

/* A comparison of two cells, each times something plus something. */
static bool fuse_lines(struct fusing *f, uint32_t i)
{
    struct wf_bound *bound = f->bound;
    const struct wf_insn *insn = &bound->program->insns[i];
    if (insn->op < WF_OP_EQ_I || insn->op > WF_OP_GE_I)
        return false;
    const struct origin *a = &f->of[OF_V][insn->a], *b = &f->of[OF_V][insn->b];
    if (!is_narrow(f, a) || !is_narrow(f, b) || a->filled || b->filled || a->times > UINT32_MAX ||
        b->times > UINT32_MAX)
        return false;
    bound->aux[i].line[0] = (struct wf_line){a->input, (uint32_t)a->times, a->zero};
    bound->aux[i].line[1] = (struct wf_line){b->input, (uint32_t)b->times, b->zero};
    bound->kernels[i] = wf_k_probe_lines;
    return true;
}

/* Whether instruction i needs no lanes of its operands. */
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
        bool whole = a->input != WF_NONE && !a->filled && a->zero == column_of(f, a)->base;
        bound->aux[i].column = whole ? a->input : WF_NONE;
        return whole;
    }
    if (!constant_of(bound, i, &cmp, &x))
        return fuse_lines(f, i);
    int class_ = class_of(wf_op_table[insn->op].operands[1]) == OF_V ? OF_V : OF_W;
    const struct origin *a = &f->of[class_][insn->a];
    if (!is_narrow(f, a))
        return false;
    bound->aux[i].probe = (struct wf_probe){.input = a->input,
                                            .range = range_of(cmp, x, a, greatest(column_of(f, a))),
                                            .otherwise = a->filled && holds(cmp, a->filling, x)};
    bound->kernels[i] = a->filled        ? wf_k_probe_filled
                        : class_ == OF_V ? wf_k_probe_v
                                         : wf_k_probe_w;
    return true;
}

/* ---- makers ---- */

static bool fits(wf_wide value)
{
    return value <= INT64_MAX / 4 && value >= INT64_MIN / 4;
}

/* The cell's line after arithmetic with a constant; false: it could leave 64 bits. */
static bool bend(const struct fusing *f, uint16_t op, int64_t by, struct origin *a)
{
    wf_wide times = a->times, zero = a->zero;
    if (op == WF_OP_MUL_IK) {
        times *= by;
        zero *= by;
    } else {
        zero += op == WF_OP_SUB_IK ? -(wf_wide)by : by;
    }
    if (times < 1 || !fits(times) || !fits(zero) || !fits(zero + times * greatest(column_of(f, a))))
        return false;
    a->times = (int64_t)times;
    a->zero = (int64_t)zero;
    return true;
}

static struct origin loaded(const struct wf_bound *bound, uint32_t i, uint32_t input)
{
    return (struct origin){
        .input = input, .times = 1, .zero = bound->data->inputs[input].base, .maker = i};
}

/* `a` where something is there, else a constant. */
static struct origin fill(struct fusing *f, uint32_t i)
{
    const struct wf_insn *insn = &f->bound->program->insns[i];
    int class_ = insn->op == WF_OP_OR_ELSE_V ? OF_V : OF_W;
    const struct origin *b = &f->of[class_][insn->b];
    struct origin made = f->of[class_][insn->a];
    if (!is_narrow(f, &made) || made.filled || !b->constant)
        return (struct origin){.input = WF_NONE, .maker = i};
    f->made_of[i] = (struct made_of){made.maker, b->maker};
    made.filled = true;
    made.filling = b->zero;
    made.maker = i;
    return made;
}

static struct origin shift(struct fusing *f, uint32_t i)
{
    const struct wf_insn *insn = &f->bound->program->insns[i];
    bool day = insn->op == WF_OP_DATE_ADD_DK;
    struct origin made = f->of[day ? OF_W : OF_V][insn->a];
    int64_t by = f->bound->held[insn->c].i;
    uint32_t cell = made.maker;
    if (!f->bound->held[insn->c].present || !is_narrow(f, &made) || made.filled ||
        !fits(made.zero) || !fits(by) || !bend(f, insn->op, by, &made) ||
        (day && (made.zero < WF_MIN_DAY || made.zero + greatest(column_of(f, &made)) > WF_MAX_DAY)))
        return (struct origin){.input = WF_NONE, .maker = i};
    f->made_of[i].cell = cell;
    made.maker = i;
    return made;
}

/* What instruction i leaves in its register. */
static struct origin make_origin(struct fusing *f, uint32_t i)
{
    const struct wf_bound *bound = f->bound;
    const struct wf_insn *insn = &bound->program->insns[i];
    switch (insn->op) {
    case WF_OP_LOAD_V:
    case WF_OP_LOAD_W:
    case WF_OP_LOAD_CODE: return loaded(bound, i, insn->c);
    case WF_OP_SPLAT_V:
    case WF_OP_SPLAT_W: {
        const struct wf_held *held = &bound->held[insn->c];
        uint32_t node = bound->program->run_nodes[insn->c];
        return (struct origin){.input = WF_NONE,
                               .maker = i,
                               .constant = held->present &&
                                           bound->program->ir.nodes[node].type != WF_T_NUMBER,
                               .zero = held->i};
    }
    case WF_OP_ADD_IK:
    case WF_OP_SUB_IK:
    case WF_OP_MUL_IK:
    case WF_OP_DATE_ADD_DK: return shift(f, i);
    case WF_OP_OR_ELSE_V:
    case WF_OP_OR_ELSE_W: return fill(f, i);
    default: return (struct origin){.input = WF_NONE, .maker = i};
    }
}

/* The kernel of an instruction whose lanes nobody wants. */
static wf_kernel *without_lanes(uint16_t op)
{
    switch (op) {
    case WF_OP_LOAD_V: return wf_k_load_present_v;
    case WF_OP_LOAD_W:
    case WF_OP_LOAD_CODE: return wf_k_load_present_w;
    case WF_OP_SPLAT_V:
    case WF_OP_OR_ELSE_V: return wf_k_all_present_v;
    case WF_OP_SPLAT_W:
    case WF_OP_OR_ELSE_W: return wf_k_all_present_w;
    case WF_OP_DATE_ADD_DK: return wf_k_kept_present_w;
    default: return wf_k_kept_present_v;
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
        keeps[i] = made.input != WF_NONE || made.constant;
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
    f.made_of = wf_arena_array(&arena, n, sizeof(*f.made_of));
    bool *keeps = wf_arena_array(&arena, n, sizeof(*keeps));
    for (int c = 0; c < CLASSES; c++)
        f.of[c] = wf_arena_array(&arena, registers[c] + (size_t)1, sizeof(*f.of[c]));
    bound->kernels = wf_arena_array(&bound->arena, n, sizeof(*bound->kernels));
    bool room = f.wanted && f.made_of && keeps && f.of[OF_V] && f.of[OF_W] && bound->kernels;
    for (uint32_t i = 0; room && i < program->n_insns; i++) {
        bound->kernels[i] = wf_kernel_table[program->insns[i].op];
        bound->aux[i].column = WF_NONE;
        f.made_of[i] = (struct made_of){WF_NONE, WF_NONE};
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
