/*
 * The run: stages in turn; within a stage, chunks of members taken by workers; within a chunk,
 * batches; for each batch the stage's blocks in order.
 */
#include "runtime/vm/vm.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "runtime/vm/machine.h"
#include "runtime/vm/noted.h"
#include "runtime/vm/rest.h"

enum { MAX_THREADS = 64, MOST = 4 * WF_BATCH /* members of a chunk */ };

wf_kernel *const wf_kernel_table[WF_OP_COUNT_] = {
    [WF_OP_LOAD_B] = wf_k_load_b,
    [WF_OP_LOAD_V] = wf_k_load_lanes,
    [WF_OP_LOAD_W] = wf_k_load_w,
    [WF_OP_LOAD_CODE] = wf_k_load_w,
    [WF_OP_LOAD_TEXT] = wf_k_load_text,
    [WF_OP_SPLAT_B] = wf_k_splat_b,
    [WF_OP_SPLAT_V] = wf_k_splat_v,
    [WF_OP_SPLAT_W] = wf_k_splat_w,
    [WF_OP_KEEP_B] = wf_k_keep_b,
    [WF_OP_KEEP_V] = wf_k_keep_v,
    [WF_OP_KEEP_W] = wf_k_keep_w,
    [WF_OP_KEPT_B] = wf_k_kept_b,
    [WF_OP_KEPT_V] = wf_k_kept_v,
    [WF_OP_KEPT_W] = wf_k_kept_w,
    [WF_OP_AGG_B] = wf_k_agg_b,
    [WF_OP_AGG_V] = wf_k_agg_v,
    [WF_OP_AGG_W] = wf_k_agg_w,
    [WF_OP_POP_B] = wf_k_pop_b,
    [WF_OP_POP_V] = wf_k_pop_v,
    [WF_OP_NOT] = wf_k_not,
    [WF_OP_AND] = wf_k_and,
    [WF_OP_OR] = wf_k_or,
    [WF_OP_KNOWN_IF] = wf_k_known_if,
    [WF_OP_WITHIN] = wf_k_within,
    [WF_OP_DOUBTED] = wf_k_doubted,
    [WF_OP_PRESENT_B] = wf_k_present_b,
    [WF_OP_PRESENT_V] = wf_k_present_v,
    [WF_OP_PRESENT_W] = wf_k_present_w,
    [WF_OP_MISSING_B] = wf_k_missing_b,
    [WF_OP_MISSING_V] = wf_k_missing_v,
    [WF_OP_MISSING_W] = wf_k_missing_w,
    [WF_OP_OR_ELSE_B] = wf_k_or_else_b,
    [WF_OP_OR_ELSE_V] = wf_k_or_else_v,
    [WF_OP_OR_ELSE_W] = wf_k_or_else_w,
    [WF_OP_SELECT_B] = wf_k_select_b,
    [WF_OP_SELECT_V] = wf_k_select_v,
    [WF_OP_SELECT_W] = wf_k_select_w,
    [WF_OP_EXACT_B] = wf_k_exact_b,
    [WF_OP_EXACT_I] = wf_k_exact_i,
    [WF_OP_EXACT_F] = wf_k_exact_f,
    [WF_OP_EXACT_W] = wf_k_exact_w,
    [WF_OP_EXACT_T] = wf_k_exact_i,
    [WF_OP_EQ_I... WF_OP_GE_I] = wf_k_cmp_i,
    [WF_OP_EQ_F... WF_OP_GE_F] = wf_k_cmp_f,
    [WF_OP_EQ_W... WF_OP_GE_W] = wf_k_cmp_w,
    [WF_OP_EQ_IK... WF_OP_GE_IK] = wf_k_cmp_ik,
    [WF_OP_EQ_FK... WF_OP_GE_FK] = wf_k_cmp_fk,
    [WF_OP_EQ_WK... WF_OP_GE_WK] = wf_k_cmp_wk,
    [WF_OP_LT_MK... WF_OP_GE_MK] = wf_k_cmp_mk,
    [WF_OP_LT_AK... WF_OP_GE_AK] = wf_k_cmp_ak,
    [WF_OP_IN_I] = wf_k_in_i,
    [WF_OP_IN_F] = wf_k_in_f,
    [WF_OP_IN_W] = wf_k_in_w,
    [WF_OP_TEXT_LUT] = wf_k_text_lut,
    [WF_OP_TEXT_TEST] = wf_k_text_test,
    [WF_OP_EQ_T] = wf_k_cmp_i,
    [WF_OP_NE_T] = wf_k_cmp_i,
    [WF_OP_ADD_I... WF_OP_MUL_I] = wf_k_arith_i,
    [WF_OP_ADD_F... WF_OP_DIV_F] = wf_k_arith_f,
    [WF_OP_MUL_MF] = wf_k_mul_mf,
    [WF_OP_DIV_MF] = wf_k_div_mf,
    [WF_OP_DIV_MM] = wf_k_div_mm,
    [WF_OP_ADD_IK... WF_OP_MUL_IK] = wf_k_arith_ik,
    [WF_OP_ADD_FK... WF_OP_DIV_FK] = wf_k_arith_fk,
    [WF_OP_MUL_MFK] = wf_k_mul_mfk,
    [WF_OP_DIV_MFK] = wf_k_div_mfk,
    [WF_OP_DIV_MMK] = wf_k_div_mmk,
    [WF_OP_NEG_I] = wf_k_neg_i,
    [WF_OP_NEG_F] = wf_k_neg_f,
    [WF_OP_I_TO_F] = wf_k_int_number,
    [WF_OP_M_TO_F] = wf_k_money_number,
    [WF_OP_I_TO_M] = wf_k_int_money,
    [WF_OP_DATE_ADD_D] = wf_k_date_add_d,
    [WF_OP_DATE_ADD_M] = wf_k_date_add_m,
    [WF_OP_DATE_ADD_DK] = wf_k_date_add_dk,
    [WF_OP_DATE_ADD_MK] = wf_k_date_add_mk,
    [WF_OP_TIME_ADD_D... WF_OP_TIME_ADD_S] = wf_k_time_add,
    [WF_OP_TIME_ADD_DK... WF_OP_TIME_ADD_SK] = wf_k_time_add_k,
    [WF_OP_DATE_DIFF] = wf_k_date_diff,
    [WF_OP_TIME_DIFF] = wf_k_time_diff,
    [WF_OP_MIDNIGHT] = wf_k_midnight,
    [WF_OP_DATE_OF] = wf_k_date_of,
    [WF_OP_CLOCK_OF] = wf_k_clock_of,
    [WF_OP_ANNIVERSARY] = wf_k_anniversary,
    [WF_OP_ANNIV_YEAR] = wf_k_anniversary,
    [WF_OP_FILTER] = wf_k_filter,
    [WF_OP_FOLLOWED] = wf_k_followed,
    [WF_OP_REDUCE... WF_OP_REDUCE_W] = wf_k_reduce,
    [WF_OP_KEEP_POP_B] = wf_k_keep_pop_b,
    [WF_OP_KEEP_POP_V] = wf_k_keep_pop_v,
    [WF_OP_KEEP_POP_W] = wf_k_keep_pop_w,
    [WF_OP_OUT_B] = wf_k_out_b,
    [WF_OP_OUT_V] = wf_k_out_v,
    [WF_OP_OUT_W] = wf_k_out_w,
};

/* ---- one piece of rows through one block ---- */

static void set_piece(struct wf_worker *worker, uint64_t row, uint32_t n)
{
    worker->row = row;
    worker->n = n;
    for (size_t i = 0; i < wf_bit_words(n); i++)
        worker->ones[i] = wf_bit_mask(n - i * 64 < 64 ? n - i * 64 : 64);
}

static bool is_reduction(uint16_t op)
{
    return op >= WF_OP_REDUCE && op <= WF_OP_REDUCE_W;
}

static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* As run_code, watch in hand. */
static void time_code(struct wf_worker *worker, const struct wf_block *block)
{
    uint64_t before = nanoseconds();
    for (uint32_t i = block->first; i < block->first + block->count && !worker->status; i++) {
        const struct wf_insn *insn = worker->bound->program->insns + i;
        if (worker->n || is_reduction(insn->op))
            worker->bound->kernels[i](worker, insn);
        uint64_t now = nanoseconds();
        worker->profile[i] += now - before;
        before = now;
    }
}

static void run_code(struct wf_worker *worker, const struct wf_block *block)
{
    if (worker->profile && worker->batches % WF_PROFILE_EACH == 0) {
        time_code(worker, block);
        return;
    }
    const struct wf_insn *insn = worker->bound->program->insns + block->first;
    const struct wf_insn *end = insn + block->count;
    wf_kernel *const *kernel = worker->bound->kernels + block->first;
    for (; insn < end && !worker->status; insn++, kernel++)
        if (worker->n || is_reduction(insn->op)) /* members without rows are reduced too */
            (*kernel)(worker, insn);
}

/* ---- event blocks: the rows of the batch's members, piece by piece ---- */

static void find_idle(struct wf_worker *worker, const struct wf_events *events)
{
    const uint32_t *first = events->first + worker->member;
    worker->n_idle = 0;
    for (uint32_t at = 0; at < worker->n_members; at += 64) {
        uint64_t idle = 0;
        for (uint32_t i = 0; i < 64 && at + i < worker->n_members; i++)
            idle |= (uint64_t)(first[at + i] == first[at + i + 1]) << i;
        worker->idle[at / 64] = idle;
        worker->n_idle += (uint32_t)wf_bit_count(idle);
    }
}

/* The member at or behind `member` who has rows; n_members: there is none. */
static uint32_t find_busy(const struct wf_worker *worker, uint32_t member)
{
    while (member < worker->n_members) {
        uint64_t busy = ~worker->idle[member / 64] >> member % 64;
        if (busy) {
            member += (uint32_t)__builtin_ctzll(busy);
            return member < worker->n_members ? member : worker->n_members;
        }
        member = member / 64 * 64 + 64;
    }
    return worker->n_members;
}

/* Cuts the piece where members change; `next_member` goes on from piece to piece. */
static void cut_segments(struct wf_worker *worker, const struct wf_events *events)
{
    uint64_t from = worker->row, to = from + worker->n;
    worker->n_segments = 0;
    while ((worker->next_member = find_busy(worker, worker->next_member)) < worker->n_members) {
        uint64_t first = events->first[worker->member + worker->next_member];
        uint64_t end = events->first[worker->member + worker->next_member + 1];
        uint64_t start = first > from ? first : from, stop = end < to ? end : to;
        if (start >= to)
            break;
        worker->segments[worker->n_segments++] =
            (struct wf_segment){worker->next_member, (uint32_t)(start - from),
                                (uint32_t)(stop - from), first >= from, end <= to};
        for (uint64_t row = start; row < stop; row++)
            worker->member_of[row - from] = (uint16_t)worker->next_member;
        if (end > to)
            break;
        worker->next_member++;
    }
}

static void ready_marks(struct wf_worker *worker, const struct wf_block *block, uint64_t rows)
{
    const struct wf_insn *insns = worker->bound->program->insns + block->first;
    for (uint32_t i = 0; i < block->count && !worker->status; i++)
        if (insns[i].op == WF_OP_FILTER)
            worker->status = wf_mark_reset(worker, insns[i].c, rows);
}

static bool has_output(const struct wf_worker *worker, const struct wf_block *block)
{
    const struct wf_insn *insns = worker->bound->program->insns + block->first;
    for (uint32_t i = block->count; i-- > 0;)
        if (insns[i].op == WF_OP_OUT_B)
            return true;
    return false;
}

/* Where the piece from `row` on ends: with a member's rows, where one that begins in it ends in it;
 * members in pieces are reduced the long way. */
static uint64_t piece_end(const struct wf_worker *worker, const struct wf_events *events,
                          uint64_t row)
{
    const uint32_t *first = events->first + worker->member;
    uint64_t full = row + worker->bound->batch;
    uint32_t low = worker->next_member, high = worker->n_members;
    if (first[high] <= full)
        return first[high];
    while (high - low > 1) { /* first[low] <= full < first[high] */
        uint32_t mid = low + (high - low) / 2;
        *(first[mid] <= full ? &low : &high) = mid;
    }
    return first[low] > row ? first[low] : full;
}

static void run_events(struct wf_worker *worker, const struct wf_block *block)
{
    const struct wf_vm_sink *sink = worker->bound->sink;
    uint32_t view = block->domain - (uint32_t)WF_DOM_EVENT;
    const struct wf_events *events = &worker->bound->data->views[view];
    uint64_t row = events->first[worker->member];
    uint64_t end = events->first[worker->member + worker->n_members];
    bool output = sink->events && has_output(worker, block);
    uint64_t undefined = worker->undefined;
    ready_marks(worker, block, end - row);
    find_idle(worker, events);
    worker->next_member = 0;
    do {
        set_piece(worker, row, (uint32_t)(piece_end(worker, events, row) - row));
        cut_segments(worker, events);
        run_code(worker, block);
        if (output && worker->n && !worker->status)
            worker->status =
                sink->events(sink->ctx, worker->number, view, row, worker->n, worker->event_outs);
        row += worker->n;
    } while (row < end && !worker->status);
    if (worker->bound->rests && !worker->status)
        worker->status = wf_rest_block(worker, block, worker->undefined == undefined);
}

/* ---- a batch, a chunk, a stage ---- */

static void run_batch(struct wf_worker *worker, uint16_t stage, uint32_t first, uint32_t n)
{
    const struct wf_program *program = worker->bound->program;
    const struct wf_vm_sink *sink = worker->bound->sink;
    worker->member = first;
    worker->n_members = n;
    wf_reductions_reset(worker);
    for (uint32_t i = 0; i < program->n_blocks && !worker->status; i++) {
        const struct wf_block *block = &program->blocks[i];
        if (block->stage != stage)
            continue;
        worker->domain = block->domain;
        if (block->domain == WF_DOM_MEMBER) {
            set_piece(worker, first, n);
            run_code(worker, block);
        } else {
            run_events(worker, block);
        }
    }
    worker->batches++;
    if (stage + 1 >= program->n_stages && sink->members && !worker->status)
        worker->status = sink->members(sink->ctx, worker->number, first, n, worker->outs);
    if (sink->noted)
        wf_noted_close(sink->noted, worker->number);
}

/* What the workers of a stage share. */
struct stage {
    uint16_t number;
    uint32_t chunk; /* members; a multiple of WF_BATCH, so that no two workers write one word */
    atomic_uint_fast64_t next;
    atomic_bool stop;
};

struct job {
    struct wf_worker *worker;
    struct stage *stage;
    pthread_t thread;
};

static void *run_job(void *arg)
{
    struct job *job = arg;
    struct wf_worker *worker = job->worker;
    struct stage *stage = job->stage;
    uint64_t members = worker->bound->data->n_members;
    while (!atomic_load(&stage->stop)) {
        uint64_t first = atomic_fetch_add(&stage->next, stage->chunk);
        if (first >= members)
            break;
        uint64_t end = first + stage->chunk < members ? first + stage->chunk : members;
        while (first < end && !worker->status) {
            uint32_t n = worker->bound->batch;
            if (end - first < n)
                n = (uint32_t)(end - first);
            run_batch(worker, stage->number, (uint32_t)first, n);
            first += n;
        }
        if (worker->status)
            atomic_store(&stage->stop, true);
    }
    return NULL;
}

static enum wf_status run_stage(struct wf_worker *workers, unsigned threads, uint16_t number)
{
    uint64_t share = workers->bound->data->n_members / (threads * 4u);
    struct stage stage = {.number = number};
    struct job jobs[MAX_THREADS];
    unsigned started = 1;
    stage.chunk = (uint32_t)(share > MOST ? MOST : share < WF_BATCH ? WF_BATCH : share);
    stage.chunk -= stage.chunk % WF_BATCH;
    atomic_init(&stage.next, 0);
    atomic_init(&stage.stop, false);
    for (unsigned i = 0; i < threads; i++)
        jobs[i] = (struct job){.worker = &workers[i], .stage = &stage};
    /* a thread that cannot be had leaves its share to the others */
    while (started < threads &&
           pthread_create(&jobs[started].thread, NULL, run_job, &jobs[started]) == 0)
        started++;
    run_job(&jobs[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(jobs[i].thread, NULL);
    for (unsigned i = 0; i < started; i++)
        if (workers[i].status)
            return workers[i].status;
    return WF_OK;
}

/* Scores take the place of the keys they come from. */
static enum wf_status rank_by(const struct wf_bound *bound, uint32_t pop, unsigned threads)
{
    const struct wf_ir_pop *of = &bound->program->ir.pops[pop];
    struct wf_pop_input *feed = &bound->feeds[pop];
    bool scored = wf_pop_is_scored(of);
    if (scored)
        bound->pops->figures[pop].value = (int64_t *)feed->key;
    enum wf_status status = wf_pop_compute(of, feed, bound->data, bound->pops, pop, threads);
    if (scored)
        feed->key = NULL;
    wf_pop_input_release(feed, bound->alloc);
    return status;
}

/* The figures whose X was fed in this stage. */
static enum wf_status rank_members(const struct wf_bound *bound, uint16_t stage, unsigned threads)
{
    const struct wf_program *program = bound->program;
    enum wf_status status = WF_OK;
    for (uint32_t b = 0; b < program->n_blocks; b++) {
        const struct wf_block *block = &program->blocks[b];
        for (uint32_t i = 0; block->stage == stage && i < block->count && !status; i++) {
            const struct wf_insn *insn = &program->insns[block->first + i];
            if (insn->op < WF_OP_KEEP_POP_B || insn->op > WF_OP_KEEP_POP_W || insn->d != 0)
                continue;
            status = rank_by(bound, insn->c, threads);
        }
    }
    return status;
}

static enum wf_status run_all(struct wf_bound *bound, struct wf_worker *workers, unsigned threads)
{
    uint16_t stages = bound->program->n_stages ? bound->program->n_stages : 1;
    enum wf_status status = WF_OK;
    for (uint16_t stage = 0; stage < stages && !status; stage++) {
        status = run_stage(workers, threads, stage);
        if (!status)
            status = rank_members(bound, stage, threads);
    }
    return status;
}

/* Of all batches, from those that were timed. */
static void add_profile(const struct wf_worker *worker, uint64_t *profile)
{
    double timed = (double)((worker->batches + WF_PROFILE_EACH - 1) / WF_PROFILE_EACH);
    for (uint32_t i = 0; worker->batches && i < worker->bound->program->n_insns; i++)
        profile[i] += (uint64_t)((double)worker->profile[i] * (double)worker->batches / timed);
}

static bool options_fit(const struct wf_vm_options *options)
{
    return options->threads >= 1 && options->threads <= MAX_THREADS && options->batch >= 1 &&
           options->batch <= WF_BATCH;
}

enum wf_status wf_vm_run(const struct wf_program *program, const struct wf_dataset *data,
                         const struct wf_vm_params *params, const struct wf_vm_options *options,
                         const struct wf_vm_sink *sink, struct wf_vm_stats *stats_out)
{
    struct wf_bound bound;
    struct wf_pops own = {0}, *pops = sink->pops ? sink->pops : &own;
    if (!options_fit(options))
        return WF_ERR_USAGE;
    enum wf_status status = wf_pops_init(pops, &program->ir, data->n_members, options->alloc);
    if (status)
        return status;
    struct wf_worker *workers = NULL;
    unsigned made = 0;
    status = wf_bind(&bound, program, data, params, options, pops);
    if (!status && sink->noted)
        wf_noted_parts(sink->noted, bound.agg_parts);
    bound.sink = sink;
    bound.rests = options->rests;
    if (!status && !(workers = wf_calloc(options->alloc, options->threads, sizeof(*workers))))
        status = WF_ERR_NOMEM;
    while (!status && made < options->threads)
        status = wf_worker_init(&workers[made], &bound, made), made++;
    for (unsigned i = 0; sink->noted && i < made; i++)
        sink->noted->lists[i].machine = &workers[i];
    if (!status)
        status = run_all(&bound, workers, options->threads);
    if (stats_out)
        *stats_out = (struct wf_vm_stats){0};
    for (unsigned i = 0; i < made; i++) {
        if (options->profile && workers[i].profile)
            add_profile(&workers[i], options->profile);
        if (stats_out)
            stats_out->undefined += workers[i].undefined;
        wf_worker_release(&workers[i]);
    }
    wf_free(options->alloc, workers);
    wf_bound_release(&bound);
    if (status || pops == &own)
        wf_pops_release(pops);
    return status;
}
