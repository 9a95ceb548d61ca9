#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/message_text.h"
#include "ppinfer/run_text.h"

namespace ppinfer {
namespace {

constexpr double kRateSpanMs = 20'000;

// "3:07", "3:01:02"
std::string clock_time(double seconds) {
  const long long whole = std::llround(seconds);
  std::array<char, 40> text{};
  if (whole >= 3600) {
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60);
  }
  return text.data();
}

std::string with_one_decimal(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", number);
  return text.data();
}

}  // namespace

void RunProgress::add(const RunSummary& so_far, std::optional<std::int64_t> total) {
  seen_.emplace_back(so_far.run.wall_ms, so_far.run.images);
  while (seen_.size() > 2 && seen_.front().first < so_far.run.wall_ms - kRateSpanMs) seen_.pop_front();
  images_ = so_far.images_in_all();
  errors_ = so_far.errors_in_all();
  found_ = total.value_or(so_far.found);
  found_all_ = total || so_far.found_all;
}

double RunProgress::images_per_s() const {
  if (seen_.empty()) return 0;
  const auto [start_ms, before] = seen_.front();
  const auto [end_ms, now] = seen_.back();
  if (end_ms > start_ms) return static_cast<double>(now - before) * 1e3 / (end_ms - start_ms);
  return end_ms > 0 ? static_cast<double>(now) * 1e3 / end_ms : 0;
}

std::optional<double> RunProgress::seconds_left() const {
  const double rate = images_per_s();
  if (!found_all_ || rate <= 0) return {};
  return static_cast<double>(std::max<std::int64_t>(0, found_ - images_)) / rate;
}

std::string RunProgress::in_words() const {
  std::string words = grouped(images_);
  if (found_all_ || found_ > images_) words += " of " + grouped(found_) + (found_all_ ? "" : "+");
  words += " images, " + with_one_decimal(images_per_s()) + " images/s, " + counted(errors_, "error");
  if (const auto left = seconds_left()) words += ", " + clock_time(*left) + " left";
  return words;
}

std::string stages_in_words(const RunStats& stats) {
  const double lane_ms = stats.lanes * stats.wall_ms;
  if (lane_ms <= 0) return "";
  std::string words;
  const auto add = [&](const char* stage, double ms) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s%s %.0f %%", words.empty() ? "" : ", ", stage, 100 * ms / lane_ms);
    words += text.data();
  };
  add("read", stats.read_ms);
  add("decode", stats.decode_ms);
  add("preprocess", stats.preprocess_ms);
  add("infer", stats.infer_ms);
  add("postprocess", stats.postprocess_ms);
  add("write", stats.write_ms);
  add("idle", std::max(0.0, stats.idle_ms()));
  return words;
}

}  // namespace ppinfer
