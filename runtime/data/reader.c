#include "runtime/data/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/limits.h"
#include "runtime/data/exporter.h"

/* ---- files ---- */

static enum wf_status add_file(struct wf_reader *reader, size_t *room, const char *name)
{
    if (reader->n_files == WF_MAX_FEED_FILES)
        return wf_fault_set(&reader->fault, WF_ERR_LIMIT, NULL, 0,
                            "more than WF_MAX_FEED_FILES (%d) files match \"%s\"",
                            WF_MAX_FEED_FILES, reader->feed->pattern);
    if (wf_grow(reader->alloc, &reader->files, room, (size_t)reader->n_files + 1,
                sizeof(*reader->files)))
        return WF_ERR_NOMEM;
    char *copy = wf_realloc(reader->alloc, NULL, strlen(name) + 1);
    if (!copy)
        return WF_ERR_NOMEM;
    memcpy(copy, name, strlen(name) + 1);
    reader->files[reader->n_files++] = (struct wf_feed_file){.name = copy};
    return WF_OK;
}

/* The pattern itself, or with the ending of a compressed file behind it. */
static bool matches(const char *pattern, const char *name)
{
    size_t n = strlen(name);
    if (fnmatch(pattern, name, FNM_PERIOD) == 0)
        return true;
    size_t end = n > 3 && strcmp(name + n - 3, ".gz") == 0    ? 3
                 : n > 4 && strcmp(name + n - 4, ".zst") == 0 ? 4
                                                              : 0;
    char bare[256];
    if (!end || n - end >= sizeof(bare))
        return false;
    memcpy(bare, name, n - end);
    bare[n - end] = '\0';
    return fnmatch(pattern, bare, FNM_PERIOD) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct wf_feed_file *)a)->name, ((const struct wf_feed_file *)b)->name);
}

static enum wf_status no_list(struct wf_reader *reader, int error)
{
    return wf_fault_set(&reader->fault, WF_ERR_IO, reader->feed->pattern, 0,
                        "the data folder cannot be looked through: %s", strerror(error));
}

static enum wf_status list_files(struct wf_reader *reader)
{
    const char *pattern = reader->feed->pattern;
    size_t room = 0;
    if (!pattern || !*pattern)
        return wf_fault_set(&reader->fault, WF_ERR_RULES, NULL, 0,
                            "%s does not say which files it comes from", reader->feed->noun);
    if (strchr(pattern, '/'))
        return wf_fault_set(&reader->fault, WF_ERR_PERM, NULL, 0,
                            "\"%s\" (%s) must name files in the data folder itself", pattern,
                            reader->feed->noun);
    int fd = wf_open_again(reader->dir, ".", O_RDONLY | O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return no_list(reader, why);
    }
    enum wf_status status = WF_OK;
    errno = 0;
    for (struct dirent *entry; !status && (entry = readdir(dir)); errno = 0)
        if (matches(pattern, entry->d_name))
            status = add_file(reader, &room, entry->d_name);
    if (!status && errno)
        status = no_list(reader, errno);
    closedir(dir);
    if (reader->n_files)
        qsort(reader->files, reader->n_files, sizeof(*reader->files), by_name);
    return status;
}

enum wf_status wf_reader_open(struct wf_reader *reader, const struct wf_alloc *alloc,
                              const struct wf_ir *ir, const struct wf_feed *feed, int dir,
                              bool from_stdin, const struct wf_scanner *scanner)
{
    *reader = (struct wf_reader){.alloc = alloc, .ir = ir, .feed = feed, .dir = dir};
    reader->scanner = scanner;
    pthread_mutex_init(&reader->lock, NULL);
    size_t room = 0;
    if (feed->memory)
        return feed->memory->bytes ? add_file(reader, &room, feed->memory->name) : WF_OK;
    if (from_stdin || (feed->pattern && strcmp(feed->pattern, "-") == 0))
        return add_file(reader, &room, "-");
    enum wf_status status = list_files(reader);
    if (!status && reader->n_files == 0)
        status = wf_fault_set(&reader->fault, WF_ERR_MISSING, NULL, 0,
                              "no file matches \"%s\" (%s); a missing export is not an empty one",
                              feed->pattern, feed->noun);
    return status;
}

/* ---- segments ---- */

static bool is_json(const char *name)
{
    return strstr(name, ".jsonl") || strstr(name, ".ndjson");
}

static enum wf_status reserve(const struct wf_alloc *alloc, char **text, size_t *room, size_t need)
{
    return wf_grow(alloc, text, room, need + WF_SCAN_PAD, 1) ? WF_ERR_NOMEM : WF_OK;
}

static void json_edge(const char *text, size_t len, struct wf_edge *edge)
{
    const char *end = len ? memrchr(text, '\n', len) : NULL;
    edge->last = end ? (size_t)(end - text) + 1 : 0;
    for (size_t i = 0; i < len; i++)
        edge->lines += text[i] == '\n';
    edge->upto = edge->lines;
}

static uint64_t count_lines(const char *text, size_t len)
{
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

/* Fills the segment up to `upto` bytes unless the file ends first. */
static enum wf_status fill(struct wf_reader *reader, struct wf_segment *segment, size_t upto,
                           bool *ended)
{
    enum wf_status status = reserve(reader->alloc, &segment->text, &segment->room, upto + 1);
    while (!status && segment->len < upto && !*ended) {
        size_t got = 0;
        status = wf_input_read(reader->input, segment->text + segment->len, upto - segment->len,
                               &got, &reader->fault);
        segment->len += got;
        *ended = !status && got == 0;
    }
    return status;
}

/* Where the row starts in which a quote first stands where none may; len: there is none. */
static size_t misplaced(struct wf_reader *reader, const struct wf_segment *segment)
{
    struct wf_index index = {.alloc = reader->alloc};
    char delimiter = reader->files[reader->file].header.delimiter;
    size_t start = segment->len;
    if (!delimiter) { /* the header is in this segment, and not read yet */
        const char *end = memchr(segment->text, '\n', segment->len);
        delimiter = wf_header_delimiter(segment->text, end ? (size_t)(end - segment->text) : 0);
    }
    if (wf_index_reserve(&index, segment->len) == WF_OK) {
        reader->scanner->index(segment->text, segment->len, delimiter, &index);
        if (index.quote != WF_NOWHERE)
            start = wf_index_row(&index, index.quote);
    }
    wf_index_release(&index);
    return start;
}

/* The file ends inside quotes. The quote that is open may be a later one's fault: where an earlier
 * one stands in the middle of a cell, that row is the one to mend. */
static enum wf_status unclosed(struct wf_reader *reader, const struct wf_segment *segment,
                               size_t whole)
{
    const char *file = reader->files[reader->file].name;
    size_t start = misplaced(reader, segment);
    if (start < segment->len)
        return wf_fault_set(&reader->fault, WF_ERR_DATA, file,
                            reader->line + count_lines(segment->text, start),
                            "a quote of the row that starts here is never closed, or stands in the "
                            "middle of a cell");
    struct wf_edge edge = {0};
    reader->scanner->edge(segment->text + whole, segment->len - whole, &edge);
    return wf_fault_set(&reader->fault, WF_ERR_DATA, file,
                        reader->line + count_lines(segment->text, whole + edge.opened),
                        "a quote that opens in this line is never closed");
}

static enum wf_status too_long(struct wf_reader *reader, uint64_t line)
{
    return wf_fault_set(&reader->fault, WF_ERR_LIMIT, reader->files[reader->file].name, line,
                        "the row that starts here is longer than WF_MAX_LINE (%zu bytes); is one "
                        "of its quotes never closed?",
                        WF_MAX_LINE);
}

/* Takes whole rows into the segment; what follows the last row end becomes the tail. */
static enum wf_status take_rows(struct wf_reader *reader, struct wf_segment *segment, bool *ended)
{
    bool json = reader->files[reader->file].header.json;
    struct wf_edge edge = {0};
    size_t whole = 0, seen = 0;
    uint64_t whole_lines = 0;
    enum wf_status status =
        reserve(reader->alloc, &segment->text, &segment->room, reader->tail_len + WF_SEGMENT);
    if (status)
        return status;
    if (reader->tail_len)
        memcpy(segment->text, reader->tail, reader->tail_len);
    segment->len = reader->tail_len;
    while (!whole && !*ended) {
        status = fill(reader, segment, segment->len + WF_SEGMENT, ended);
        if (status)
            return status;
        (json ? json_edge : reader->scanner->edge)(segment->text + seen, segment->len - seen,
                                                   &edge);
        if (edge.last) {
            whole = seen + edge.last;
            whole_lines = edge.upto;
        }
        seen = segment->len;
        if (segment->len - whole > WF_MAX_LINE + 2)
            return too_long(reader, reader->line + whole_lines);
    }
    if (*ended && edge.open)
        return unclosed(reader, segment, whole);
    if (*ended && segment->len > whole) {
        segment->text[segment->len++] = '\n';
        reader->files[reader->file].unended = true;
        whole = segment->len;
        whole_lines = edge.lines + 1;
    }
    reader->tail_len = segment->len - whole;
    status = reserve(reader->alloc, &reader->tail, &reader->tail_room, reader->tail_len);
    if (status)
        return status;
    memcpy(reader->tail, segment->text + whole, reader->tail_len);
    segment->len = whole;
    memset(segment->text + whole, 0, WF_SCAN_PAD);
    segment->line = reader->line;
    segment->lines = whole_lines;
    segment->file = reader->file;
    reader->line += whole_lines;
    if (reader->progress)
        reader->progress->rows += whole_lines;
    return WF_OK;
}

/* ---- the beginning and the end of a file ---- */

static enum wf_status judge_start(struct wf_reader *reader, const struct wf_segment *segment,
                                  size_t *skip_out)
{
    const unsigned char *p = (const unsigned char *)segment->text;
    *skip_out = 0;
    if (segment->len >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        return wf_fault_set(&reader->fault, WF_ERR_DATA, reader->files[reader->file].name, 1,
                            "this file is UTF-16; export it as UTF-8");
    if (segment->len >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
        *skip_out = 3;
    return WF_OK;
}

/* Cuts byte order mark and header off the first segment of a file. */
static enum wf_status take_header(struct wf_reader *reader, struct wf_segment *segment)
{
    struct wf_feed_file *file = &reader->files[reader->file];
    size_t skip, end;
    enum wf_status status = judge_start(reader, segment, &skip);
    if (status)
        return status;
    bool inside = false;
    for (end = skip; !file->header.json && end < segment->len; end++) {
        inside ^= segment->text[end] == '"';
        if (segment->text[end] == '\n' && !inside) {
            end++;
            break;
        }
    }
    if (!file->header.json) {
        if (end == skip)
            return wf_fault_set(&reader->fault, WF_ERR_DATA, file->name, 0,
                                "is empty: it has no header");
        status = wf_header_read(reader->alloc, reader->ir, reader->feed, segment->text + skip,
                                end - skip, file, &reader->fault);
        if (status)
            return status;
        uint64_t lines = count_lines(segment->text, end);
        segment->line += lines;
        segment->lines -= lines;
    }
    memmove(segment->text, segment->text + end, segment->len - end + WF_SCAN_PAD);
    segment->len -= end;
    return WF_OK;
}

static bool asks_sha256(const struct wf_reader *reader, const char *name)
{
    const struct wf_exporter_file *said =
        reader->exporter ? wf_exporter_find(reader->exporter, name) : NULL;
    return reader->sha256 || (said && said->has_sha256);
}

static enum wf_status open_next(struct wf_reader *reader)
{
    struct wf_feed_file *file = &reader->files[reader->file];
    reader->line = 1;
    reader->tail_len = 0;
    const struct wf_feed_memory *memory = reader->feed->memory;
    enum wf_status status =
        memory
            ? wf_input_memory(reader->alloc, file->name, memory->bytes, memory->len, &reader->input)
            : wf_input_open(reader->alloc, reader->dir, file->name, reader->feed->encoding,
                            asks_sha256(reader, file->name), &reader->input, &reader->fault);
    if (!status && !memory && is_json(file->name))
        status = wf_header_json(reader->alloc, reader->ir, reader->feed, file);
    return status;
}

static void close_file(struct wf_reader *reader)
{
    struct wf_feed_file *file = &reader->files[reader->file];
    wf_input_finish(reader->input, &file->bytes, &file->fingerprint);
    wf_input_close(reader->input);
    reader->input = NULL;
    reader->file++;
}

/* The rest of a file most likely has lines as long as those of its beginning. */
static void guess_lines(struct wf_reader *reader, const struct wf_segment *segment)
{
    uint64_t size = wf_input_size(reader->input);
    double share = segment->len ? (double)size / (double)segment->len : 0;
    double lines = (double)segment->lines * share * 1.02;
    if (lines > 0 && lines < WF_NONE)
        reader->guess = reader->place + (uint64_t)lines;
}

static enum wf_status next_locked(struct wf_reader *reader, struct wf_segment *segment,
                                  bool *more_out)
{
    *more_out = false;
    while (!reader->stopped && reader->file < reader->n_files) {
        enum wf_status status = WF_OK;
        bool first = !reader->input, ended = false;
        if (first)
            status = open_next(reader);
        if (!status)
            status = take_rows(reader, segment, &ended);
        if (!status && first)
            status = take_header(reader, segment);
        if (!status && first)
            guess_lines(reader, segment);
        if (!status && ended)
            close_file(reader);
        if (status)
            return status;
        if (!segment->len)
            continue; /* only a header, or an empty file of JSON Lines */
        segment->seq = reader->seq++;
        segment->guess = reader->guess;
        segment->place = reader->place;
        reader->place += segment->lines;
        *more_out = true;
        return WF_OK;
    }
    return WF_OK;
}

enum wf_status wf_reader_next(struct wf_reader *reader, struct wf_segment *segment, bool *more_out)
{
    pthread_mutex_lock(&reader->lock);
    enum wf_status status = next_locked(reader, segment, more_out);
    if (status)
        reader->stopped = true;
    pthread_mutex_unlock(&reader->lock);
    return status;
}

void wf_reader_stop(struct wf_reader *reader)
{
    pthread_mutex_lock(&reader->lock);
    reader->stopped = true;
    pthread_mutex_unlock(&reader->lock);
}

void wf_segment_release(const struct wf_alloc *alloc, struct wf_segment *segment)
{
    wf_free(alloc, segment->text);
    *segment = (struct wf_segment){0};
}

void wf_reader_close(struct wf_reader *reader)
{
    for (uint32_t i = 0; i < reader->n_files; i++) {
        wf_header_release(reader->alloc, &reader->files[i].header);
        wf_free(reader->alloc, reader->files[i].name);
        wf_free(reader->alloc, reader->files[i].ignored);
    }
    wf_free(reader->alloc, reader->files);
    wf_free(reader->alloc, reader->tail);
    wf_input_close(reader->input);
    pthread_mutex_destroy(&reader->lock);
    *reader = (struct wf_reader){.alloc = reader->alloc};
}
