// OpenCV's 8-bit area resize, bit for bit, of the pixels that are wanted.
#pragma once

#include <cstdint>
#include <vector>

#include "preprocess/cv2_rows.h"

namespace ppinfer {

// Where neither side grows, each pixel is the mean of the area that it covers. Otherwise OpenCV mixes two neighbours on
// each axis, and so it does where both sides are halved.
class Cv2AreaRows final : public ResizedRows {
 public:
  void begin(const PixelView& image, Size resized_px, const Region& region) override;
  const std::uint8_t* row(int y) override;

 private:
  enum class Method { kBilinear, kWholePixels, kShares };

  struct Down {  // the source rows from `first` on, one a share, which lie in down_shares_ from `begin` on
    int first;
    std::size_t begin;
    int rows;
  };

  void prepare(Size image_px, Size resized_px, const Region& region);
  const std::uint8_t* row_of_whole_pixels(int y);
  const std::uint8_t* row_of_shares(int y);

  Method method_ = Method::kBilinear;
  Cv2BilinearRows bilinear_{Cv2Places::kArea};
  Size image_px_, resized_px_;  // that the shares are for
  Region region_;
  PixelView image_;

  int factor_x_ = 0, factor_y_ = 0;  // of kWholePixels
  std::vector<std::uint32_t> whole_sums_;

  std::vector<std::int32_t> byte_offsets_, ends_;  // see Stretches
  std::vector<float> shares_, down_shares_;
  std::vector<Down> down_;
  std::size_t row_bytes_read_ = 0;
  SourceRows source_;
  std::vector<float> line_, sum_;
  int line_source_row_ = -1;

  std::vector<std::uint8_t> rgbx_;
};

}  // namespace ppinfer
