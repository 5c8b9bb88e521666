#include <string.h>

#include "lang/base/buf.h"
#include "lang/base/distance.h"
#include "lang/base/intern.h"
#include "lang/base/limits.h"
#include "runtime/data/reader.h"

static const char *field_text(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? "" : ir->texts[text]->text;
}

char wf_header_delimiter(const char *line, size_t len)
{
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool inside = false;
    for (size_t i = 0; i < len; i++) {
        inside ^= line[i] == '"';
        commas += !inside && line[i] == ',';
        semicolons += !inside && line[i] == ';';
        tabs += !inside && line[i] == '\t';
    }
    if (commas >= semicolons && commas >= tabs)
        return ',';
    return semicolons >= tabs ? ';' : '\t';
}

/* One name: quotes off, doubled quotes single, spaces around it off. */
static char *copy_name(const struct wf_alloc *alloc, const char *text, size_t len)
{
    while (len && (*text == ' '))
        text++, len--;
    while (len && text[len - 1] == ' ')
        len--;
    bool quoted = len >= 2 && *text == '"' && text[len - 1] == '"';
    text += quoted;
    len -= quoted ? 2 : 0;
    char *name = wf_realloc(alloc, NULL, len + 1);
    size_t n = 0;
    for (size_t i = 0; name && i < len; i++) {
        name[n++] = text[i];
        i += quoted && text[i] == '"';
    }
    if (name)
        name[n] = '\0';
    return name;
}

static enum wf_status split_names(const struct wf_alloc *alloc, const char *line, size_t len,
                                  struct wf_feed_file *file, struct wf_fault *fault)
{
    struct wf_header *header = &file->header;
    size_t room = 0;
    bool inside = false;
    for (size_t at = 0, start = 0; at <= len; at++) {
        inside ^= at < len && line[at] == '"';
        if (at < len && (inside || line[at] != header->delimiter))
            continue;
        if (header->n_columns == WF_MAX_COLUMNS)
            return wf_fault_set(fault, WF_ERR_LIMIT, file->name, 1,
                                "more columns than WF_MAX_COLUMNS (%d)", WF_MAX_COLUMNS);
        if (wf_grow(alloc, &header->names, &room, (size_t)header->n_columns + 1, sizeof(char *)))
            return WF_ERR_NOMEM;
        char *name = copy_name(alloc, line + start, at - start);
        if (!name)
            return WF_ERR_NOMEM;
        header->names[header->n_columns++] = name;
        start = at + 1;
    }
    return WF_OK;
}

static enum wf_status find_column(const struct wf_feed_file *file, const char *name,
                                  uint32_t *column_out, struct wf_fault *fault)
{
    const struct wf_header *header = &file->header;
    *column_out = WF_NONE;
    for (uint32_t c = 0; c < header->n_columns; c++) {
        if (strcmp(header->names[c], name) != 0)
            continue;
        if (*column_out != WF_NONE)
            return wf_fault_set(fault, WF_ERR_DATA, file->name, 1,
                                "the header names the column \"%s\" twice", name);
        *column_out = c;
    }
    return WF_OK;
}

/* A column that the exporter may have meant by the name; NULL: none is near. */
static const char *nearest(const struct wf_header *header, const char *name)
{
    size_t len = strlen(name), best = (len / 3 > 1 ? len / 3 : 1) + 1;
    const char *found = NULL;
    for (uint32_t c = 0; c < header->n_columns; c++) {
        const char *there = header->names[c];
        size_t d = wf_edit_distance(name, len, there, strlen(there), best);
        if (d < best && d < len) {
            best = d;
            found = there;
        }
    }
    return found;
}

static enum wf_status require(const struct wf_feed *feed, const struct wf_feed_file *file,
                              const char *name, uint32_t column, struct wf_fault *fault)
{
    if (column != WF_NONE)
        return WF_OK;
    const char *near = nearest(&file->header, name);
    if (near)
        return wf_fault_set(fault, WF_ERR_DATA, file->name, 1,
                            "the column \"%s\" is not in the header, and the rules read it (%s); "
                            "the header has \"%s\"",
                            name, feed->noun, near);
    return wf_fault_set(fault, WF_ERR_DATA, file->name, 1,
                        "the column \"%s\" is not in the header, and the rules read it (%s)", name,
                        feed->noun);
}

static enum wf_status find_slots(const struct wf_alloc *alloc, const struct wf_feed *feed,
                                 struct wf_feed_file *file, struct wf_fault *fault)
{
    struct wf_header *header = &file->header;
    header->slot = wf_calloc(alloc, feed->n_slots, sizeof(*header->slot));
    if (!header->slot)
        return WF_ERR_NOMEM;
    enum wf_status status = find_column(file, feed->id_column, &header->id, fault);
    if (!status)
        status = require(feed, file, feed->id_column, header->id, fault);
    for (uint32_t s = 0; !status && s < feed->n_slots; s++) {
        status = find_column(file, feed->slots[s].column, &header->slot[s], fault);
        if (!status && feed->slots[s].read)
            status = require(feed, file, feed->slots[s].column, header->slot[s], fault);
    }
    return status;
}

/* Which columns are private, which the schema does not know. */
static enum wf_status judge_columns(const struct wf_alloc *alloc, const struct wf_ir *ir,
                                    const struct wf_feed *feed, struct wf_feed_file *file)
{
    struct wf_header *header = &file->header;
    struct wf_buf ignored;
    wf_buf_init(&ignored, alloc, 0);
    header->hidden = wf_calloc(alloc, header->n_columns, sizeof(bool));
    if (!header->hidden)
        return WF_ERR_NOMEM;
    uint32_t n_fields = feed->record ? feed->record->fields_count : 0;
    for (uint32_t f = 0; f < n_fields; f++)
        header->any_hidden |= ir->fields[feed->record->fields_first + f].private_;
    for (uint32_t c = 0; c < header->n_columns; c++) {
        const char *name = header->names[c];
        bool known = strcmp(name, feed->id_column) == 0;
        for (uint32_t s = 0; !feed->record && s < feed->n_slots; s++)
            known |= strcmp(name, feed->slots[s].column) == 0;
        for (uint32_t f = 0; f < n_fields; f++) {
            const struct wf_ir_field *field = &ir->fields[feed->record->fields_first + f];
            if (strcmp(name, field_text(ir, field->column)) != 0)
                continue;
            known = true;
            header->hidden[c] |= field->private_;
        }
        if (!known && feed->kind != WF_FEED_CATALOGUE) /* other systems' lists have more to say */
            wf_buf_addf(&ignored, "%s%s", ignored.len ? ", " : "", name);
    }
    enum wf_status status = ignored.failed ? WF_ERR_NOMEM : WF_OK;
    if (ignored.len && !status)
        file->ignored = wf_buf_detach(&ignored, NULL);
    wf_buf_release(&ignored);
    return status;
}

enum wf_status wf_header_read(const struct wf_alloc *alloc, const struct wf_ir *ir,
                              const struct wf_feed *feed, const char *line, size_t len,
                              struct wf_feed_file *file, struct wf_fault *fault)
{
    struct wf_header *header = &file->header;
    while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    if (memchr(line, '\0', len))
        return wf_fault_set(fault, WF_ERR_DATA, file->name, 1,
                            "there are NUL bytes; is this file UTF-16?");
    if (len == 0)
        return wf_fault_set(fault, WF_ERR_DATA, file->name, 1, "the header line is empty");
    header->delimiter = wf_header_delimiter(line, len);
    enum wf_status status = split_names(alloc, line, len, file, fault);
    if (!status)
        status = find_slots(alloc, feed, file, fault);
    return status ? status : judge_columns(alloc, ir, feed, file);
}

/* Column s is slot s, the last is the id: rows of JSON are laid out so. */
enum wf_status wf_header_json(const struct wf_alloc *alloc, const struct wf_ir *ir,
                              const struct wf_feed *feed, struct wf_feed_file *file)
{
    struct wf_header *header = &file->header;
    header->json = true;
    header->slot = wf_calloc(alloc, feed->n_slots, sizeof(*header->slot));
    header->names = wf_calloc(alloc, (size_t)feed->n_slots + 1, sizeof(char *));
    header->seen = wf_calloc(alloc, (size_t)feed->n_slots + 1, sizeof(bool));
    if (!header->slot || !header->names || !header->seen)
        return WF_ERR_NOMEM;
    for (uint32_t s = 0; s <= feed->n_slots; s++) {
        const char *name = s < feed->n_slots ? feed->slots[s].column : feed->id_column;
        header->names[s] = copy_name(alloc, name, strlen(name));
        if (!header->names[s])
            return WF_ERR_NOMEM;
        header->n_columns++;
        if (s < feed->n_slots)
            header->slot[s] = s;
    }
    header->id = feed->n_slots;
    return judge_columns(alloc, ir, feed, file);
}

void wf_header_release(const struct wf_alloc *alloc, struct wf_header *header)
{
    for (uint32_t c = 0; c < header->n_columns; c++)
        wf_free(alloc, header->names[c]);
    wf_free(alloc, header->names);
    wf_free(alloc, header->slot);
    wf_free(alloc, header->hidden);
    wf_free(alloc, header->seen);
    *header = (struct wf_header){0};
}
