// Loligo's kernel in CUDA: the same arithmetic, random numbers and blocks as shaders/kernel.wgsl and
// src/engine/gpu.rs, one neuron per thread.
//
//     nvcc -O3 -std=c++17 -use_fast_math -arch=native -Xcompiler -fopenmp -o kernel kernel.cu
//     g++ -O2 -std=c++17 -x c++ -DHOST -o kernel_host kernel.cu
//
// -use_fast_math grants what WGSL grants a device: exp, sqrt and quotients that err by some units in the last
// digit, small numbers flushed to 0. The second program does the same on the host, to be checked.

#include <algorithm>
#include <chrono>
#include <fstream>

#include "cuda/device.h"
#include "cuda/models.h"
#include "cuda/options.h"
#include "cuda/recorder.h"

// -DUNROLL=4 writes so many turns of the innermost loop out, of two steps each; else the compiler chooses.
#ifdef UNROLL
constexpr int TURNS = UNROLL;
#endif

struct Block {
    uint32_t first_step; // a multiple of 32
    uint32_t words;      // the block's length, in words of 32 steps
    uint32_t end_step;   // spikes from this step on do not count
    uint32_t stride;     // neurons padded to whole blocks of threads
};

template <class Model> struct Rows {
    const typename Model::Coefficients *coefficients;
    const Drive *drives;
    typename Model::State *states;
    Stream *streams;
    uint32_t *counts;
    uint32_t *raster; // none if only the spikes of each neuron are counted
};

DEVICE uint32_t count_bits(uint32_t bits) {
#ifdef HOST
    return uint32_t(__builtin_popcount(bits));
#else
    return uint32_t(__popc(bits));
#endif
}

// Steps one neuron through a block of time. The raster is clear before: words without a spike, as most are,
// are not stored.
template <class Model, bool NOISY, bool RECORDS>
DEVICE void step_neuron(uint32_t neuron, const Block &block, const Rows<Model> &rows) {
    const auto p = rows.coefficients[neuron];
    const Drive drive = rows.drives[neuron];
    auto s = rows.states[neuron];
    Stream stream = rows.streams[neuron];
    uint32_t count = rows.counts[neuron];

    for (uint32_t word = 0; word < block.words; word++) {
        const uint32_t first = block.first_step + 32 * word;
        uint32_t bits = 0;
        // Two steps a turn: normal deviates come in pairs.
#if defined(UNROLL) && !defined(HOST)
#pragma unroll TURNS
#endif
        for (uint32_t k = 0; k < 32; k += 2) {
            float early = drive.amplitude, late = drive.amplitude;
            if (NOISY) {
                const NormalPair pair = normal_pair(stream);
                const float radius = drive.scale * pair.radius;
                early = fmaf(radius, pair.cos, early);
                late = fmaf(radius, pair.sin, late);
            }
            bits |= uint32_t(Model::step(p, s, early)) << k;
            bits |= uint32_t(Model::step(p, s, late)) << (k + 1);
        }
        if (first + 32 > block.end_step) {
            bits &= (1u << (block.end_step - first)) - 1;
        }
        count += count_bits(bits);
        if (RECORDS && bits != 0) {
            rows.raster[size_t(word) * block.stride + neuron] = bits;
        }
    }

    rows.states[neuron] = s;
    rows.streams[neuron] = stream;
    rows.counts[neuron] = count;
}

#ifdef HOST
template <class Model, bool NOISY, bool RECORDS>
void step_block(Block block, Rows<Model> rows, uint32_t, Queue) {
    for (uint32_t neuron = 0; neuron < block.stride; neuron++) {
        step_neuron<Model, NOISY, RECORDS>(neuron, block, rows);
    }
}
#else
template <class Model, bool NOISY, bool RECORDS>
__global__ void kernel(const Block block, const Rows<Model> rows) {
    step_neuron<Model, NOISY, RECORDS>(blockIdx.x * blockDim.x + threadIdx.x, block, rows);
}

template <class Model, bool NOISY, bool RECORDS>
void step_block(Block block, Rows<Model> rows, uint32_t threads, Queue queue) {
    kernel<Model, NOISY, RECORDS><<<block.stride / threads, threads, 0, queue>>>(block, rows);
    CHECK(cudaGetLastError());
}
#endif

// A raster under way to the host.
struct Slot {
    uint32_t *raster = nullptr, *pinned = nullptr;
    Event stepped = new_event(), copied = new_event();
    uint32_t first_step = 0, words = 0;
};

constexpr uint32_t IN_FLIGHT = 3, MOST_WORDS = 64, BLOCK_STEPS = 1u << 27;

template <class Model, bool NOISY, bool RECORDS> class Run {
  public:
    explicit Run(const Options &options)
        : options(options), threads(options.threads_per_block),
          stride((options.neurons + threads - 1) / threads * threads),
          block_words(std::min(std::max(BLOCK_STEPS / 32 / options.neurons, 1u), MOST_WORDS)),
          recorder(options.neurons, stride) {
        const std::vector<typename Model::Coefficients> coefficients(stride, Model::coefficients());
        const std::vector<Drive> drives(stride, Model::drive());
        states.assign(stride, Model::initial());
        for (uint32_t neuron = 0; neuron < stride; neuron++) {
            streams.push_back(noise_stream(options.seed, std::min(neuron, options.neurons - 1)));
        }
        rows.coefficients = uploaded(coefficients);
        rows.drives = uploaded(drives);
        rows.states = uploaded(states);
        rows.streams = uploaded(streams);
        rows.counts = device_array<uint32_t>(stride);
        for (Slot &slot : slots) {
            if (RECORDS) {
                slot.raster = device_array<uint32_t>(size_t(block_words) * stride);
                slot.pinned = pinned_array<uint32_t>(size_t(block_words) * stride);
            }
        }
    }

    // Steps all neurons from time 0; returns the seconds that it took, all spikes taken.
    double repeat() {
        recorder.forget();
        copy(rows.states, states.data(), stride * sizeof states[0], computing);
        copy(rows.streams, streams.data(), stride * sizeof streams[0], computing);
        clear(rows.counts, stride * sizeof(uint32_t), computing);
        wait_for_all();
        const auto start = std::chrono::steady_clock::now();
        const uint32_t words = (options.steps + 31) / 32, blocks = (words + block_words - 1) / block_words;
        uint32_t submitted = 0;
        for (uint32_t taken = 0; taken < blocks; taken++) {
            while (submitted < blocks && submitted < taken + IN_FLIGHT) {
                submit(submitted++, words);
            }
            const Slot &slot = slots[taken % IN_FLIGHT];
            wait_for(slot.copied);
            if (RECORDS) {
                recorder.take(slot.pinned, slot.first_step, slot.words);
            }
        }
        wait_for_all();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

    // Spikes of all neurons, as the device counts them.
    uint64_t spikes() {
        std::vector<uint32_t> counts(stride);
        copy(counts.data(), rows.counts, stride * sizeof counts[0], computing);
        wait_for_all();
        uint64_t spikes = 0;
        for (uint32_t neuron = 0; neuron < options.neurons; neuron++) {
            spikes += counts[neuron];
        }
        if (RECORDS && spikes != recorder.count()) {
            give_up("the device has counted " + std::to_string(spikes) + " spikes, and " +
                    std::to_string(recorder.count()) + " came");
        }
        return spikes;
    }

    const Recorder &recorded() const { return recorder; }

  private:
    // Blocks are stepped one after the other, while rasters of older ones are copied.
    void submit(uint32_t index, uint32_t words) {
        Slot &slot = slots[index % IN_FLIGHT];
        slot.words = std::min(words - index * block_words, block_words);
        slot.first_step = 32 * index * block_words;
        rows.raster = slot.raster;
        const size_t bytes = size_t(slot.words) * stride * sizeof(uint32_t);
        if (RECORDS) {
            clear(slot.raster, bytes, computing);
        }
        const Block block{slot.first_step, slot.words, options.steps, stride};
        step_block<Model, NOISY, RECORDS>(block, rows, threads, computing);
        mark(slot.stepped, computing);
        follow(copying, slot.stepped);
        if (RECORDS) {
            copy(slot.pinned, slot.raster, bytes, copying);
        }
        mark(slot.copied, copying);
    }

    template <class T> T *uploaded(const std::vector<T> &values) {
        T *const array = device_array<T>(values.size());
        copy(array, values.data(), values.size() * sizeof(T), computing);
        wait_for_all();
        return array;
    }

    Options options;
    uint32_t threads, stride, block_words;
    Recorder recorder;
    Queue computing = new_queue(), copying = new_queue();
    std::vector<typename Model::State> states;
    std::vector<Stream> streams;
    Rows<Model> rows{};
    Slot slots[IN_FLIGHT];
};

template <class Model, bool NOISY, bool RECORDS> void run(const Options &options) {
    Run<Model, NOISY, RECORDS> run(options);
    // The first one loads the kernel, grows what keeps the spikes and brings the clocks up.
    run.repeat();
    std::vector<double> seconds;
    std::string windows;
    for (uint32_t i = 0; i < options.repetitions; i++) {
        seconds.push_back(run.repeat());
        windows += (i > 0 ? ", " : "") + std::to_string(seconds.back());
    }
    std::sort(seconds.begin(), seconds.end());
    const double median = 0.5 * (seconds[(seconds.size() - 1) / 2] + seconds[seconds.size() / 2]);
    const double neuron_steps = double(options.neurons) * options.steps;
    const uint64_t spikes = run.spikes();
    const double interval = RECORDS ? run.recorded().mean_interval() : -1.0;
    const std::string isi = interval < 0.0 ? "null" : std::to_string(interval * Model::DT);
    if (!options.spikes.empty()) {
        std::ofstream file(options.spikes);
        run.recorded().each([&](Spike spike) { file << spike.neuron << ',' << spike.step << '\n'; });
        if (!file.flush()) {
            give_up(options.spikes + ": cannot be written");
        }
    }
    std::printf("{\"peer\": \"CUDA\", \"version\": \"%s\", \"device\": \"%s\", \"model\": \"%s\", \"noise\": \"%s\", "
                "\"neurons\": %u, \"steps\": %u, \"seconds\": %.6f, \"windows\": [%s], "
                "\"neuron_steps_per_s\": %.6e, \"rate_hz\": %.6f, \"isi_ms\": %s, "
                "\"recording\": \"%s\", \"spikes\": %llu, \"threads_per_block\": %u}\n",
                version().c_str(), device_name().c_str(), options.model.c_str(), options.noise.c_str(), options.neurons,
                options.steps, median, windows.c_str(), neuron_steps / median,
                double(spikes) / (neuron_steps * Model::DT * 1e-3), isi.c_str(), options.record.c_str(),
                static_cast<unsigned long long>(spikes), options.threads_per_block);
}

template <class Model> void run_model(Options options) {
    if (options.neurons == 0) {
        options.neurons = Model::NEURONS;
    }
    const bool noisy = options.noise == "white", records = options.record == "spikes";
    if (noisy) {
        records ? run<Model, true, true>(options) : run<Model, true, false>(options);
    } else {
        records ? run<Model, false, true>(options) : run<Model, false, false>(options);
    }
}

int main(int count, char **words) {
    const Options options = read_options(count, words);
    options.model == "lif" ? run_model<Lif>(options) : run_model<HodgkinHuxley>(options);
}
