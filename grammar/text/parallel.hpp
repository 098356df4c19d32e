// Runs independent pieces of work on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace wf::text {

/// Calls `work(worker, begin, end)` until [0, count) is used up, in chunks taken in ascending order, on up to
/// `threads` threads (one of them the caller's). Every worker sees ascending chunks. The first exception that
/// was thrown is thrown again when all threads have ended.
template <class Work>
void in_parallel(std::size_t count, unsigned threads, std::size_t chunk, Work work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_lock;
  const auto run = [&](unsigned worker) {
    try {
      for (;;) {
        const std::size_t begin = next.fetch_add(chunk);
        if (begin >= count) return;
        work(worker, begin, std::min(begin + chunk, count));
      }
    } catch (...) {
      next = count;
      const std::lock_guard held(failure_lock);
      if (!failure) failure = std::current_exception();
    }
  };
  const std::size_t useful = std::max<std::size_t>(1, (count + chunk - 1) / chunk);
  std::vector<std::thread> others;
  for (unsigned worker = 1; worker < std::min<std::size_t>(std::max(1u, threads), useful); ++worker) {
    others.emplace_back(run, worker);
  }
  run(0);
  for (std::thread& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace wf::text
