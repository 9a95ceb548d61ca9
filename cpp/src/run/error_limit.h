// How many errors end a run early.
#pragma once

#include <cstdint>

namespace ppinfer {

struct ErrorLimit {
  std::int64_t max_errors = -1;  // negative: any number is fine
  double max_percent = -1;       // likewise; of a share it is too early to speak before there are 100 images

  bool is_exceeded(std::int64_t images, std::int64_t errors) const {
    constexpr std::int64_t kImagesForAShare = 100;
    if (max_errors >= 0 && errors > max_errors) return true;
    return max_percent >= 0 && images >= kImagesForAShare &&
           static_cast<double>(errors) * 100 > max_percent * static_cast<double>(images);
  }
};

}  // namespace ppinfer
