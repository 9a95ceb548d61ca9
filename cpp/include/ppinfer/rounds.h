// Measures throughput: runs the same files repeatedly and times each round.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ppinfer/predictor.h"

namespace [[gnu::visibility("default")]] ppinfer {

// Repeats the given files in the given order, up to a number of images.
class RepeatedFiles : public ImageSource {
 public:
  RepeatedFiles(std::vector<std::string> paths, std::int64_t images) : paths_(std::move(paths)), left_(images) {}
  bool next(ImageInput& input) override;

 private:
  std::vector<std::string> paths_;
  std::int64_t left_;
  std::size_t next_ = 0;
};

// `rounds` rounds of `round_images` images each. `lead` images come before the first and after the last: the lanes
// start together and stop one by one, and neither is throughput. With a lead of lanes * batch_size all of them work
// throughout. A round is of whole leads, too: results of a batch come all at once, when its last image is done, so that
// a round that ended within a batch would have the time of all of it for a part of its images.
struct RoundPlan {
  int rounds = 1;
  std::int64_t round_images = 1;  // a multiple of lead
  std::int64_t lead = 1;          // at least 1

  std::int64_t images() const { return rounds * round_images + 2 * lead; }  // that the source has to have
};

// Passes results on and records the end of each round.
class RoundClock : public ResultSink {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // `now`: the clock it goes by. Throws Error when a round isn't of whole leads.
  RoundClock(ResultSink& sink, const RoundPlan& plan, std::function<Time()> now = std::chrono::steady_clock::now);
  void write(const Result& result) override;
  // ms of each round: from the last result before it to its own last. All of them once the run is over.
  std::vector<double> round_ms() const;

 private:
  ResultSink& sink_;
  RoundPlan plan_;
  std::function<Time()> now_;
  std::int64_t images_ = 0;
  std::vector<Time> marks_;  // one more than rounds
};

}  // namespace ppinfer
