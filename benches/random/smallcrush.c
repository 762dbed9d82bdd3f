/* TestU01's SmallCrush on 32-bit words from the standard input.
 *
 * Prints a line per p-value: the value, "pass", "weak" or "failed", and the test's name. The
 * limits are TestU01's own: weak outside [0.001, 0.999], failed within 1e-10 of 0 or 1. TestU01
 * looks at the high bits most: the argument "reversed" turns each word around, lowest bit first.
 *
 * Built and run by benches/random/batteries. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <TestU01.h>

static int reversed;
static unsigned long long read_words;

static uint32_t reverse(uint32_t x)
{
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(x);
}

static unsigned int next_word(void)
{
    static uint32_t words[1 << 14];
    static size_t used, held;
    if (used == held) {
        held = fread(words, sizeof words[0], sizeof words / sizeof words[0], stdin);
        used = 0;
        if (held == 0) {
            fputs("smallcrush: no more words\n", stderr);
            exit(EXIT_FAILURE);
        }
    }
    read_words++;
    uint32_t word = words[used++];
    return reversed ? reverse(word) : word;
}

static const char *verdict(double p)
{
    double near = p < 0.5 ? p : 1 - p;
    return near < 1e-10 ? "failed" : near < 1e-3 ? "weak" : "pass";
}

int main(int argc, char **argv)
{
    reversed = argc > 1 && strcmp(argv[1], "reversed") == 0;
    swrite_Basic = FALSE;
    unif01_Gen *words = unif01_CreateExternGenBits("standard input", next_word);
    bbattery_SmallCrush(words);
    for (int i = 0; i < bbattery_NTests; i++)
        printf("p-value %.12g %s %s\n", bbattery_pVal[i], verdict(bbattery_pVal[i]),
               bbattery_TestNames[i]);
    printf("read-words %llu\n", read_words);
    unif01_DeleteExternGenBits(words);
    return EXIT_SUCCESS;
}
