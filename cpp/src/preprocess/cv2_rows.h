// OpenCV's 8-bit bilinear and bicubic resize, bit for bit, of the pixels that are wanted.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "preprocess/cv2_tap_rows.h"
#include "preprocess/resized_rows.h"

namespace ppinfer {

// Where the pixels of a bilinear resize are taken from: cv2_place, cv2_area_place.
enum class Cv2Places { kBilinear, kArea };

class Cv2BilinearRows final : public ResizedRows {
 public:
  explicit Cv2BilinearRows(Cv2Places places = Cv2Places::kBilinear) : places_(places) {}
  void begin(const PixelView& image, Size resized_px, const Region& region) override;
  const std::uint8_t* row(int y) override;

 private:
  struct Down {  // the source rows of a resized row, and the weight of each
    int source_rows[2];
    int weights[2];
  };
  const std::int16_t* line_of(int source_y, int kept_source_y);

  Cv2Places places_;
  Size image_px_, resized_px_;  // that the weights are for
  Region region_;
  bool halves_ = false;
  WindowArrays across_;
  std::vector<Down> down_;
  SourceRows source_;
  std::array<std::vector<std::int16_t>, 2> lines_;
  std::array<int, 2> line_source_rows_ = {-1, -1};
  std::vector<std::uint8_t> rgbx_;
};

class Cv2BicubicRows final : public Cv2TapRows<4> {
 public:
  Cv2BicubicRows();
  const std::uint8_t* row(int y) override;

 private:
  void redo_last_bytes(const Down& down);
};

}  // namespace ppinfer
