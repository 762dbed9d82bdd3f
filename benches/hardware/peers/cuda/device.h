// What a run needs of a device: memory, a stream that computes and one that copies, events. With -DHOST the
// device is the host, where everything is done at once.

#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#ifdef HOST

using Queue = int;
using Event = int;

template <class T> T *device_array(size_t count) {
    return static_cast<T *>(std::calloc(count, sizeof(T)));
}
template <class T> T *pinned_array(size_t count) {
    return device_array<T>(count);
}
inline Queue new_queue() { return 0; }
inline Event new_event() { return 0; }
inline void clear(void *to, size_t bytes, Queue) { std::memset(to, 0, bytes); }
inline void copy(void *to, const void *from, size_t bytes, Queue) { std::memcpy(to, from, bytes); }
inline void mark(Event, Queue) {}
inline void follow(Queue, Event) {}
inline void wait_for(Event) {}
inline void wait_for_all() {}
inline std::string device_name() { return "host"; }
inline std::string version() { return "C++"; }

#else

#define CHECK(call) check(call, #call)

inline void check(cudaError_t error, const char *call) {
    if (error != cudaSuccess) {
        std::fprintf(stderr, "error: %s: %s\n", call, cudaGetErrorString(error));
        std::exit(1);
    }
}

using Queue = cudaStream_t;
using Event = cudaEvent_t;

template <class T> T *device_array(size_t count) {
    T *array;
    CHECK(cudaMalloc(&array, count * sizeof(T)));
    return array;
}

// Only what is pinned is copied while the device computes.
template <class T> T *pinned_array(size_t count) {
    T *array;
    CHECK(cudaMallocHost(&array, count * sizeof(T)));
    return array;
}

inline Queue new_queue() {
    Queue queue;
    CHECK(cudaStreamCreateWithFlags(&queue, cudaStreamNonBlocking));
    return queue;
}

inline Event new_event() {
    Event event;
    CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    return event;
}

inline void clear(void *to, size_t bytes, Queue queue) { CHECK(cudaMemsetAsync(to, 0, bytes, queue)); }
inline void copy(void *to, const void *from, size_t bytes, Queue queue) {
    CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, queue));
}
inline void mark(Event event, Queue queue) { CHECK(cudaEventRecord(event, queue)); }
inline void follow(Queue queue, Event event) { CHECK(cudaStreamWaitEvent(queue, event, 0)); }
inline void wait_for(Event event) { CHECK(cudaEventSynchronize(event)); }
inline void wait_for_all() { CHECK(cudaDeviceSynchronize()); }

inline std::string device_name() {
    cudaDeviceProp properties;
    CHECK(cudaGetDeviceProperties(&properties, 0));
    return properties.name;
}

inline std::string version() {
    int version;
    CHECK(cudaRuntimeGetVersion(&version));
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

#endif
