// Nearest neighbours, by cv2's rule and by Pillow's.
#pragma once

#include <cstdint>
#include <vector>

#include "preprocess/resized_rows.h"

namespace ppinfer {

class NearestRows final : public ResizedRows {
 public:
  explicit NearestRows(ResizeBackend backend) : backend_(backend) {}
  void begin(const PixelView& image, Size resized_px, const Region& region) override;
  const std::uint8_t* row(int y) override;

 private:
  ResizeBackend backend_;
  PixelView image_;
  std::vector<int> columns_;  // the source's, one a pixel of the region; -1: none, the pixel is black
  std::vector<int> rows_;
  std::vector<std::uint8_t> rgbx_;
};

}  // namespace ppinfer
