// The flags of the command line.

#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

[[noreturn]] inline void give_up(const std::string &why) {
    std::fprintf(stderr, "error: %s\n", why.c_str());
    std::exit(2);
}

struct Options {
    std::string model = "lif", noise = "white", record = "spikes", spikes;
    uint32_t neurons = 0, steps = 10000, repetitions = 5, threads_per_block = 64;
    uint64_t seed = 1;
};

inline uint64_t number_of(const std::string &flag, const std::string &text, uint64_t most) {
    char *end = nullptr;
    const unsigned long long number = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || *end != 0 || text[0] == '-' || number > most) {
        give_up(flag + " " + text + ": a whole number up to " + std::to_string(most) + " is wanted");
    }
    return number;
}

inline std::string one_of(const std::string &flag, const std::string &text, const char *a, const char *b) {
    if (text != a && text != b) {
        give_up(flag + " " + text + ": there is " + a + " and " + b);
    }
    return text;
}

inline Options read_options(int count, char **words) {
    const uint64_t most = UINT32_MAX / 2;
    Options options;
    for (int i = 1; i < count; i += 2) {
        const std::string flag = words[i];
        if (i + 1 == count) {
            give_up(flag + ": a value is missing");
        }
        const std::string value = words[i + 1];
        if (flag == "--model") options.model = one_of(flag, value, "lif", "hodgkin_huxley");
        else if (flag == "--noise") options.noise = one_of(flag, value, "white", "none");
        else if (flag == "--record") options.record = one_of(flag, value, "spikes", "none");
        else if (flag == "--spikes") options.spikes = value;
        else if (flag == "--neurons") options.neurons = uint32_t(number_of(flag, value, most));
        else if (flag == "--steps") options.steps = uint32_t(number_of(flag, value, most));
        else if (flag == "--seed") options.seed = number_of(flag, value, UINT64_MAX);
        else if (flag == "--repetitions") options.repetitions = uint32_t(number_of(flag, value, 1000000));
        else if (flag == "--threads-per-block") options.threads_per_block = uint32_t(number_of(flag, value, 1024));
        else give_up("there is no flag " + flag);
    }
    if (options.repetitions == 0 || options.steps == 0 || options.threads_per_block == 0) {
        give_up("--repetitions, --steps and --threads-per-block are at least 1");
    }
    if (!options.spikes.empty() && options.record != "spikes") {
        give_up("--spikes wants --record spikes");
    }
    return options;
}
