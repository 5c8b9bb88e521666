#include <string.h>

#include "lang/sema/check.h"

void *wf_sema_alloc(struct wf_sema *s, size_t size)
{
    void *p = wf_arena_alloc(s->arena, size);
    if (!p)
        s->nomem = true;
    return p;
}

bool wf_sema_push(struct wf_sema *s, void *array, uint32_t *n, uint32_t *room, const void *item,
                  size_t size)
{
    char *items;
    memcpy(&items, array, sizeof(items)); /* the caller's pointer has its own type */
    if (*n == *room) {
        uint32_t wider = *room ? *room * 2 : 8;
        char *grown = wider > *room ? wf_arena_array(s->arena, wider, size) : NULL;
        if (!grown) {
            s->nomem = true;
            return false;
        }
        if (*n)
            memcpy(grown, items, *n * size);
        items = grown;
        memcpy(array, &items, sizeof(items));
        *room = wider;
    }
    memcpy(items + *n * size, item, size);
    ++*n;
    return true;
}

const struct wf_str *wf_sema_name(struct wf_sema *s, const char *text)
{
    const struct wf_str *name = wf_intern_cstr(s->names, text);
    if (!name)
        s->nomem = true;
    return name;
}

bool wf_is(const struct wf_str *name, const char *text)
{
    return name && name->len == strlen(text) && memcmp(name->text, text, name->len) == 0;
}

struct wf_span wf_name_span(const struct wf_node *node)
{
    return node->name_span.end > node->name_span.start ? node->name_span : node->span;
}

struct wf_node *wf_sema_node(struct wf_sema *s, enum wf_node_kind kind, struct wf_span span)
{
    struct wf_node *node = wf_arena_alloc(s->trees, sizeof(*node));
    if (!node) {
        s->nomem = true;
        return NULL;
    }
    node->kind = (uint8_t)kind;
    node->span = span;
    node->name_span = (struct wf_span){span.file, span.start, span.start};
    return node;
}

void wf_node_push(struct wf_sema *s, struct wf_nodes *list, struct wf_node *node)
{
    wf_sema_push(s, &list->items, &list->n, &list->room, &node, sizeof(struct wf_node *));
}
