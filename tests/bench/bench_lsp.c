/*
 * How long an editor waits on a project of 5,000 lines (make_project.sh): for completion right
 * behind a key, before anything was checked again, and for the check of all of it.
 *
 *   bench_lsp DIR
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/tools/parsed.h"
#include "tests/tools/talk.h"

enum { MOST_FILES = 64, KEYS = 300, CHECKS = 10 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static size_t read_files(const char *folder, struct talk_file *files)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    size_t n = 0, len;
    while (dir && n + 1 < MOST_FILES && (entry = readdir(dir))) {
        char path[4096], shop[300];
        if (!strstr(entry->d_name, ".way"))
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        snprintf(shop, sizeof(shop), "/shop/%s", entry->d_name);
        files[n++] = (struct talk_file){strdup(shop), read_whole(path, &len)};
    }
    if (dir)
        closedir(dir);
    files[n] = (struct talk_file){NULL, NULL};
    return n;
}

static const struct talk_file *file_of(const struct talk_file *files, const char *path)
{
    while (files->path && strcmp(files->path, path) != 0)
        files++;
    return files;
}

static void feed(struct talk *talk, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT), header[64];
    snprintf(header, sizeof(header), "Content-Length: %zu\r\n\r\n", strlen(text));
    wf_lsp_feed(talk->lsp, header, strlen(header));
    wf_lsp_feed(talk->lsp, text, strlen(text));
    free(text);
    json_decref(message);
}

/* The first letter of a word is typed at `at`, and what it could become is asked for at once. */
static double press_key(struct talk *talk, const char *path, const char *text, size_t at,
                        char typed, int key)
{
    json_t *place = talk_at(path, text, at), *behind = talk_at(path, text, at);
    json_t *position = json_object_get(behind, "position");
    json_object_set_new(
        position, "character",
        json_integer(json_integer_value(json_object_get(position, "character")) + 1));
    char letter[2] = {typed, '\0'};
    json_t *point = json_object_get(place, "position");
    json_t *change =
        json_pack("{s:s, s:{s:O, s:[{s:{s:O, s:O}, s:s}]}}", "method", "textDocument/didChange",
                  "params", "textDocument", json_object_get(place, "textDocument"),
                  "contentChanges", "range", "start", point, "end", point, "text", letter);
    json_t *question = json_pack("{s:i, s:s, s:O}", "id", key, "method", "textDocument/completion",
                                 "params", behind);
    double from = now();
    feed(talk, change);
    feed(talk, question);
    double took = now() - from;
    json_t *undo =
        json_pack("{s:s, s:{s:O, s:[{s:{s:O, s:O}, s:s}]}}", "method", "textDocument/didChange",
                  "params", "textDocument", json_object_get(place, "textDocument"),
                  "contentChanges", "range", "start", point, "end", position, "text", "");
    feed(talk, undo);
    json_decref(place);
    json_decref(behind);
    return took;
}

int main(int argc, char **argv)
{
    struct talk_file files[MOST_FILES];
    double keys[KEYS], checks[CHECKS];
    struct talk talk;
    if (argc != 2 || !read_files(argv[1], files))
        return 64;
    const struct talk_file *part = file_of(files, "/shop/part2.way");
    if (!part->path)
        return 66;
    talk_begin(&talk, files, NULL);
    talk_open(&talk, part->path, part->text);
    size_t len = strlen(part->text), at = 0, answered = 0;
    for (int i = 0; i < KEYS; i++) {
        at = (at + len / 7 + 13) % len;
        while (part->text[at] != ' ' || part->text[at + 1] < 'a' || part->text[at + 1] > 'z')
            at = (at + 1) % len;
        keys[i] = press_key(&talk, part->path, part->text, at + 1, part->text[at + 1], i);
        answered += strstr(wf_buf_str(wf_lsp_out(talk.lsp)), "\"label\"") != NULL;
        double from = now();
        if (i % (KEYS / CHECKS) == 0) {
            wf_lsp_idle(talk.lsp);
            checks[i / (KEYS / CHECKS)] = now() - from;
        }
        wf_buf_reset(wf_lsp_out(talk.lsp));
    }
    qsort(keys, KEYS, sizeof(*keys), by_size);
    qsort(checks, CHECKS, sizeof(*checks), by_size);
    printf("completion behind a key: %.2f ms, 95 of 100 within %.2f (median of %d, %zu with "
           "candidates; should "
           "be below 20); check of it all: %.1f ms\n",
           keys[KEYS / 2], keys[KEYS * 95 / 100], KEYS, answered, checks[CHECKS / 2]);
    talk_end(&talk);
    return keys[KEYS * 95 / 100] < 20 && answered > KEYS / 2 ? 0 : 1;
}
