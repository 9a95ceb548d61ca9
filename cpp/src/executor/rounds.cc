#include "ppinfer/rounds.h"

#include "ppinfer/error.h"

namespace ppinfer {

bool RepeatedFiles::next(ImageInput& input) {
  if (left_ <= 0 || paths_.empty()) return false;
  --left_;
  input = ImageInput{};
  input.path = paths_[next_];
  next_ = next_ + 1 == paths_.size() ? 0 : next_ + 1;
  return true;
}

RoundClock::RoundClock(ResultSink& sink, const RoundPlan& plan, std::function<Time()> now)
    : sink_(sink), plan_(plan), now_(std::move(now)) {
  if (plan.round_images % plan.lead != 0 || plan.round_images < 1) {
    throw Error("a round of " + std::to_string(plan.round_images) + " images would end within a batch: expected a " +
                "multiple of " + std::to_string(plan.lead) + ", a batch of each lane");
  }
}

void RoundClock::write(const Result& result) {
  sink_.write(result);
  const std::int64_t since_lead = ++images_ - plan_.lead;
  if (since_lead < 0 || since_lead > plan_.rounds * plan_.round_images || since_lead % plan_.round_images != 0) return;
  marks_.push_back(now_());
}

std::vector<double> RoundClock::round_ms() const {
  std::vector<double> rounds;
  for (std::size_t mark = 1; mark < marks_.size(); ++mark) {
    rounds.push_back(std::chrono::duration<double, std::milli>(marks_[mark] - marks_[mark - 1]).count());
  }
  return rounds;
}

}  // namespace ppinfer
