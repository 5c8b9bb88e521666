/*
 * Compiled programs under libFuzzer: decode, verify, run, encode again.
 *
 * The first byte of an input says what the rest is: 0, a file; else edits of a sample program, five
 * bytes each (where, what), which reach further with fewer bytes. Checksums and hash are made
 * right first, or else the fuzzer would never get past them. What is accepted must encode and
 * decode to itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lang/code/encode.h"
#include "lang/code/verify.h"
#include "lang/ir/verify.h"
#include "tests/tools/exercise.h"
#include "tests/tools/mend.h"
#include "tests/tools/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void use(struct wf_program *program)
{
    struct wf_buf one, two;
    struct wf_program *again = NULL;
    wf_buf_init(&one, NULL, 0);
    wf_buf_init(&two, NULL, 0);
    if (wf_encode(program, &one) || wf_decode(NULL, one.data, one.len, &again, NULL) ||
        wf_encode(again, &two) || one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
        abort();
    if (exercise(program, 7))
        abort();
    wf_program_free(again);
    wf_buf_release(&one);
    wf_buf_release(&two);
}

static void try_file(uint8_t *file, size_t len)
{
    struct wf_program *program = NULL;
    struct wf_ir_fault fault;
    mend_checksums(file, len);
    if (wf_decode(NULL, file, len, &program, NULL))
        return;
    if (wf_ir_verify(&program->ir, &fault) == WF_OK)
        wf_program_hash(program, program->hash);
    if (wf_verify(program, NULL) == WF_OK)
        use(program);
    wf_program_free(program);
}

static void try_edits(const uint8_t *bytes, size_t len)
{
    struct wf_program *program = sample_program(SAMPLE_WIDE);
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    if (!program || wf_encode(program, &buf))
        abort();
    wf_program_free(program);
    for (; len >= 5; bytes += 5, len -= 5)
        buf.data[mend_number(bytes, 4) % buf.len] = (char)bytes[4];
    try_file((uint8_t *)buf.data, buf.len);
    wf_buf_release(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    if (bytes[0]) {
        try_edits(bytes + 1, len - 1);
        return 0;
    }
    uint8_t *file = malloc(len);
    if (file) {
        memcpy(file, bytes + 1, len - 1);
        try_file(file, len - 1);
    }
    free(file);
    return 0;
}
