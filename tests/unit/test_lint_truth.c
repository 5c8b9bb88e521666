/*
 * Every warning about the truth of a condition is a claim: of no member (no event) do these hold
 * together. Each claim is made into segments of the same program and judged by the row evaluator
 * over ten thousand random members, whose values lie near the constants of the rules.
 *
 * The claims are those of the golden rule files, the examples and the library, and of random
 * programs with narrow limits.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/ir/lower.h"
#include "lang/sema/abs.h"
#include "lang/sema/sema.h"
#include "runtime/run/testrun.h"
#include "runtime/vm/scalar.h"
#include "tests/tools/compiled.h"
#include "tests/tools/narrow_rules.h"
#include "tests/tools/rule_text.h"
#include "tests/tools/wild.h"

enum { MEMBERS = 2500, NIGHTS = 4, NOW = 1794528000 /* 2026-11-12T16:00:00Z */ };

/* What one program claimed, and how much of it was judged. */
struct tally {
    unsigned judged, left_out; /* left out: asks of a journey's entry, which no segment can */
    unsigned of[WF_CODE_COUNT_];
};

/* ---- a claim as segments ---- */

/* The condition under which a rule's moment has come. */
static void write_moment(struct wf_buf *out, const struct wf_rule *rule)
{
    const struct wf_node *core = rule->core;
    if (rule->kind == WF_RULE_EVENT) {
        wf_buf_adds(out, "any ");
        wf_print_canonical(out, core);
    } else if (rule->kind == WF_RULE_ANNIVERSARY) {
        wf_print_canonical(out, core->kid[WF_K_ANNIVERSARY_OF]);
        wf_buf_adds(out, " is present");
    } else if (rule->kind == WF_RULE_CROSSING) {
        wf_buf_adds(out, core->op == WF_OP_LEAVES ? "not (" : "(");
        wf_print_canonical(out, core->kid[WF_K_CROSSING_SUBJECT]);
        wf_buf_adds(out, " = ");
        wf_print_canonical(out, core->kid[WF_K_CROSSING_TO]);
        wf_buf_adds(out, ")");
    } else {
        wf_buf_adds(out, "(");
        wf_print_canonical(out, rule->moment);
        wf_buf_adds(out, rule->moment->type->base == WF_T_DATE ? ") <= today" : ") <= now");
    }
}

/* All conditions of a claim about events, in one [ ]; void events never are there at all. */
static void write_row(struct wf_buf *out, const struct wf_claim *claim, unsigned c)
{
    const char *glue = "";
    wf_buf_addf(out, "segment claim_%u_0 is any %s[", c, claim->row->name->text);
    for (uint32_t f = 0; f < claim->n_facts; f++) {
        if (claim->facts[f].mode == WF_ABS_NOT_TRUE)
            continue;
        wf_buf_adds(out, glue);
        wf_buf_adds(out, claim->facts[f].mode == WF_ABS_FALSE ? "not (" : "(");
        wf_print_canonical(out, claim->facts[f].node);
        wf_buf_adds(out, ")");
        glue = " and ";
    }
    wf_buf_adds(out, "]\n");
}

static void write_claim(struct wf_buf *out, const struct wf_claim *claim, unsigned c)
{
    if (claim->row) {
        write_row(out, claim, c);
        return;
    }
    for (uint32_t f = 0; f < claim->n_facts; f++) {
        const struct wf_fact *fact = &claim->facts[f];
        wf_buf_addf(out,
                    fact->in_class ? "classify claim_%u_%u { c_%u_%u when "
                                   : "segment claim_%u_%u is ",
                    c, f, c, f);
        if (fact->rule)
            write_moment(out, fact->rule);
        else
            wf_print_canonical(out, fact->node);
        if (fact->in_class)
            wf_buf_addf(out, "  d_%u_%u otherwise }", c, f);
        wf_buf_adds(out, "\n");
    }
}

/* ---- where its parts are in the graph ---- */

struct part {
    uint32_t when, otherwise; /* nodes; otherwise: of a class, known true where `when` is false */
    uint8_t mode;
};

static uint32_t segment_named(const struct wf_ir *ir, const char *name)
{
    for (uint32_t i = 0; i < ir->n_segments; i++)
        if (strcmp(ir->texts[ir->segments[i].name]->text, name) == 0)
            return ir->segments[i].cond;
    return WF_NONE;
}

static struct part part_of(const struct wf_ir *ir, unsigned c, uint32_t f, uint8_t mode)
{
    char name[64];
    snprintf(name, sizeof(name), "claim_%u_%u", c, f);
    struct part part = {segment_named(ir, name), WF_NONE, mode};
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        if (strcmp(ir->texts[ir->classes[i].classify]->text, name) != 0)
            continue;
        if (part.when == WF_NONE)
            part.when = ir->classes[i].match;
        else
            part.otherwise = ir->classes[i].match;
    }
    return part;
}

static bool holds(struct wf_scalar *scalar, const struct part *part)
{
    bool yes = wf_scalar_truth(scalar, part->when) == 1;
    bool no = part->otherwise == WF_NONE ? wf_scalar_truth(scalar, part->when) == 0
                                         : wf_scalar_truth(scalar, part->otherwise) == 1;
    switch (part->mode) {
    case WF_ABS_TRUE: return yes;
    case WF_ABS_FALSE: return no;
    case WF_ABS_NOT_TRUE: return !yes;
    default: return !no;
    }
}

/* ---- judging ---- */

struct judge {
    const struct wf_ir *ir;
    const struct wf_checked *checked; /* of the program that claims */
    const char *text;                 /* with the claims */
    unsigned refuted;
};

/* Events for which `void when` is true do not reach a night: here their rows are rejected. */
static void hide_void(const struct wf_ir *ir, struct wf_dataset *data, struct wf_scalar *scalar)
{
    for (uint32_t v = 0; v < ir->n_views; v++) {
        uint32_t when = ir->views[v].sent ? WF_NONE : ir->events[ir->views[v].event].void_when;
        struct wf_events *events = &data->views[v];
        if (when == WF_NONE || ir->nodes[when].domain != WF_DOM_EVENT + v)
            continue;
        if (!events->doubt)
            events->doubt = calloc((events->n / WF_BATCH + 1) * WF_BATCH / 64, sizeof(uint64_t));
        for (uint32_t m = 0; m < data->n_members; m++) {
            wf_scalar_member(scalar, m);
            for (uint64_t row = events->first[m]; row < events->first[m + 1]; row++) {
                wf_scalar_event(scalar, v, row);
                if (wf_scalar_truth(scalar, when) == 1)
                    events->doubt[row / 64] |= UINT64_C(1) << (row % 64);
            }
        }
    }
}

/* The claim's lines of the text, and who refutes it. */
static void refute(struct judge *judge, unsigned c, uint32_t member)
{
    char head[64];
    snprintf(head, sizeof(head), "claim_%u_", c);
    print_error("%s: refuted by member %u: all of these hold\n",
                wf_code_text((enum wf_code)judge->checked->claims[c].code), member);
    for (const char *line = judge->text; *line;) {
        size_t len = strcspn(line, "\n");
        const char *name = strchr(line, ' ');
        if (name && strncmp(name + 1, head, strlen(head)) == 0)
            print_error("  %.*s\n", (int)(len < 900 ? len : 900), line);
        line += len + (line[len] == '\n');
    }
    for (uint32_t f = 0; f < judge->checked->claims[c].n_facts; f++)
        print_error("  mode %u\n", judge->checked->claims[c].facts[f].mode);
    judge->refuted++;
}

static void judge_claim(struct judge *judge, struct wf_scalar *scalar, unsigned c, uint32_t members)
{
    const struct wf_claim *claim = &judge->checked->claims[c];
    struct part parts[64];
    uint32_t n = claim->row ? 1 : claim->n_facts;
    assert_true(n <= 64);
    for (uint32_t f = 0; f < n; f++) {
        parts[f] = part_of(judge->ir, c, f, claim->row ? WF_ABS_TRUE : claim->facts[f].mode);
        assert_true(parts[f].when != WF_NONE);
    }
    for (uint32_t m = 0; m < members; m++) {
        wf_scalar_member(scalar, m);
        bool all = true;
        for (uint32_t f = 0; all && f < n; f++)
            all = holds(scalar, &parts[f]);
        if (!all)
            continue;
        refute(judge, c, m);
        return;
    }
}

static void judge_night(struct judge *judge, struct wild_random *random, const bool *skip)
{
    const struct wf_ir *ir = judge->ir;
    int64_t *floors = calloc((size_t)ir->n_triggers + 1, sizeof(*floors));
    struct wf_vm_params params = {.now = NOW, .floor = floors};
    struct wf_dataset *data = wild_dataset(random, ir, MEMBERS, NOW);
    struct wf_pops pops = {0};
    assert_int_equal(wf_pops_init(&pops, ir, data->n_members, NULL), WF_OK);
    struct wf_scalar *scalar = wf_scalar_new(ir, data, &params, &pops, NULL);
    assert_non_null(scalar);
    hide_void(ir, data, scalar);
    wf_scalar_renew(scalar);
    assert_int_equal(wf_scalar_populations(scalar, &pops), WF_OK);
    for (unsigned c = 0; c < judge->checked->n_claims; c++)
        if (!skip[c])
            judge_claim(judge, scalar, c, data->n_members);
    wf_scalar_free(scalar);
    wf_pops_release(&pops);
    wild_dataset_free(data);
    free(floors);
}

static bool asks_entry(const struct wf_claim *claim)
{
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    for (uint32_t f = 0; f < claim->n_facts; f++)
        wf_print_canonical(&text, claim->facts[f].node);
    bool entry = strstr(wf_buf_str(&text), "since entry") != NULL;
    wf_buf_release(&text);
    return entry;
}

/* Judges all claims of the rules at a path; the text is what stands there. */
static void judge_rules(const struct wf_loader *loader, const char *path, const char *text,
                        uint64_t seed, struct tally *tally)
{
    struct wf_front front, judged;
    struct wf_arena arena;
    struct wf_ir ir;
    struct wf_buf all;
    const char *why = NULL;
    wf_front_init(&front, NULL);
    if (wf_front_check(&front, loader, path)) { /* it has other mistakes, and so no claims */
        wf_front_release(&front);
        return;
    }
    const struct wf_checked *checked = &front.checked;
    bool *skip = calloc((size_t)checked->n_claims + 1, sizeof(*skip));
    wf_buf_init(&all, NULL, 0);
    wf_buf_addf(&all, "%s\n", text);
    for (unsigned c = 0; c < checked->n_claims; c++) {
        bool witnessed = checked->claims[c].code == WF_W0507; /* judged by its witness */
        skip[c] = witnessed || asks_entry(&checked->claims[c]);
        tally->left_out += skip[c] && !witnessed;
        if (skip[c])
            continue;
        write_claim(&all, &checked->claims[c], c);
        tally->judged++;
        tally->of[checked->claims[c].code]++;
    }
    struct rule_text with_claims = {path, wf_buf_str(&all), loader};
    struct wf_loader overlaid = rule_text_loader(&with_claims);
    wf_front_init(&judged, NULL);
    wf_arena_init(&arena, NULL);
    if (wf_front_check(&judged, &overlaid, path))
        fail_msg("%s\n%s", wf_buf_str(&all), judged.diags.n ? judged.diags.items[0]->message : "?");
    assert_int_equal(wf_lower(&judged.checked, &judged.sources, &arena, NULL, &ir, &why), WF_OK);
    struct judge judge = {&ir, checked, wf_buf_str(&all), 0};
    struct wild_random random = {.state = seed, .near = &ir};
    for (int night = 0; checked->n_claims && night < NIGHTS && !judge.refuted; night++)
        judge_night(&judge, &random, skip);
    unsigned refuted = judge.refuted;
    wf_arena_release(&arena);
    wf_front_release(&judged);
    wf_front_release(&front);
    wf_buf_release(&all);
    free(skip);
    assert_int_equal(refuted, 0);
}

/* ---- rule files ---- */

static void judge_file(const char *path, struct tally *tally)
{
    char *text = rule_file_text(path);
    struct wf_loader files = rule_file_loader();
    assert_non_null(text);
    judge_rules(&files, path, text, 7, tally);
    free(text);
}

static void judge_folder(const char *folder, struct tally *tally)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[512];
        size_t len = strlen(entry->d_name);
        if (len < 5 || strcmp(entry->d_name + len - 4, ".way") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        judge_file(path, tally);
    }
    closedir(dir);
}

static void golden_warnings_are_true(void **state)
{
    struct tally tally = {0};
    (void)state;
    judge_folder("tests/golden/diag", &tally);
    judge_folder("stdlib", &tally);
    judge_file("examples/complete_journey/rules.way", &tally);
    judge_file("examples/winback_90_nights/rules.way", &tally);
    judge_file("examples/first_week/rules.way", &tally);
    print_message("golden: %u claims judged, %u left out\n", tally.judged, tally.left_out);
    assert_true(tally.judged >= 60);
    assert_true(tally.left_out <= 2);
}

/* ---- random rules ---- */

static void random_warnings_are_true(void **state)
{
    enum { PROGRAMS = 40 };
    const char *count = getenv("WF_LINT_PROGRAMS"), *from = getenv("WF_LINT_SEED");
    struct tally tally = {0};
    unsigned programs = count ? (unsigned)strtoul(count, NULL, 10) : PROGRAMS;
    uint64_t seed = from ? strtoull(from, NULL, 10) : 1;
    (void)state;
    for (unsigned i = 0; i < programs; i++) {
        struct wf_buf rules;
        wf_buf_init(&rules, NULL, 0);
        narrow_rules(seed + i, &rules);
        struct rule_text text = {"rules.way", wf_buf_str(&rules), NULL};
        struct wf_loader loader = rule_text_loader(&text);
        unsigned before = tally.judged;
        judge_rules(&loader, "rules.way", text.text, seed + i, &tally);
        assert_true(tally.judged >= before);
        wf_buf_release(&rules);
    }
    print_message("random: %u claims of %u programs: %u never, %u always, %u classes, %u within\n",
                  tally.judged, programs, tally.of[WF_W0404], tally.of[WF_W0405],
                  tally.of[WF_W0401], tally.of[WF_W0406] + tally.of[WF_W0402]);
    if (!count) {
        assert_true(tally.of[WF_W0404] >= 150 && tally.of[WF_W0405] >= 20);
        assert_true(tally.of[WF_W0401] >= 10 && tally.of[WF_W0406] >= 20);
    }
}

/* ---- witnesses ---- */

/* `member m { ... }` of the note of the warning at a place. */
static bool witness_of(const struct wf_diags *diags, const struct wf_claim *claim,
                       const char **from_out, size_t *len_out)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct wf_diag *d = diags->items[i];
        const char *from = d->code == WF_W0507 && d->span.start == claim->span.start && d->note
                               ? strstr(d->note, "member m {")
                               : NULL;
        const char *end = from ? strstr(from, "};") : NULL;
        if (!end)
            continue;
        *from_out = from;
        *len_out = (size_t)(end - from) + 1;
        return true;
    }
    return false;
}

/* Every condition of both rules is known true of the witness in a night that is played. */
static void play_witness(const char *text, const struct wf_diags *diags,
                         const struct wf_claim *claim)
{
    struct wf_buf all;
    struct wf_compiled compiled;
    struct wf_test_result result;
    struct wf_coverage coverage;
    const char *member = NULL;
    size_t len = 0;
    assert_true(witness_of(diags, claim, &member, &len));
    wf_buf_init(&all, NULL, 0);
    wf_buf_addf(&all, "%s\n", text);
    write_claim(&all, claim, 0);
    wf_buf_addf(&all, "test \"both\" {\n  %.*s\n  on 2026-11-22 expect ", (int)len, member);
    for (uint32_t f = 0; f < claim->n_facts; f++)
        wf_buf_addf(&all, "%sm in claim_0_%u", f ? ", " : "", f);
    wf_buf_adds(&all, "\n}\n");
    const struct file files[] = {{"rules.way", wf_buf_str(&all)}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    assert_int_equal(wf_compile_tests(NULL, &loader, "rules.way", &compiled), WF_OK);
    assert_int_equal(
        wf_coverage_init(&coverage, &compiled.program->ir, &compiled.front.sources, NULL), WF_OK);
    struct wf_test_options options = {0};
    assert_int_equal(
        wf_test_run(&compiled, wf_test_next(&compiled, NULL), &options, &coverage, &result), WF_OK);
    if (!result.passed) {
        print_error("%.900s\n", strstr(wf_buf_str(&all), "segment claim"));
        fail_msg("%s", wf_buf_str(&result.said));
    }
    wf_test_result_release(&result);
    wf_coverage_release(&coverage);
    wf_compiled_release(&compiled);
    wf_buf_release(&all);
}

static void witnesses_are_meant_by_both(void **state)
{
    enum { PROGRAMS = 25, RULES = 8 };
    unsigned played = 0;
    (void)state;
    for (unsigned i = 0; i < PROGRAMS; i++) {
        struct wf_buf rules;
        wf_buf_init(&rules, NULL, 0);
        narrow_settings(900 + i, RULES, &rules);
        struct rule_text text = {"rules.way", wf_buf_str(&rules), NULL};
        struct wf_loader loader = rule_text_loader(&text);
        struct wf_front front;
        wf_front_init(&front, NULL);
        assert_int_equal(wf_front_check(&front, &loader, "rules.way"), WF_OK);
        for (uint32_t c = 0; c < front.checked.n_claims; c++) {
            if (front.checked.claims[c].code != WF_W0507)
                continue;
            play_witness(text.text, &front.diags, &front.checked.claims[c]);
            played++;
        }
        wf_front_release(&front);
        wf_buf_release(&rules);
    }
    print_message("witnesses: %u played\n", played);
    assert_true(played >= 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_warnings_are_true),
        cmocka_unit_test(random_warnings_are_true),
        cmocka_unit_test(witnesses_are_meant_by_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
