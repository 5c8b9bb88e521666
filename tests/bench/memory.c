/*
 * memory.c - how fast this machine reads memory: memory THREADS prints gigabytes a second, the best
 * of five sums over 256 MB a thread.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORDS = 1 << 25, THREADS = 64, TIMES = 5 };

struct reader {
    pthread_t thread;
    uint64_t *words, sum;
};

static void *add_up(void *arg)
{
    struct reader *reader = arg;
    uint64_t sum = 0;
    for (size_t i = 0; i < WORDS; i++)
        sum += reader->words[i];
    reader->sum = sum;
    return NULL;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    static struct reader readers[THREADS];
    int threads = argc == 2 ? atoi(argv[1]) : 0;
    double best = 0;
    uint64_t sum = 0;
    if (threads < 1 || threads > THREADS)
        return 64;
    for (int t = 0; t < threads; t++) {
        readers[t].words = malloc(WORDS * sizeof(uint64_t));
        if (!readers[t].words)
            return 70;
        memset(readers[t].words, 1, WORDS * sizeof(uint64_t));
    }
    for (int k = 0; k < TIMES; k++) {
        double start = now();
        for (int t = 0; t < threads; t++)
            if (pthread_create(&readers[t].thread, NULL, add_up, &readers[t]) != 0)
                return 70;
        for (int t = 0; t < threads; t++) {
            pthread_join(readers[t].thread, NULL);
            sum += readers[t].sum;
        }
        double rate = threads * (double)WORDS * sizeof(uint64_t) / (now() - start) / 1e9;
        best = rate > best ? rate : best;
    }
    printf("%.1f\n", best);
    return sum == 0; /* which it is not: the sums are wanted */
}
