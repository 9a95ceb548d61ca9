// A resized image, computed row by row, and only in the needed part.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/region.h"
#include "ppinfer/image.h"
#include "preprocess/plan.h"
#include "preprocess/row_kernels.h"

namespace ppinfer {

// What a centre crop leaves of a region.
Region centered(const Region& region, Size crop_px);

// A view of a part of an image.
PixelView part_of(const PixelView& image, const Region& region);

// One a resize of a plan: it keeps its memory and, for images of the same size, its weights. The bytes that row()
// gives are those that a resize of the whole image would have there.
class ResizedRows {
 public:
  virtual ~ResizedRows() = default;

  // The image is borrowed until the last row. Throws ImageFailure(kPreprocess) when it would take absurd memory.
  virtual void begin(const PixelView& image, Size resized_px, const Region& region) = 0;

  // Row `y` of the region, RGBX in the image's channel order, valid until the next call. Ask for rising y.
  virtual const std::uint8_t* row(int y) = 0;
};

// Throws Error for an interpolation that the backend doesn't have.
std::unique_ptr<ResizedRows> make_resized_rows(ResizeBackend backend, Interpolation interpolation);

// Rows of an image for kernels that read somewhat past the last pixel they use.
class SourceRows {
 public:
  // Kernels will read row bytes [0, bytes_read).
  void begin(const PixelView& image, std::size_t bytes_read);

  // Valid until the next call: the row itself, or a padded copy where reading on would leave the image.
  const std::uint8_t* at(int y);

 private:
  PixelView image_;
  std::size_t bytes_read_ = 0;
  std::vector<std::uint8_t> copy_;
};

// Windows that own their arrays, see row_kernels.h.
class WindowArrays {
 public:
  void clear(int width_px, int pairs_per_window);  // throws ImageFailure(kPreprocess) when they are absurdly many
  void add(int first_px, const std::int32_t* weight_pairs);
  void pad();  // after the last window

  Windows windows() const { return {width_px_, byte_offsets_.data(), weight_pairs_.data()}; }
  // Up to which byte of a row a kernel reads that reads `bytes_read` from each window's first byte on.
  std::size_t row_bytes_read(int bytes_read) const;

 private:
  int width_px_ = 0;
  int pairs_per_window_ = 0;
  std::vector<std::int32_t> byte_offsets_;
  std::vector<std::int32_t> weight_pairs_;
};

// Two int16 as the kernels take them.
constexpr std::int32_t weight_pair(int even_tap, int odd_tap) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(odd_tap) << 16) |
                                   (static_cast<std::uint32_t>(even_tap) & 0xffffU));
}

}  // namespace ppinfer
