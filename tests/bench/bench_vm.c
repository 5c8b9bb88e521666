/*
 * How fast the machine is, on columns made up in memory: no files, no decisions.
 *
 *   bench_vm [--members N] [--rows N] [--threads N] [--repeat N] [--plain] RULES.way
 *
 * Prints nanoseconds a member and a rule (segments and triggers), the best of the repeats, and how
 * fast event rows went by.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lang/base/limits.h"
#include "lang/base/zone.h"
#include "lang/lang.h"
#include "runtime/data/dataset.h"
#include "runtime/vm/vm.h"

#define NOW INT64_C(1795276800) /* 2026-11-22 in Shanghai */

static uint64_t state = 1;

static uint32_t below(uint32_t n)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * n >> 32);
}

static size_t padded(uint64_t rows)
{
    return (size_t)(rows / WF_BATCH + 1) * WF_BATCH;
}

/* ---- a night ---- */

/* Texts that the rules ask for, and as many that they do not. */
static struct wf_dict *dictionary(const struct wf_ir *ir)
{
    struct wf_dict *dict = calloc(1, sizeof(*dict));
    dict->at = calloc(ir->n_consts + (size_t)42, sizeof(*dict->at));
    dict->bytes = calloc(ir->n_consts + (size_t)42, 64);
    uint64_t at = 0;
    for (uint32_t i = 0; i < ir->n_consts + 40; i++) {
        char other[16];
        const char *text = other;
        size_t len = (size_t)snprintf(other, sizeof(other), "text%u", i);
        if (i < ir->n_consts) {
            if (ir->consts[i].type != WF_T_TEXT || !ir->consts[i].present || ir->consts[i].len > 60)
                continue;
            text = ir->consts[i].text;
            len = ir->consts[i].len;
        }
        memcpy(dict->bytes + at, text, len);
        dict->at[++dict->n] = at += len;
    }
    return dict;
}

static struct wf_column column(const struct wf_ir *ir, const struct wf_ir_input *input,
                               uint64_t rows, const int64_t *times)
{
    struct wf_column c = {.type = input->type};
    c.data = calloc(padded(rows), 8);
    c.present = calloc(padded(rows) / 64, 8);
    switch (input->type) {
    case WF_T_BOOL: c.layout = WF_LAY_BITS; break;
    case WF_T_DATE:
    case WF_T_ENUM:
    case WF_T_REF: c.layout = WF_LAY_I32; break;
    case WF_T_NUMBER: c.layout = WF_LAY_F64; break;
    case WF_T_TEXT:
    case WF_T_SET: c.layout = WF_LAY_CODE; c.dict = dictionary(ir); break;
    default: c.layout = WF_LAY_I64;
    }
    const struct wf_ir_record *record =
        input->record ? &ir->events[input->record - 1] : &ir->member;
    bool optional = ir->fields[record->fields_first + input->field].optional;
    for (uint64_t row = 0; row < rows; row++) {
        if (optional && below(10) == 0)
            continue;
        c.present[row / 64] |= UINT64_C(1) << (row % 64);
        switch (input->type) {
        case WF_T_BOOL: c.bits[row / 64] |= (uint64_t)below(2) << (row % 64); break;
        case WF_T_DATE: /* half of them birthdays */
            c.i32[row] = (int32_t)(NOW / 86400 - below(input->field % 2 ? 1500 : 25000));
            break;
        case WF_T_ENUM: c.i32[row] = (int32_t)below(3); break;
        case WF_T_NUMBER: c.f64[row] = below(100) / 10.0; break;
        case WF_T_TEXT:
        case WF_T_SET: c.code[row] = below(c.dict->n); break;
        case WF_T_TIME: c.i64[row] = times ? times[row] : NOW - below(90000000); break;
        case WF_T_MONEY: c.i64[row] = below(1000000); break;
        default: c.i64[row] = below(60);
        }
    }
    return c;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct wf_events events(uint32_t members, uint32_t rows)
{
    struct wf_events e = {.first = calloc((size_t)members + 1, sizeof(uint32_t))};
    for (uint32_t m = 0; m < members; m++)
        e.first[m + 1] = e.first[m] + below(2 * rows + 1);
    e.n = e.first[members];
    e.at = calloc(padded(e.n), sizeof(int64_t));
    for (uint64_t row = 0; row < e.n; row++)
        e.at[row] = NOW - below(60000000);
    for (uint32_t m = 0; m < members; m++)
        qsort(e.at + e.first[m], e.first[m + 1] - e.first[m], sizeof(int64_t), by_time);
    return e;
}

static struct wf_dataset night(const struct wf_ir *ir, uint32_t members, uint32_t rows)
{
    struct wf_dataset data = {
        .n_members = members, .n_inputs = ir->n_inputs, .n_views = ir->n_views};
    data.ids = calloc((size_t)members + 1, sizeof(*data.ids));
    data.id_heap = calloc((size_t)members + 1, 12);
    for (uint32_t m = 0; m < members; m++) {
        data.ids[m] = wf_id_at((uint64_t)m * 12, 10);
        snprintf(data.id_heap + (size_t)m * 12, 12, "m%09u", m);
    }
    data.views = calloc(ir->n_views + (size_t)1, sizeof(*data.views));
    data.since = calloc(ir->n_views + (size_t)1, sizeof(*data.since));
    data.since_known = calloc(ir->n_views + (size_t)1, sizeof(*data.since_known));
    for (uint32_t v = 0; v < ir->n_views; v++)
        data.views[v] = events(members, rows);
    data.inputs = calloc(ir->n_inputs + (size_t)1, sizeof(*data.inputs));
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        const struct wf_events *e =
            input->domain < WF_DOM_EVENT ? NULL : &data.views[input->domain - WF_DOM_EVENT];
        data.inputs[i] = column(ir, input, e ? e->n : members, e ? e->at : NULL);
    }
    return data;
}

/* ---- the rules ---- */

static enum wf_status read_rules(void *ctx, const char *path, const char **bytes, size_t *len)
{
    (void)ctx;
    FILE *file = fopen(path, "rb");
    char *text = malloc(WF_MAX_SOURCE);
    if (!file || !text)
        return WF_ERR_MISSING;
    *len = fread(text, 1, WF_MAX_SOURCE, file);
    fclose(file);
    *bytes = text;
    return WF_OK;
}

static void done(void *ctx, const char *bytes, size_t len)
{
    (void)ctx, (void)len;
    free((void *)(uintptr_t)bytes);
}

/* ---- the run ---- */

struct counts {
    uint64_t acted[64][8]; /* by worker, a cache line each */
    uint32_t n_outs;
    const struct wf_output *outs;
};

static enum wf_status count(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                            const struct wf_bits *outs)
{
    struct counts *counts = ctx;
    (void)first;
    for (uint32_t o = 0; o < counts->n_outs; o++)
        for (uint32_t w = 0; outs[o].t && w < (n + 63) / 64; w++)
            counts->acted[worker][0] += (uint64_t)__builtin_popcountll(outs[o].t[w]);
    return WF_OK;
}

/* Of the processor: other work on the machine does not count. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double number(const char *text)
{
    return strtod(text, NULL);
}

int main(int argc, char **argv)
{
    uint32_t members = 1000000, rows = 10, repeat = 5;
    struct wf_vm_options options = {.threads = 1, .batch = WF_BATCH};
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--plain") == 0)
            options.vectors = WF_VECTORS_NONE;
        else if (strcmp(argv[i], "--members") == 0 && i + 1 < argc)
            members = (uint32_t)number(argv[++i]);
        else if (strcmp(argv[i], "--rows") == 0 && i + 1 < argc)
            rows = (uint32_t)number(argv[++i]);
        else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
            options.threads = (unsigned)number(argv[++i]);
        else if (strcmp(argv[i], "--repeat") == 0 && i + 1 < argc)
            repeat = (uint32_t)number(argv[++i]);
        else
            path = argv[i];
    }
    struct wf_loader loader = {.read = read_rules, .done = done};
    struct wf_compiled compiled;
    if (!path || wf_compile(NULL, &loader, path, &compiled)) {
        fprintf(stderr, "bench_vm: cannot compile %s\n", path ? path : "without rules");
        return 1;
    }
    const struct wf_program *program = compiled.program;
    const struct wf_ir *ir = &program->ir;
    struct wf_dataset data = night(ir, members, rows);
    struct wf_zone *zone = NULL;
    int64_t *floors = calloc(ir->n_triggers + (size_t)1, sizeof(int64_t));
    for (uint32_t t = 0; t < ir->n_triggers; t++)
        floors[t] = NOW - 36 * 86400;
    if (wf_zone_fixed(NULL, 8 * 3600, &zone))
        return 1;
    struct wf_vm_params params = {.now = NOW, .zone = zone, .floor = floors};
    struct counts counts = {.n_outs = program->n_outs, .outs = program->outs};
    struct wf_vm_sink sink = {.ctx = &counts, .members = count};
    double best = 1e9;
    for (uint32_t r = 0; r < repeat; r++) {
        double start = seconds();
        enum wf_status status = wf_vm_run(program, &data, &params, &options, &sink, NULL);
        double took = seconds() - start;
        if (status) {
            fprintf(stderr, "bench_vm: %s\n", wf_status_text(status));
            return 1;
        }
        best = took < best ? took : best;
    }
    uint32_t rules = ir->n_segments + ir->n_triggers;
    uint64_t events_read = 0;
    for (uint32_t v = 0; v < ir->n_views; v++)
        events_read += data.views[v].n;
    printf("%u members, %u rules, %u instructions, %u outputs: %.1f ms, %.2f ns a rule and member",
           members, rules, program->n_insns, program->n_outs, best * 1e3,
           best * 1e9 / members / (rules ? rules : 1));
    if (events_read)
        printf(", %llu event rows: %.2f ns a row", (unsigned long long)events_read,
               best * 1e9 / (double)events_read);
    printf("\n");
    return 0;
}
