#include "progress.h"

#include <cstdio>

namespace ppinfer {
namespace {

constexpr const char* kWipeLine = "\r\033[K";

}  // namespace

Progress::~Progress() {
  if (on_screen_) std::fputs(kWipeLine, stderr);
}

void Progress::show(const RunSummary& so_far) {
  if (!shown_) return;
  progress_.add(so_far);
  std::fprintf(stderr, "%s%s", kWipeLine, progress_.in_words().c_str());
  std::fflush(stderr);
  on_screen_ = true;
}

}  // namespace ppinfer
