#include "progress.h"

#include <cstdio>

#include "core/message_text.h"

namespace ppinfer {
namespace {

constexpr std::chrono::milliseconds kBetweenUpdates{200};
constexpr const char* kWipeLine = "\r\033[K";

}  // namespace

Progress::Progress(ResultSink& sink, bool shown) : sink_(sink), shown_(shown) {}

Progress::~Progress() {
  if (on_screen_) std::fputs(kWipeLine, stderr);
}

void Progress::write(const Result& result) {
  sink_.write(result);
  ++images_;
  if (!result.ok()) ++errors_;
  if (!shown_) return;
  const Clock::time_point now = Clock::now();
  if (now - last_shown_ >= kBetweenUpdates) show(now);
}

void Progress::show(Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::fprintf(stderr, "%s%s, %.1f images/s, %s", kWipeLine, counted(images_, "image").c_str(),
               static_cast<double>(images_) / seconds, counted(errors_, "error").c_str());
  std::fflush(stderr);
  last_shown_ = now;
  on_screen_ = true;
}

}  // namespace ppinfer
