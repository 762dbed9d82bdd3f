// Keeps all spikes of a run on the host.

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

struct Spike {
    uint32_t neuron, step;
};

// Takes rasters of bits, in which the spikes of 32 steps of a neuron are a word. Neurons come in tiles, which
// threads take in parallel where the compiler knows OpenMP.
class Recorder {
  public:
    Recorder(uint32_t neurons, uint32_t stride)
        : neurons(neurons), stride(stride), tiles((neurons + TILE - 1) / TILE) {}

    void forget() {
        for (auto &tile : tiles) {
            tile.clear();
        }
    }

    void take(const uint32_t *raster, uint32_t first_step, uint32_t words) {
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 4)
#endif
        for (int64_t index = 0; index < int64_t(tiles.size()); index++) {
            const uint32_t first = uint32_t(index) * TILE, end = std::min(neurons, first + TILE);
            // A vector of its own: neighbours that grow would share cache lines.
            std::vector<Spike> spikes = std::move(tiles[index]);
            for (uint32_t word = 0; word < words; word++) {
                const uint32_t *row = raster + size_t(word) * stride;
                for (uint32_t neuron = first; neuron < end; neuron++) {
                    for (uint32_t bits = row[neuron]; bits != 0; bits &= bits - 1) {
                        spikes.push_back({neuron, first_step + 32 * word + uint32_t(__builtin_ctz(bits))});
                    }
                }
            }
            tiles[index] = std::move(spikes);
        }
    }

    size_t count() const {
        size_t count = 0;
        for (const auto &tile : tiles) {
            count += tile.size();
        }
        return count;
    }

    // The mean interval in steps, or a negative number if there is no interval.
    double mean_interval() const {
        std::vector<int64_t> first(neurons, -1), last(neurons, -1);
        each([&](Spike spike) {
            first[spike.neuron] = first[spike.neuron] < 0 ? spike.step : first[spike.neuron];
            last[spike.neuron] = spike.step;
        });
        double sum = 0.0, intervals = double(count());
        for (uint32_t neuron = 0; neuron < neurons; neuron++) {
            sum += double(last[neuron] - first[neuron]);
            intervals -= last[neuron] < 0 ? 0.0 : 1.0;
        }
        return intervals > 0.0 ? sum / intervals : -1.0;
    }

    // Those of one neuron in order of time.
    template <class Function> void each(Function function) const {
        for (const auto &tile : tiles) {
            std::for_each(tile.begin(), tile.end(), function);
        }
    }

  private:
    static constexpr uint32_t TILE = 1024;
    uint32_t neurons, stride;
    std::vector<std::vector<Spike>> tiles;
};
