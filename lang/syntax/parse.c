#include "lang/syntax/parser.h"

#include "grammar.h"

/* Lexes with every name that is known: the importer's and the file's own. */
static enum wf_status read_tokens(struct wf_intern *intern, const struct wf_sources *sources,
                                  uint32_t file, struct wf_diags *diags,
                                  const struct wf_han_names *declared, struct wf_tokens *tokens)
{
    struct wf_scan scan;
    struct wf_words words;
    wf_scan_init(&scan, tokens->alloc);
    enum wf_status status = wf_scan(intern, sources, file, &scan);
    if (status == WF_OK)
        status = wf_words_init(&words, tokens->alloc);
    if (status == WF_OK) {
        status = wf_words_declare(&words, declared);
        if (status == WF_OK)
            status = wf_words_declare(&words, &scan.names);
        if (status == WF_OK)
            status = wf_lex(intern, sources, file, &words, diags, tokens);
        wf_words_release(&words);
    }
    wf_scan_release(&scan);
    if (status == WF_OK)
        wf_filter(tokens, file, diags);
    return status;
}

/* Runs the parser over tokens; the module is never NULL but for WF_ERR_NOMEM. */
static enum wf_status run_parser(struct wf_parser *p)
{
    int failed = wf_yyparse(p);
    if (p->status == WF_OK && failed == 2 && p->diags->errors == 0 && p->diags->dropped == 0)
        p->status = WF_ERR_NOMEM;
    if (p->status)
        return p->status;
    if (!p->module)
        p->module = wf_build(p, WF_N_MODULE, WF_OP_NONE, (struct wf_span){p->file, 0, 0}, NULL,
                             NULL, NULL, NULL);
    return p->module ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_parser_run(struct wf_parser *p, const struct wf_han_names *declared,
                             struct wf_node **module_out)
{
    const struct wf_diags *diags = p->diags;
    size_t errors = diags->errors + diags->dropped;
    p->synced = p->announced = SIZE_MAX;
    p->suspect = UINT32_MAX;
    enum wf_status status =
        read_tokens(p->intern, p->sources, p->file, p->diags, declared, p->tokens);
    if (status != WF_OK && status != WF_ERR_RULES)
        return status;
    status = run_parser(p);
    *module_out = p->module;
    if (status)
        return status;
    return diags->errors + diags->dropped > errors ? WF_ERR_RULES : WF_OK;
}

enum wf_status wf_parse_tokens(struct wf_arena *arena, struct wf_intern *intern,
                               const struct wf_sources *sources, uint32_t file,
                               struct wf_diags *diags, const struct wf_han_names *declared,
                               struct wf_tokens *tokens, struct wf_node **module_out)
{
    struct wf_parser *p = wf_calloc(tokens->alloc, 1, sizeof(*p));
    if (!p)
        return WF_ERR_NOMEM;
    *p = (struct wf_parser){.arena = arena,
                            .intern = intern,
                            .sources = sources,
                            .diags = diags,
                            .tokens = tokens,
                            .file = file};
    enum wf_status status = wf_parser_run(p, declared, module_out);
    wf_free(tokens->alloc, p);
    return status;
}

enum wf_status wf_parse(struct wf_arena *arena, struct wf_intern *intern,
                        const struct wf_sources *sources, uint32_t file, struct wf_diags *diags,
                        const struct wf_han_names *declared, struct wf_node **module_out)
{
    struct wf_tokens tokens;
    wf_tokens_init(&tokens, sources->alloc);
    enum wf_status status =
        wf_parse_tokens(arena, intern, sources, file, diags, declared, &tokens, module_out);
    wf_tokens_release(&tokens);
    return status;
}
