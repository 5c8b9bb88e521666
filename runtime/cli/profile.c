#include "runtime/cli/profile.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/base/buf.h"
#include "lang/base/escape.h"
#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "lang/code/disasm.h"
#include "runtime/cli/costs.h"
#include "runtime/run/action.h"

/* What a phase worked on; nothing is known of most. */
struct amount {
    uint64_t rows, bytes;
};

static uint64_t peak_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

static struct amount of_feed(const struct wf_load_report *report, uint32_t f)
{
    struct amount sum = {.rows = f < report->n_feeds ? report->feeds[f].rows : 0};
    for (size_t i = 0; i < report->n_files; i++)
        if (report->files[i].feed == f)
            sum.bytes += report->files[i].bytes;
    return sum;
}

static struct amount of_reading(const struct wf_load_report *report)
{
    struct amount sum = {0, 0};
    for (uint32_t f = 0; f < report->n_feeds; f++) {
        struct amount feed = of_feed(report, f);
        sum.rows += feed.rows;
        sum.bytes += feed.bytes;
    }
    return sum;
}

/* The bytes of the night's folder, as they lie there. */
static uint64_t folder_bytes(const struct wf_summary *summary)
{
    struct wf_buf path;
    uint64_t sum = 0;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s%s", summary->options->out, summary->result->folder,
                summary->options->dry_run ? ".dry-run"
                : summary->result->held   ? ".held"
                                          : "");
    DIR *folder = path.failed ? NULL : opendir(wf_buf_str(&path));
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat file;
        if (fstatat(dirfd(folder), entry->d_name, &file, 0) == 0 && S_ISREG(file.st_mode))
            sum += (uint64_t)file.st_size;
    }
    if (folder)
        closedir(folder);
    wf_buf_release(&path);
    return sum;
}

static struct amount amount_of(const struct wf_summary *summary, const struct wf_profile_row *row)
{
    const struct wf_run_result *result = summary->result;
    switch (row->phase) {
    case WF_PHASE_READ: return of_reading(&result->report);
    case WF_PHASE_FEED:
    case WF_PHASE_ROWS: return of_feed(&result->report, row->feed);
    case WF_PHASE_RULES: return (struct amount){.rows = result->members};
    case WF_PHASE_GATES: return (struct amount){.rows = result->actions + result->suppressed};
    case WF_PHASE_FILES: return (struct amount){result->actions, folder_bytes(summary)};
    default: return (struct amount){0, 0};
    }
}

static const char *feed_name(const struct wf_summary *summary, const struct wf_profile_row *row)
{
    const struct wf_load_report *report = &summary->result->report;
    return row->feed < report->n_feeds && report->feeds[row->feed].name
               ? report->feeds[row->feed].name
               : "";
}

static const char *phase_words(enum wf_phase phase)
{
    switch (phase) {
    case WF_PHASE_STATE: return wf_word_in("profile", "state");
    case WF_PHASE_READ: return wf_word_in("profile", "reading");
    case WF_PHASE_FEED: return wf_word_in("profile", "feed");
    case WF_PHASE_ROWS: return wf_word_in("profile", "rows");
    case WF_PHASE_GROUP: return wf_word_in("profile", "by member");
    case WF_PHASE_EVALUATE: return wf_word_in("profile", "evaluating");
    case WF_PHASE_ROSTER: return wf_word_in("profile", "known members");
    case WF_PHASE_RULES: return wf_word_in("profile", "conditions");
    case WF_PHASE_MOVES: return wf_word_in("profile", "movements");
    case WF_PHASE_DECIDE: return wf_word_in("profile", "deciding");
    case WF_PHASE_GATES: return wf_word_in("profile", "gates");
    case WF_PHASE_WRITE: return wf_word_in("profile", "writing");
    case WF_PHASE_SNAPSHOT: return wf_word_in("profile", "snapshot");
    case WF_PHASE_FILES: return wf_word_in("profile", "files");
    case WF_PHASE_LEDGER: return wf_word_in("profile", "ledger");
    case WF_PHASE_COMMIT: return wf_word_in("profile", "commit");
    case WF_PHASE_RELEASE: return wf_word_in("profile", "release");
    }
    return "";
}

enum { WORD_COLUMNS = 24 };

static void print_row(const struct wf_summary *summary, const struct wf_profile_row *row)
{
    bool named = row->phase == WF_PHASE_FEED && *feed_name(summary, row);
    const char *words = named ? feed_name(summary, row) : phase_words(row->phase);
    int indent = 2 + 2 * (int)wf_phase_depth(row->phase);
    int pad = WORD_COLUMNS - indent - (int)wf_utf8_width(words, strlen(words));
    struct amount amount = amount_of(summary, row);
    fprintf(stderr, "%*s%s%*s %8.3f s", indent, "", words, pad > 0 ? pad : 0, "", row->seconds);
    if (amount.rows)
        fprintf(stderr, wf_word("  %11" PRIu64 " rows"), amount.rows);
    if (amount.bytes)
        fprintf(stderr, wf_word("  %9.1f MB  %7.0f MB/s"), (double)amount.bytes / 1e6,
                row->seconds > 0 ? (double)amount.bytes / 1e6 / row->seconds : 0.0);
    fputc('\n', stderr);
}

/* ---- what conditions cost ---- */

enum { DEAREST = 10, COST_COLUMNS = 30 };

/* Nanoseconds a member, of all threads together. */
static double a_member(const struct wf_summary *summary, uint64_t nanoseconds)
{
    uint32_t members = summary->result->members;
    return members ? (double)nanoseconds / members : 0.0;
}

static void print_cost(const struct wf_summary *summary, const struct wf_cost *cost)
{
    const char *name = cost->name ? cost->name : wf_word_in("profile", "events and figures");
    size_t width = wf_utf8_width(name, strlen(name));
    fprintf(stderr, "    %s%*s %8.3f ns", name,
            width < COST_COLUMNS ? (int)(COST_COLUMNS - width) : 0, "",
            a_member(summary, cost->nanoseconds));
    if (cost->place)
        fprintf(stderr, "  %s:%" PRIu32, wf_ir_text(&summary->program->ir, cost->place->file),
                cost->place->line);
    if (cost->insn != WF_NONE) {
        struct wf_buf text;
        wf_buf_init(&text, NULL, 0);
        wf_disasm_insn(summary->program, cost->insn, &text);
        fprintf(stderr, "  %s", wf_buf_str(&text));
        wf_buf_release(&text);
    }
    fputc('\n', stderr);
}

static void print_dearest(const struct wf_summary *summary, const struct wf_cost *costs, size_t n)
{
    for (size_t i = 0; i < n && i < DEAREST && costs[i].nanoseconds; i++)
        print_cost(summary, &costs[i]);
}

static void print_costs(const struct wf_summary *summary)
{
    struct wf_costs costs;
    uint64_t sum = 0;
    if (!summary->profile->insns ||
        wf_costs_make(summary->program, summary->profile->insns, &costs) != WF_OK)
        return;
    for (size_t i = 0; i < costs.n_rules; i++)
        sum += costs.rules[i].nanoseconds;
    if (sum) {
        fprintf(stderr,
                wf_word("conditions: %.1f ns a member, of all threads together; the dearest "
                        "rules (what rules share is the first one's)\n"),
                a_member(summary, sum));
        print_dearest(summary, costs.rules, costs.n_rules);
        fputs(wf_word("the dearest steps (`wayfare dump --places` shows all of them)\n"), stderr);
        print_dearest(summary, costs.insns, costs.n_insns);
    }
    wf_costs_release(&costs);
}

static void json_text(const char *key, const char *text)
{
    struct wf_buf json;
    wf_buf_init(&json, NULL, 0);
    wf_json_string(&json, text, strlen(text));
    printf("\"%s\":%s", key, wf_buf_str(&json));
    wf_buf_release(&json);
}

static void json_costs(const struct wf_summary *summary, const char *key,
                       const struct wf_cost *costs, size_t n)
{
    printf(",\"%s\":[", key);
    for (size_t i = 0; i < n && costs[i].nanoseconds; i++) {
        printf("%s{\"nanoseconds\":%" PRIu64 ",", i ? "," : "", costs[i].nanoseconds);
        json_text("rule", costs[i].name ? costs[i].name : "");
        if (costs[i].place) {
            putchar(',');
            json_text("file", wf_ir_text(&summary->program->ir, costs[i].place->file));
            printf(",\"line\":%" PRIu32, costs[i].place->line);
        }
        if (costs[i].insn != WF_NONE) {
            struct wf_buf text;
            wf_buf_init(&text, NULL, 0);
            wf_disasm_insn(summary->program, costs[i].insn, &text);
            putchar(',');
            json_text("step", wf_buf_str(&text));
            wf_buf_release(&text);
        }
        putchar('}');
    }
    putchar(']');
}

void wf_profile_print(const struct wf_summary *summary)
{
    double seconds = 0;
    for (unsigned i = 0; i < summary->profile->n; i++)
        if (wf_phase_depth(summary->profile->rows[i].phase) == 0 &&
            summary->profile->rows[i].seconds > 0)
            seconds += summary->profile->rows[i].seconds;
    fprintf(stderr, wf_word("profile: %.3f s, at most %.1f MB of memory\n"), seconds,
            (double)peak_bytes() / 1e6);
    for (unsigned i = 0; i < summary->profile->n; i++)
        if (summary->profile->rows[i].seconds >= 0)
            print_row(summary, &summary->profile->rows[i]);
    print_costs(summary);
}

void wf_profile_json(const struct wf_summary *summary)
{
    const char *between = "";
    printf("{\"peak_bytes\":%" PRIu64 ",\"phases\":[", peak_bytes());
    for (unsigned i = 0; i < summary->profile->n; i++) {
        const struct wf_profile_row *row = &summary->profile->rows[i];
        struct amount amount = amount_of(summary, row);
        if (row->seconds < 0)
            continue;
        printf("%s{\"phase\":\"%s\",\"depth\":%u,\"seconds\":%.6f", between,
               wf_phase_key(row->phase), wf_phase_depth(row->phase), row->seconds);
        if (row->phase == WF_PHASE_FEED) {
            putchar(',');
            json_text("feed", feed_name(summary, row));
        }
        if (amount.rows || amount.bytes)
            printf(",\"rows\":%" PRIu64 ",\"bytes\":%" PRIu64, amount.rows, amount.bytes);
        putchar('}');
        between = ",";
    }
    putchar(']');
    struct wf_costs costs;
    if (summary->profile->insns &&
        wf_costs_make(summary->program, summary->profile->insns, &costs) == WF_OK) {
        json_costs(summary, "rules", costs.rules, costs.n_rules);
        json_costs(summary, "steps", costs.insns, costs.n_insns);
        wf_costs_release(&costs);
    }
    putchar('}');
}
