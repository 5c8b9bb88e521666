#include "tests/tools/parsed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void declare(struct parsed *p, const char *names)
{
    while (*names) {
        size_t len = strcspn(names, " ");
        wf_han_names_add(&p->declared, wf_intern(&p->intern, names, len));
        names += len + (names[len] == ' ');
    }
}

void parsed_init(struct parsed *p, const char *declared)
{
    memset(p, 0, sizeof(*p));
    wf_sources_init(&p->sources, NULL);
    wf_diags_init(&p->diags, NULL, &p->sources);
    wf_arena_init(&p->arena, NULL);
    wf_intern_init(&p->intern, NULL, 1);
    wf_han_names_init(&p->declared, NULL);
    if (declared)
        declare(p, declared);
}

void parsed_text(struct parsed *p, const char *text, size_t len)
{
    p->status = wf_sources_add(&p->sources, "t.way", text, len, false, &p->file);
    if (p->status == WF_OK)
        p->status = wf_parse(&p->arena, &p->intern, &p->sources, p->file, &p->diags, &p->declared,
                             &p->module);
}

void parsed_release(struct parsed *p)
{
    wf_han_names_release(&p->declared);
    wf_intern_release(&p->intern);
    wf_arena_release(&p->arena);
    wf_diags_release(&p->diags);
    wf_sources_release(&p->sources);
}

char *parsed_said(struct parsed *p)
{
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    wf_diags_sort(&p->diags);
    for (size_t i = 0; i < p->diags.n; i++) {
        const struct wf_diag *d = p->diags.items[i];
        struct wf_place at = wf_source_place(&p->sources.files[d->span.file], d->span.start);
        wf_buf_addf(&buf, "%s%s@%u:%u", i ? " " : "", wf_code_text(d->code), at.line, at.column);
    }
    wf_buf_addc(&buf, '\0');
    return wf_buf_detach(&buf, NULL);
}

char *read_whole(const char *path, size_t *len_out)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    size_t len = 0, room = 0;
    for (; f; len += fread(bytes + len, 1, room - len, f)) {
        if (len < room)
            break;
        room = room ? room * 2 : 65536;
        bytes = realloc(bytes, room + 1);
        if (!bytes)
            break;
    }
    if (!f || !bytes) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fclose(f);
    bytes[len] = '\0';
    *len_out = len;
    return bytes;
}
