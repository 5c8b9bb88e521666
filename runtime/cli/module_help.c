#include "runtime/cli/module_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/rules.h"
#include "runtime/run/action.h"

struct line {
    const char *text;
    size_t len;
};

/* The next line, without its end; false: there is none. */
static bool next_line(const char **at, struct line *out)
{
    if (**at == '\0')
        return false;
    *out = (struct line){*at, strcspn(*at, "\n")};
    *at += out->len;
    *at += **at == '\n';
    return true;
}

static bool begins(struct line line, const char *word)
{
    size_t len = strlen(word);
    return line.len >= len && memcmp(line.text, word, len) == 0;
}

static const struct wf_stdlib_file *find(const char *name, size_t len)
{
    for (const struct wf_stdlib_file *file = wf_stdlib_files; file->name; file++)
        if (strlen(file->name) == len && memcmp(file->name, name, len) == 0)
            return file;
    return NULL;
}

static size_t without_zh(const char *name)
{
    size_t len = strlen(name);
    return len > 3 && strcmp(name + len - 3, ".zh") == 0 ? len - 3 : len;
}

/* The module that speaks the reader's language. */
static const struct wf_stdlib_file *spoken(const struct wf_stdlib_file *file)
{
    char twin[64];
    const struct wf_stdlib_file *found = NULL;
    if (strcmp(wf_word_in("the language of this catalogue", "en"), "zh") != 0)
        return file;
    int len = snprintf(twin, sizeof(twin), "%s.zh", file->name);
    if (len > 0 && (size_t)len < sizeof(twin))
        found = find(twin, (size_t)len);
    return found ? found : file;
}

/* A line of the comment that begins a module, without its sign and the module's name. */
static bool heading(const struct wf_stdlib_file *file, const char **at, struct line *out)
{
    static const char WIDE[] = "：";
    size_t name = strlen(file->name);
    if (!next_line(at, out) || !begins(*out, "#"))
        return false;
    out->text += out->len > 1 ? 2 : 1;
    out->len -= out->len > 1 ? 2 : 1;
    if (!begins(*out, file->name))
        return true;
    size_t sign = strncmp(out->text + name, WIDE, strlen(WIDE)) == 0 ? strlen(WIDE) : 2;
    out->text += name + sign;
    out->len -= name + sign;
    return true;
}

/* Up to the end of the first sentence, in either script. */
static int sentence(struct line line)
{
    for (size_t i = 0; i < line.len; i++)
        if (strncmp(line.text + i, ". ", 2) == 0 || strncmp(line.text + i, "。", 3) == 0)
            return (int)i;
    return (int)line.len - (line.len && line.text[line.len - 1] == '.');
}

void wf_help_modules(bool plain)
{
    for (const struct wf_stdlib_file *file = wf_stdlib_files; file->name; file++) {
        const struct wf_stdlib_file *says = spoken(file);
        const char *at = says->text;
        struct line line;
        if (plain)
            puts(file->name);
        else if (without_zh(file->name) == strlen(file->name) && heading(says, &at, &line))
            printf("  %-15s %.*s\n", file->name, sentence(line), line.text);
    }
}

/* ---- one module ---- */

/* Answers what stands behind the heading; `quiet`: without printing it. */
static const char *pass_heading(const struct wf_stdlib_file *file, bool quiet)
{
    const char *at = file->text, *behind = at;
    struct line line;
    while (heading(file, &at, &line)) {
        if (!quiet)
            printf("%.*s\n", (int)line.len, line.text);
        behind = at;
    }
    return behind;
}

/* The declarations as they stand; tests, imports and more than one empty line are left out. */
static void print_declarations(const char *at)
{
    struct line line;
    bool testing = false, gap = false, any = false;
    while (next_line(&at, &line)) {
        bool skip = testing || begins(line, "test ") || begins(line, "测试 ") ||
                    begins(line, "import ") || begins(line, "export ") || begins(line, "引入 ") ||
                    begins(line, "导出 ");
        testing = testing ? !begins(line, "}")
                          : begins(line, "test ") || begins(line, "测试 ");
        gap |= line.len == 0 && any;
        if (skip || line.len == 0)
            continue;
        printf(gap ? "\n  %.*s\n" : "  %.*s\n", (int)line.len, line.text);
        gap = false;
        any = true;
    }
}

/* The module's text, and for each `let` a segment that reads it: what nothing asks for needs
 * nothing. */
static bool asking_all(const struct wf_stdlib_file *file, struct wf_buf *out)
{
    const char *at = file->text;
    struct line line;
    unsigned n = 0;
    wf_buf_add(out, file->text, file->len);
    while (next_line(&at, &line)) {
        if (!begins(line, "let "))
            continue;
        size_t len = strcspn(line.text + 4, " ");
        wf_buf_addf(out, "\nsegment asked_%u is %.*s is present", n++, (int)len, line.text + 4);
    }
    return !out->failed;
}

/* ---- columns ---- */

/* Which columns of which records a program reads; a record's first field is `fields_first`. */
struct reading {
    const struct wf_ir *ir;
    bool *fields; /* by row of ir.fields */
};

static void read_field(struct reading *r, const struct wf_ir_record *record, uint32_t field)
{
    r->fields[record->fields_first + field] = true;
}

static void read_input(struct reading *r, const struct wf_ir_input *input)
{
    const struct wf_ir_record *record =
        input->record ? &r->ir->events[input->record - 1] : &r->ir->member;
    read_field(r, record, input->field);
    const struct wf_ir_field *field = &r->ir->fields[record->fields_first + input->field];
    if (input->via_field != WF_NONE)
        read_field(r, field->ref ? &r->ir->tables[field->ref - 1] : &r->ir->member,
                   input->via_field);
}

static void read_event(struct reading *r, const struct wf_ir_record *event)
{
    read_field(r, event, event->at_field);
    for (uint32_t i = 0; i < event->unique_count; i++)
        read_field(r, event, r->ir->uniques[event->unique_first + i]);
}

static void find_columns(struct reading *r)
{
    const struct wf_ir *ir = r->ir;
    for (uint32_t i = 0; i < ir->member.fields_count; i++)
        if (ir->fields[ir->member.fields_first + i].key)
            read_field(r, &ir->member, i); /* without members there is no night */
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        if (ir->inputs[i].record != WF_NONE && !ir->inputs[i].implied)
            read_input(r, &ir->inputs[i]);
    for (uint32_t i = 0; i < ir->n_views; i++)
        if (!ir->views[i].sent)
            read_event(r, &ir->events[ir->views[i].event]);
    for (uint32_t i = 0; i < ir->n_overs; i++)
        if (ir->overs[i].table != WF_NONE)
            read_field(r, &ir->tables[ir->overs[i].table], ir->overs[i].field);
}

static void print_record(const struct reading *r, const struct wf_ir_record *record,
                         const char *member)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < record->fields_count; i++)
        n += r->fields[record->fields_first + i];
    if (n == 0)
        return;
    printf("  %-15s %s", wf_ir_text(r->ir, record->pattern), member);
    bool first = *member == '\0';
    for (uint32_t i = 0; i < record->fields_count; i++) {
        const struct wf_ir_field *field = &r->ir->fields[record->fields_first + i];
        if (!r->fields[record->fields_first + i] && !field->key)
            continue;
        printf(first ? "%s" : ", %s", wf_ir_text(r->ir, field->column));
        first = false;
    }
    putchar('\n');
}

static void print_columns(const struct wf_ir *ir)
{
    struct reading r = {.ir = ir, .fields = wf_calloc(NULL, ir->n_fields, sizeof(bool))};
    if (!r.fields)
        return;
    find_columns(&r);
    print_record(&r, &ir->member, "");
    for (uint32_t i = 0; i < ir->n_tables; i++)
        print_record(&r, &ir->tables[i], "");
    for (uint32_t i = 0; i < ir->n_events; i++) {
        const struct wf_ir_record *event = &ir->events[i];
        bool named = event->member_field != WF_NONE;
        uint32_t field = event->fields_first + (named ? event->member_field : 0);
        print_record(&r, event, named ? wf_ir_text(ir, ir->fields[field].column) : "member_id");
    }
    wf_free(NULL, r.fields);
}

static void print_needs(const struct wf_stdlib_file *file)
{
    struct wf_buf text;
    struct wf_compiled compiled;
    wf_buf_init(&text, NULL, 0);
    struct wf_overlay overlay = {.path = file->name};
    if (asking_all(file, &text))
        overlay.bytes = wf_buf_detach(&text, &overlay.len);
    struct wf_loader loader = wf_cli_overlaid(&overlay);
    enum wf_status st = overlay.bytes ? wf_compile(NULL, &loader, file->name, &compiled)
                                      : WF_ERR_NOMEM;
    if (st == WF_OK) {
        printf("\n%s\n", wf_word("What it reads of the exports:"));
        print_columns(&compiled.program->ir);
    }
    if (overlay.bytes)
        wf_compiled_release(&compiled);
    wf_free(NULL, overlay.bytes);
    wf_buf_release(&text);
}

/* Whether a module's names are other names of the base's. */
static bool renames(const struct wf_stdlib_file *file, const struct wf_stdlib_file *base)
{
    const char *at = file->text;
    size_t len = strlen(base->name);
    struct line line;
    while (next_line(&at, &line))
        if (!begins(line, "#") && line.len > len && line.text[line.len - len - 1] == ' ' &&
            memcmp(line.text + line.len - len, base->name, len) == 0)
            return true;
    return false;
}

bool wf_help_module(const char *name)
{
    const struct wf_stdlib_file *base = find(name, without_zh(name));
    const struct wf_stdlib_file *file = find(name, strlen(name));
    const struct wf_stdlib_file *says = file ? spoken(file) : NULL;
    if (!file || !base)
        return false;
    printf("import %s\n\n", says->name);
    const char *names = pass_heading(says, false);
    print_needs(base);
    printf("\n%s\n", wf_word("What it declares:"));
    print_declarations(names);
    if (says != base && renames(says, base)) {
        printf("\n%s\n", wf_word("What these names stand for:"));
        print_declarations(pass_heading(base, true));
    }
    return true;
}
