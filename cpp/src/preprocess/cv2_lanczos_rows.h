// OpenCV's 8-bit Lanczos resize, bit for bit, of the pixels that are wanted.
#pragma once

#include <cstdint>

#include "preprocess/cv2_tap_rows.h"

namespace ppinfer {

class Cv2LanczosRows final : public Cv2TapRows<8> {
 public:
  Cv2LanczosRows();
  const std::uint8_t* row(int y) override;
};

}  // namespace ppinfer
