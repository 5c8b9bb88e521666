/*
 * How fast the machine is, on columns made up in memory: no files, no decisions.
 *
 *   bench_vm [--members N] [--rows N] [--threads N] [--repeat N] [--plain] RULES.way
 *
 * Prints nanoseconds a rule (segments and triggers) and member, the best of the repeats; how fast
 * event rows went by; and what share of the memory's bandwidth, measured in between, it was to read
 * the columns' bytes once. Times are the processor's, divided by the threads: other work on the
 * machine does not count.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lang/base/limits.h"
#include "lang/base/zone.h"
#include "lang/lang.h"
#include "runtime/data/dataset.h"
#include "runtime/data/narrow.h"
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

/* As the loader holds it: in the fewest bytes that do, and without presence where all is present.
 */
static void shrink(struct wf_column *c, uint64_t rows, bool optional)
{
    enum wf_layout layout = (enum wf_layout)c->layout;
    struct wf_narrow form = wf_narrow_first((enum wf_type)c->type, layout);
    void *cells = form.width ? calloc(padded(rows), 8) : NULL;
    while (form.width && !wf_narrow_put(c->data, layout, rows, form, cells))
        form = wf_narrow_next((enum wf_type)c->type, layout, form);
    if (form.width) {
        free(c->data);
        c->data = cells;
        c->width = form.width;
        c->base = form.base;
    }
    if (!optional) {
        free(c->present);
        c->present = NULL;
    }
}

static uint64_t bytes_of(const struct wf_column *c, uint64_t rows)
{
    uint64_t bits = (c->layout == WF_LAY_BITS ? 1u : 0u) + (c->present ? 1u : 0u);
    return rows * wf_column_cell(c) + bits * rows / 8;
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
    case WF_T_SET:
        c.layout = WF_LAY_CODE;
        c.dict = dictionary(ir);
        break;
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
    shrink(&c, rows, optional);
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

struct reading {
    uint64_t words[64][8]; /* by worker, a cache line each */
    uint32_t n_outs;
};

/* All that comes out is read, and nothing is done with it. */
static enum wf_status look(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                           const struct wf_bits *outs)
{
    struct reading *reading = ctx;
    uint64_t all = 0;
    (void)first;
    for (uint32_t o = 0; o < reading->n_outs; o++)
        for (uint32_t w = 0; outs[o].t && w < (n + 63) / 64; w++)
            all ^= outs[o].t[w];
    reading->words[worker][0] ^= all;
    return WF_OK;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the memory ---- */

enum { BUFFER = 1 << 28 };

typedef uint64_t wide __attribute__((vector_size(64), aligned(8)));

struct reader {
    const char *from;
    size_t bytes;
    uint64_t sum;
    pthread_t thread;
};

static void *read_through(void *arg)
{
    struct reader *reader = arg;
    wide sums[4] = {{0}};
    for (size_t at = 0; at + 4 * sizeof(wide) <= reader->bytes; at += 4 * sizeof(wide))
        for (size_t i = 0; i < 4; i++)
            sums[i] += *(const wide *)(const void *)(reader->from + at + i * sizeof(wide));
    for (size_t i = 0; i < 4; i++)
        reader->sum += sums[i][0] + sums[i][7];
    return NULL;
}

/* Bytes a second that so many threads read from memory. */
static double bandwidth(unsigned threads)
{
    struct reader readers[64] = {{0}};
    char *buffer = malloc(BUFFER);
    uint64_t sum = 0;
    double best = 0;
    memset(buffer, 1, BUFFER);
    for (int repeat = 0; repeat < 5; repeat++) {
        double start = seconds();
        for (unsigned i = 0; i < threads; i++) {
            size_t share = BUFFER / threads;
            readers[i] = (struct reader){.from = buffer + i * share, .bytes = share};
            pthread_create(&readers[i].thread, NULL, read_through, &readers[i]);
        }
        for (unsigned i = 0; i < threads; i++) {
            pthread_join(readers[i].thread, NULL);
            sum += readers[i].sum;
        }
        double rate = BUFFER / ((seconds() - start) / threads);
        best = rate > best && sum ? rate : best;
    }
    free(buffer);
    return best;
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
    struct reading reading = {.n_outs = program->n_outs};
    struct wf_vm_sink sink = {.ctx = &reading, .members = look};
    double best = 1e9;
    for (uint32_t r = 0; r < repeat; r++) {
        double start = seconds();
        enum wf_status status = wf_vm_run(program, &data, &params, &options, &sink, NULL);
        double took = (seconds() - start) / options.threads;
        if (status) {
            fprintf(stderr, "bench_vm: %s\n", wf_status_text(status));
            return 1;
        }
        best = took < best ? took : best;
    }
    uint32_t rules = ir->n_segments + ir->n_triggers;
    uint64_t events_read = 0, bytes = 0;
    for (uint32_t v = 0; v < ir->n_views; v++)
        events_read += data.views[v].n;
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        bytes += bytes_of(&data.inputs[i], ir->inputs[i].domain < WF_DOM_EVENT
                                               ? members
                                               : data.views[ir->inputs[i].domain - WF_DOM_EVENT].n);
    bytes += events_read * sizeof(int64_t);
    double memory = bandwidth(options.threads);
    printf("%u members, %u rules, %u instructions, %u outputs, %u threads: %.1f ms, %.3f ns a rule "
           "and member, %.1f ns a member; %.0f bytes a member at %.1f GB/s: %.0f%% of the memory's "
           "%.1f",
           members, rules, program->n_insns, program->n_outs, options.threads, best * 1e3,
           best * 1e9 / members / (rules ? rules : 1), best * 1e9 / members,
           (double)bytes / members, (double)bytes / best * 1e-9,
           100 * (double)bytes / best / memory, memory * 1e-9);
    if (events_read)
        printf("; %llu event rows: %.2f ns a row", (unsigned long long)events_read,
               best * 1e9 / (double)events_read);
    printf("\n");
    return 0;
}
