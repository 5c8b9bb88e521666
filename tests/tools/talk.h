/*
 * talk.h - for tests: a language server with a disk in memory, and what it says.
 */
#ifndef WF_TESTS_TALK_H
#define WF_TESTS_TALK_H

#include <jansson.h>

#include "runtime/lsp/lsp.h"

struct talk_file { /* a list of them ends with a NULL path */
    const char *path, *text;
};

struct talk {
    struct wf_lsp *lsp;
    const struct talk_file *files;
    json_t *said; /* an array of all messages, as they came */
    int next_id;
};

/* Starts a server on /shop whose disk holds these files. `encodings`: JSON of positionEncodings, or
 * NULL. It is initialised. */
void talk_begin(struct talk *talk, const struct talk_file *files, const char *encodings);
void talk_end(struct talk *talk);

/* Bytes as they are; what is answered is appended to said. */
void talk_bytes(struct talk *talk, const void *bytes, size_t len);

/* A message with its header. */
void talk_text(struct talk *talk, const char *json);

/* A notification, or a request and its answer (the whole message, borrowed); takes params. */
void talk_notify(struct talk *talk, const char *method, json_t *params);
json_t *talk_ask(struct talk *talk, const char *method, json_t *params);

void talk_open(struct talk *talk, const char *path, const char *text);

/* {textDocument, position} of the byte `mark` of the text, in the units of the server. */
json_t *talk_at(const char *path, const char *text, size_t mark);

/* The diagnostics that were told of a path last; NULL: none ever. */
json_t *talk_told(const struct talk *talk, const char *path);

size_t talk_told_count(const struct talk *talk, const char *path);

/* All of a document is another text. */
void talk_change(struct talk *talk, const char *path, const char *text);

/* A request about the first such word of the text; and one to rename it. Answers are borrowed. */
json_t *talk_ask_at(struct talk *talk, const char *method, const char *path, const char *text,
                    const char *word);
json_t *talk_rename(struct talk *talk, const char *path, const char *text, const char *word,
                    const char *name);

/* What stands at "a/0/b" of an answer, NULL: nothing; the string there, else ""; the error's code,
 * else 0. */
json_t *talk_dig(const json_t *from, const char *path);
const char *talk_string(const json_t *from, const char *path);
json_int_t talk_error(const json_t *answer);

/* Any bytes: half of them as what a client sends, half as a document about which everything is
 * asked, at places that the bytes choose. It is enough that the server lives. */
void talk_anything(const unsigned char *bytes, size_t len);

#endif
