// OpenCV's 8-bit Lanczos resize (8 taps, whatever the reduction), bit for bit, of the pixels that are wanted.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "preprocess/resized_rows.h"

namespace ppinfer {

class Cv2LanczosRows final : public ResizedRows {
 public:
  void begin(const PixelView& image, Size resized_px, const Region& region) override;
  const std::uint8_t* row(int y) override;

 private:
  struct Down {  // what a row is made of
    int source_rows[8];
    int weights[8];
  };
  const std::int32_t* line_of(int source_y);

  Size image_px_, resized_px_;  // that the weights are for
  Region region_;
  WindowArrays across_;
  std::vector<Down> down_;
  SourceRows source_;
  std::array<std::vector<std::int32_t>, 8> lines_;  // of source row y in y % 8: a row needs eight neighbours
  std::array<int, 8> line_source_rows_ = {};
  std::vector<std::uint8_t> rgbx_;
};

}  // namespace ppinfer
