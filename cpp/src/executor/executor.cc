#include "executor/executor.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>

#include "executor/ordered_writer.h"
#include "executor/pinned_thread.h"

namespace ppinfer {
namespace {

// Batches that may wait for an earlier one, per lane. A large photo takes some ten times as long as a small one.
constexpr std::size_t kWindowPerLane = 16;

// Of all threads: an engine's own ones work for the lanes, too.
double process_cpu_ms() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) / 1e6;
}

std::vector<std::unique_ptr<Lane>> make_lanes(const Rooms& rooms, int count) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int lane = 0; lane < count; ++lane) lanes.push_back(std::make_unique<Lane>(rooms));
  return lanes;
}

// A CPU for each thread, -1 for none: only as many threads as there are CPUs are worth pinning. Fewer would leave the
// others to whoever else pins its threads, and all would begin at the first.
std::vector<int> cpus_to_pin_to(bool wanted, int threads) {
  std::vector<int> cpus = wanted ? cpus_of_thread() : std::vector<int>();
  if (cpus.size() != static_cast<std::size_t>(threads)) cpus.assign(static_cast<std::size_t>(threads), -1);
  return cpus;
}

}  // namespace

// One call of Executor::run: what its threads share.
class Executor::Run {
 public:
  Run(Executor& executor, const Postprocessor& postprocessor, ImageSource& source, ResultSink& sink)
      : executor_(executor),
        postprocessor_(postprocessor),
        source_(source),
        writer_(sink, kWindowPerLane * static_cast<std::size_t>(executor.lanes_)) {}

  void work(int cpu) {  // each thread's whole life
    const PinnedThread pinned(cpu);
    StageTimes times;
    std::vector<ImageInput> inputs;
    std::vector<Result> results;
    try {
      for (std::int64_t sequence = 0; take(inputs, sequence);) {
        executor_.pool_.borrow()->classify(postprocessor_, inputs, results, times);
        if (!writer_.put(sequence, results)) break;
      }
    } catch (...) {
      fail(std::current_exception());
    }
    const std::lock_guard lock(mutex_);
    times_.add(times);
  }

  void fail(std::exception_ptr error) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::move(error);
      exhausted_ = true;
    }
    writer_.stop();
  }

  RunStats stats() const {  // once all threads are done; throws what made the run fail
    if (failure_) std::rethrow_exception(failure_);
    RunStats stats;
    stats.images = writer_.images();
    stats.errors = writer_.errors();
    stats.read_ms = times_.ms(Stage::kRead);
    stats.decode_ms = times_.ms(Stage::kDecode);
    stats.preprocess_ms = times_.ms(Stage::kPreprocess);
    stats.infer_ms = times_.ms(Stage::kInfer);
    stats.postprocess_ms = times_.ms(Stage::kPostprocess);
    stats.write_ms = writer_.write_ms();
    return stats;
  }

 private:
  // The next batch of the source; false when there is none. No lane is held meanwhile: a source may itself wait for
  // one.
  bool take(std::vector<ImageInput>& inputs, std::int64_t& sequence) {
    const std::lock_guard source_lock(source_mutex_);
    inputs.clear();
    while (inputs.size() < static_cast<std::size_t>(executor_.batch_size_) && !exhausted()) {
      ImageInput input;
      if (source_.next(input)) {
        inputs.push_back(std::move(input));
      } else {
        const std::lock_guard lock(mutex_);
        exhausted_ = true;
      }
    }
    if (inputs.empty()) return false;
    sequence = next_sequence_++;
    return true;
  }

  bool exhausted() {
    const std::lock_guard lock(mutex_);
    return exhausted_;
  }

  Executor& executor_;
  const Postprocessor& postprocessor_;
  ImageSource& source_;
  OrderedWriter writer_;
  std::mutex source_mutex_;  // one thread at a time in the source
  std::int64_t next_sequence_ = 0;
  std::mutex mutex_;  // guards what follows
  bool exhausted_ = false;
  std::exception_ptr failure_;
  StageTimes times_;
};

Executor::Executor(const Rooms& rooms, int lanes)
    : lanes_(lanes), batch_size_(rooms.batch_size), pins_lanes_(rooms.pins_lanes), pool_(make_lanes(rooms, lanes)) {}

RunStats Executor::run(const Postprocessor& postprocessor, ImageSource& source, ResultSink& sink, int max_threads) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start_ms = process_cpu_ms();
  Run run(*this, postprocessor, source, sink);
  const int threads = std::max(1, std::min(max_threads, lanes_));  // the caller works in any case
  const std::vector<int> cpus = cpus_to_pin_to(pins_lanes_, threads);
  std::vector<std::thread> others;
  try {
    for (int thread = 1; thread < threads; ++thread) {
      others.emplace_back([&run, cpu = cpus[static_cast<std::size_t>(thread)]] { run.work(cpu); });
    }
  } catch (...) {  // the system has no thread left
    run.fail(std::current_exception());
  }
  run.work(cpus[0]);
  for (std::thread& thread : others) thread.join();
  RunStats stats = run.stats();
  stats.cpu_ms = process_cpu_ms() - cpu_start_ms;
  stats.lanes = 1 + static_cast<int>(others.size());
  stats.wall_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return stats;
}

Result Executor::classify(const Postprocessor& postprocessor, ImageInput input) {
  std::vector<ImageInput> inputs;
  inputs.push_back(std::move(input));
  std::vector<Result> results;
  StageTimes times;
  pool_.borrow()->classify(postprocessor, inputs, results, times);
  return std::move(results.front());
}

}  // namespace ppinfer
