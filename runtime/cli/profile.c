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
            struct wf_buf name;
            wf_buf_init(&name, NULL, 0);
            wf_json_string(&name, feed_name(summary, row), strlen(feed_name(summary, row)));
            printf(",\"feed\":%s", wf_buf_str(&name));
            wf_buf_release(&name);
        }
        if (amount.rows || amount.bytes)
            printf(",\"rows\":%" PRIu64 ",\"bytes\":%" PRIu64, amount.rows, amount.bytes);
        putchar('}');
        between = ",";
    }
    fputs("]}", stdout);
}
