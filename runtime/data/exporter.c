#include "runtime/data/exporter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "lang/base/buf.h"
#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/data/input.h"

void wf_exporter_release(struct wf_exporter *exporter)
{
    for (size_t i = 0; i < exporter->n_files; i++)
        wf_free(exporter->alloc, exporter->files[i].name);
    wf_free(exporter->alloc, exporter->files);
    *exporter = (struct wf_exporter){.alloc = exporter->alloc, .until = WF_NO_UNTIL};
}

/* ---- reading ---- */

static enum wf_status read_bytes(const struct wf_alloc *alloc, int dir, struct wf_buf *text,
                                 struct wf_fault *fault)
{
    enum { PIECE = 64 << 10 };
    struct wf_input *input;
    enum wf_status status = wf_input_open(alloc, dir, WF_EXPORTER_FILE, NULL, false, &input, fault);
    if (status)
        return status;
    for (size_t got = 1; !status && got;) {
        got = 0;
        if (text->len > WF_MAX_SOURCE)
            status = wf_fault_set(fault, WF_ERR_LIMIT, WF_EXPORTER_FILE, 0,
                                  "is larger than WF_MAX_SOURCE, %zu bytes", WF_MAX_SOURCE);
        else if (wf_buf_reserve(text, PIECE) != 0)
            status = WF_ERR_NOMEM;
        else
            status = wf_input_read(input, text->data + text->len, PIECE, &got, fault);
        text->len += got;
    }
    wf_input_close(input);
    return status;
}

static enum wf_status bad(struct wf_fault *fault, const char *where, const char *what)
{
    return wf_fault_set(fault, WF_ERR_DATA, WF_EXPORTER_FILE, 0, what, where);
}

static enum wf_status read_time(const json_t *value, const struct wf_zone *zone, const char *where,
                                int64_t *out, struct wf_fault *fault)
{
    const char *text = json_string_value(value);
    struct wf_stretch stretch = {0};
    struct wf_stamp stamp;
    int64_t day;
    if (text && wf_date_parse(text, strlen(text), &day))
        *out = wf_zone_midnight(zone, day);
    else if (text && wf_stamp_parse(text, strlen(text), &stamp))
        *out = wf_zone_stamp(zone, &stretch, stamp);
    else
        return bad(fault, where, N_("%s is not a date or time like \"2026-11-22T00:00\""));
    return WF_OK;
}

static enum wf_status read_sha256(const json_t *value, struct wf_exporter_file *file,
                                  struct wf_fault *fault)
{
    const char *text = json_string_value(value);
    size_t len = text ? strlen(text) : 0;
    for (size_t i = 0; len == 2 * WF_SHA256 && i < len; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (!strchr("0123456789abcdef", c))
            len = 0;
        file->sha256[i] = c;
    }
    if (len != 2 * WF_SHA256)
        return bad(fault, file->name, N_("%s has a sha256 that is not 64 hexadecimal digits"));
    file->has_sha256 = true;
    return WF_OK;
}

static enum wf_status read_file(json_t *object, const struct wf_zone *zone,
                                struct wf_exporter_file *file, struct wf_fault *fault)
{
    const char *key;
    json_t *value;
    enum wf_status status = WF_OK;
    if (!json_is_object(object))
        return bad(fault, file->name, N_("%s is not followed by an object like { \"rows\": 100 }"));
    json_object_foreach(object, key, value)
    {
        if (status)
            break;
        if (strcmp(key, "rows") == 0) {
            file->has_rows = true;
            file->rows = (uint64_t)json_integer_value(value);
            if (!json_is_integer(value) || json_integer_value(value) < 0)
                status = bad(fault, file->name, N_("%s has rows that are not a count"));
        } else if (strcmp(key, "sha256") == 0) {
            status = read_sha256(value, file, fault);
        } else if (strcmp(key, "complete_since") == 0) {
            file->has_since = true;
            status = read_time(value, zone, "complete_since", &file->since, fault);
        } else {
            status = wf_fault_set(fault, WF_ERR_DATA, WF_EXPORTER_FILE, 0,
                                  "%s: a file has rows, sha256 and complete_since, not \"%s\"",
                                  file->name, key);
        }
    }
    return status;
}

static int by_name(const void *a, const void *b)
{
    const struct wf_exporter_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static enum wf_status read_files(json_t *object, const struct wf_zone *zone,
                                 struct wf_exporter *out, struct wf_fault *fault)
{
    const char *name;
    json_t *value;
    enum wf_status status = WF_OK;
    if (!json_is_object(object))
        return bad(fault, "files", N_("%s is not an object by file name"));
    out->lists = true;
    out->files = wf_calloc(out->alloc, json_object_size(object), sizeof(*out->files));
    if (!out->files)
        return WF_ERR_NOMEM;
    json_object_foreach(object, name, value)
    {
        struct wf_exporter_file *file = &out->files[out->n_files];
        if (status)
            break;
        file->name = wf_strdup(out->alloc, name);
        if (!file->name)
            return WF_ERR_NOMEM;
        out->n_files++;
        status = read_file(value, zone, file, fault);
    }
    qsort(out->files, out->n_files, sizeof(*out->files), by_name);
    return status;
}

static enum wf_status read_members(json_t *root, const struct wf_zone *zone,
                                   struct wf_exporter *out, struct wf_fault *fault)
{
    const char *key;
    json_t *value;
    enum wf_status status = WF_OK;
    if (!json_is_object(root))
        return bad(fault, "", N_("what stands there is not a JSON object"));
    json_object_foreach(root, key, value)
    {
        if (status)
            break;
        if (strcmp(key, "complete_until") == 0)
            status = read_time(value, zone, key, &out->until, fault);
        else if (strcmp(key, "files") == 0)
            status = read_files(value, zone, out, fault);
        else
            status = wf_fault_set(fault, WF_ERR_DATA, WF_EXPORTER_FILE, 0,
                                  "it has complete_until and files, not \"%s\"", key);
    }
    return status;
}

enum wf_status wf_exporter_read(const struct wf_alloc *alloc, int dir, const struct wf_zone *zone,
                                struct wf_exporter *out, struct wf_fault *fault)
{
    struct wf_buf text;
    json_error_t error;
    *out = (struct wf_exporter){.alloc = alloc, .until = WF_NO_UNTIL};
    if (faccessat(dir, WF_EXPORTER_FILE, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        return WF_OK;
    wf_buf_init(&text, alloc, 0);
    enum wf_status status = read_bytes(alloc, dir, &text, fault);
    if (!status) {
        json_t *root = json_loadb(wf_buf_str(&text), text.len, JSON_REJECT_DUPLICATES, &error);
        if (root)
            status = read_members(root, zone, out, fault);
        else if (json_error_code(&error) == json_error_out_of_memory)
            status = WF_ERR_NOMEM;
        else
            status = wf_fault_set(fault, WF_ERR_DATA, WF_EXPORTER_FILE, (uint64_t)error.line,
                                  "is not JSON: %s", error.text);
        json_decref(root);
    }
    wf_buf_release(&text);
    return status;
}

/* ---- holding files against it ---- */

static int compare_name(const void *name, const void *file)
{
    return strcmp(name, ((const struct wf_exporter_file *)file)->name);
}

const struct wf_exporter_file *wf_exporter_find(const struct wf_exporter *exporter,
                                                const char *name)
{
    return exporter->n_files ? bsearch(name, exporter->files, exporter->n_files,
                                       sizeof(*exporter->files), compare_name)
                             : NULL;
}

enum wf_status wf_exporter_check(const struct wf_exporter *exporter, const char *name,
                                 uint64_t rows, const struct wf_fingerprint *fingerprint,
                                 struct wf_fault *fault)
{
    const struct wf_exporter_file *file = wf_exporter_find(exporter, name);
    char hex[WF_HEX_SHA256];
    if (!exporter->lists)
        return WF_OK;
    if (!file)
        return wf_fault_set(fault, WF_ERR_DATA, name, 0,
                            "is not listed in %s; is it left over from another night?",
                            WF_EXPORTER_FILE);
    if (file->has_rows && file->rows != rows)
        return wf_fault_set(fault, WF_ERR_DATA, name, 0, "holds %llu rows, and %s counts %llu",
                            (unsigned long long)rows, WF_EXPORTER_FILE,
                            (unsigned long long)file->rows);
    wf_hex(hex, fingerprint->sha256, WF_SHA256);
    if (file->has_sha256 && strcmp(file->sha256, hex) != 0)
        return wf_fault_set(fault, WF_ERR_DATA, name, 0, "has the sha256 %s, and %s says %s", hex,
                            WF_EXPORTER_FILE, file->sha256);
    return WF_OK;
}

enum wf_status wf_exporter_all_there(const struct wf_exporter *exporter, int dir,
                                     struct wf_fault *fault)
{
    for (size_t i = 0; i < exporter->n_files; i++) {
        const char *name = exporter->files[i].name;
        if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)
            return wf_fault_set(fault, WF_ERR_IO, name, 0, "%s", strerror(errno));
        return wf_fault_set(fault, WF_ERR_MISSING, name, 0, "is listed in %s and is not there",
                            WF_EXPORTER_FILE);
    }
    return WF_OK;
}
