#include "progress.h"

#include <cstdio>

#include "core/message_text.h"

namespace ppinfer {
namespace {

constexpr const char* kWipeLine = "\r\033[K";

}  // namespace

Progress::~Progress() {
  if (on_screen_) std::fputs(kWipeLine, stderr);
}

void Progress::show(const RunSummary& so_far) {
  if (!shown_) return;
  std::fprintf(stderr, "%s%s, %.1f images/s, %s", kWipeLine, counted(so_far.images_in_all(), "image").c_str(),
               so_far.run.images_per_s(), counted(so_far.errors_in_all(), "error").c_str());
  std::fflush(stderr);
  on_screen_ = true;
}

}  // namespace ppinfer
