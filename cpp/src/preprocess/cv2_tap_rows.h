// What OpenCV's 8-bit bicubic and Lanczos resize share: on each axis a pixel mixes `taps` neighbours, whatever the
// reduction. Both differ in their weights and in how the lines become bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "preprocess/resized_rows.h"

namespace ppinfer {

template <int taps>
class Cv2TapRows : public ResizedRows {
 public:
  void begin(const PixelView& image, Size resized_px, const Region& region) final;

 protected:
  using Weights = std::array<int, taps>;
  struct Method {
    Weights (*weights_at)(float fraction);
    void (*across)(const std::uint8_t* row, const Windows& windows, std::int32_t* line);
    int bytes_read;  // by `across` at a time
  };
  struct Down {  // the source rows of a resized row, and the weight of each
    int source_rows[taps];
    int weights[taps];
  };

  explicit Cv2TapRows(const Method& method) : method_(method) { line_source_rows_.fill(-1); }

  const Down& down_of(int y) const { return down_[static_cast<std::size_t>(y)]; }
  static std::size_t place_of_line(int source_y) { return static_cast<std::size_t>(source_y) % taps; }
  const std::int32_t* line_of(int source_y);  // resized across

  Size resized_px_;
  Region region_;
  std::array<std::vector<std::int32_t>, taps> lines_;  // a row needs `taps` neighbours: see place_of_line()
  std::vector<std::uint8_t> rgbx_;

 private:
  void prepare(Size image_px);

  Method method_;
  Size image_px_;  // that the weights are for
  WindowArrays across_;
  std::vector<Down> down_;
  SourceRows source_;
  std::array<int, taps> line_source_rows_;
};

}  // namespace ppinfer
