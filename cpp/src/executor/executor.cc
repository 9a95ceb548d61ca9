#include "executor/executor.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/machine_failure.h"
#include "executor/ordered_writer.h"
#include "executor/pinned_thread.h"

namespace ppinfer {
namespace {

// Batches that may wait for an earlier one, per lane. A large photo takes some ten times as long as a small one.
constexpr std::size_t kWindowPerLane = 16;

constexpr std::chrono::milliseconds kStopPollInterval{100};

// Of all threads: an engine's own ones work for the lanes, too.
double process_cpu_ms() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) / 1e6;
}

std::vector<std::unique_ptr<Lane>> make_lanes(const Pipeline& pipeline, int count) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int lane = 0; lane < count; ++lane) lanes.push_back(std::make_unique<Lane>(pipeline));
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

  void expect(int change) {  // threads that work() is, or isn't, to be called in
    const std::lock_guard lock(mutex_);
    working_ += change;
    lanes_ += change;
  }

  void work(int cpu) {  // each thread's whole life; expected before
    const PinnedThread pinned(cpu);
    StageClock times;
    std::vector<ImageInput> inputs;
    std::vector<Result> results;
    try {
      for (std::int64_t sequence = 0; take(inputs, sequence);) {
        executor_.pool_.borrow()->classify(postprocessor_, inputs, results, times);
        hand_over(times);
        if (!writer_.put(sequence, results)) break;
      }
    } catch (...) {
      fail(std::current_exception());
    }
    const std::lock_guard lock(mutex_);
    --working_;
    finished_.notify_one();
  }

  // Reports until all threads have ended, also after a failure, because the images in work may take long.
  void report_progress(RunObserver& observer) {
    bool has_thrown = false;
    std::unique_lock lock(mutex_);
    while (!finished_.wait_for(lock, kStopPollInterval, [&] { return working_ == 0; })) {
      if (has_thrown) continue;
      lock.unlock();
      try {
        if (!observer.on_progress(so_far())) take_no_more();
      } catch (...) {
        has_thrown = true;
        fail(std::current_exception());
      }
      lock.lock();
    }
  }

  // Nothing more is written, nor waited for.
  void fail(std::exception_ptr error) {
    end_with(std::move(error));
    writer_.stop();
    source_.stop();
  }

  RunStats so_far() {
    RunStats stats = writer_.stats();
    const std::lock_guard lock(mutex_);
    stats.lanes = lanes_;
    stats.wall_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    stats.cpu_ms = process_cpu_ms() - cpu_start_ms_;
    stats.read_ms = times_.ms(Stage::kRead);
    stats.decode_ms = times_.ms(Stage::kDecode);
    stats.preprocess_ms = times_.ms(Stage::kPreprocess);
    stats.infer_ms = times_.ms(Stage::kInfer);
    stats.postprocess_ms = times_.ms(Stage::kPostprocess);
    return stats;
  }

  RunStats stats() {  // once all threads are done; throws what made the run fail
    if (failure_) std::rethrow_exception(failure_);
    return so_far();
  }

 private:
  // The next batch of the source; false when there is none. No lane is held meanwhile: a source may itself wait for
  // one.
  bool take(std::vector<ImageInput>& inputs, std::int64_t& sequence) {
    const std::lock_guard source_lock(source_mutex_);
    inputs.clear();
    try {
      fill(inputs);
    } catch (...) {
      end_with(std::current_exception());  // what came before is whole, and gets its results
    }
    if (inputs.empty()) return false;
    sequence = next_sequence_++;
    return true;
  }

  void fill(std::vector<ImageInput>& inputs) {
    const auto batch_size = static_cast<std::size_t>(executor_.batch_size_);
    while (inputs.size() < batch_size && !exhausted_ && (inputs.empty() || source_.is_ready())) {
      ImageInput input;
      if (source_.next(input)) {
        inputs.push_back(std::move(input));
      } else {
        take_no_more();
      }
    }
  }

  void end_with(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(error);
    exhausted_ = true;
  }

  void take_no_more() { exhausted_ = true; }

  // A lane's times leave it batch by batch, so that so_far() has them.
  void hand_over(StageClock& times) {
    const std::lock_guard lock(mutex_);
    times_.add(times);
    times = StageClock();
  }

  Executor& executor_;
  const Postprocessor& postprocessor_;
  ImageSource& source_;
  OrderedWriter writer_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const double cpu_start_ms_ = process_cpu_ms();
  std::mutex source_mutex_;  // one thread at a time in the source
  std::int64_t next_sequence_ = 0;
  std::atomic<bool> exhausted_{false};  // seen for each image: no lock
  std::mutex mutex_;                    // guards what follows
  std::condition_variable finished_;
  int lanes_ = 0;
  int working_ = 0;  // of these
  std::exception_ptr failure_;
  StageClock times_;
};

Executor::Executor(const Pipeline& pipeline, int lanes)
    : lanes_(lanes),
      batch_size_(pipeline.batch_size),
      pins_lanes_(pipeline.pins_lanes),
      pool_(make_lanes(pipeline, lanes)) {}

RunStats Executor::run(const Postprocessor& postprocessor, ImageSource& source, ResultSink& sink, int max_threads,
                       RunObserver* observer) {
  Run run(*this, postprocessor, source, sink);
  const int threads = std::max(1, std::min(max_threads, lanes_));
  const std::vector<int> cpus = cpus_to_pin_to(pins_lanes_, threads);
  std::vector<std::thread> others;
  for (int thread = observer != nullptr ? 0 : 1; thread < threads; ++thread) {
    run.expect(1);
    try {
      others.emplace_back([&run, cpu = cpus[static_cast<std::size_t>(thread)]] { run.work(cpu); });
    } catch (const std::system_error& error) {  // the system has no thread left
      run.expect(-1);
      run.fail(std::make_exception_ptr(no_thread_left(error)));
      break;
    }
  }
  if (observer != nullptr) {
    run.report_progress(*observer);
  } else {
    run.expect(1);
    run.work(cpus[0]);
  }
  for (std::thread& thread : others) thread.join();
  return run.stats();
}

Result Executor::classify(const Postprocessor& postprocessor, ImageInput input) {
  std::vector<ImageInput> inputs;
  inputs.push_back(std::move(input));
  std::vector<Result> results;
  StageClock times;
  pool_.borrow()->classify(postprocessor, inputs, results, times);
  return std::move(results.front());
}

}  // namespace ppinfer
