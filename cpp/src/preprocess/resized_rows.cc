#include "preprocess/resized_rows.h"

#include <algorithm>
#include <string>

#include "core/image_failure.h"
#include "preprocess/cv2_area_rows.h"
#include "preprocess/cv2_lanczos_rows.h"
#include "preprocess/cv2_rows.h"
#include "preprocess/nearest_rows.h"
#include "preprocess/pil_rows.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMaxWeightPairs = std::size_t{1} << 27;  // half a GiB

}  // namespace

Region centered(const Region& region, Size crop_px) {
  return {region.x + (region.width - crop_px.width) / 2, region.y + (region.height - crop_px.height) / 2, crop_px.width,
          crop_px.height};
}

PixelView part_of(const PixelView& image, const Region& region) {
  PixelView part = image;
  part.pixels += region.y * image.row_stride_bytes + std::ptrdiff_t{3} * region.x;
  part.size_px = size_of(region);
  return part;
}

std::unique_ptr<ResizedRows> make_resized_rows(ResizeBackend backend, Interpolation interpolation) {
  require_interpolation(backend, interpolation);
  if (interpolation == Interpolation::kNearest) return std::make_unique<NearestRows>(backend);
  if (backend == ResizeBackend::kPil) return std::make_unique<PilRows>(interpolation);
  if (interpolation == Interpolation::kBilinear) return std::make_unique<Cv2BilinearRows>();
  if (interpolation == Interpolation::kBicubic) return std::make_unique<Cv2BicubicRows>();
  if (interpolation == Interpolation::kArea) return std::make_unique<Cv2AreaRows>();
  return std::make_unique<Cv2LanczosRows>();
}

void SourceRows::begin(const PixelView& image, std::size_t bytes_read) {
  image_ = image;
  const std::size_t row_bytes = std::size_t{3} * static_cast<std::size_t>(image.size_px.width);
  bytes_read_ = std::max(bytes_read, row_bytes);
  if (copy_.size() < bytes_read_) copy_.resize(bytes_read_);
}

const std::uint8_t* SourceRows::at(int y) {
  const std::uint8_t* const row = image_.pixels + y * image_.row_stride_bytes;
  const std::size_t row_bytes = std::size_t{3} * static_cast<std::size_t>(image_.size_px.width);
  const std::ptrdiff_t left_bytes =
      (image_.size_px.height - 1 - y) * image_.row_stride_bytes + static_cast<std::ptrdiff_t>(row_bytes);
  if (static_cast<std::ptrdiff_t>(bytes_read_) <= left_bytes) return row;
  std::copy_n(row, row_bytes, copy_.begin());
  return copy_.data();
}

void WindowArrays::clear(int width_px, int pairs_per_window) {
  width_px_ = width_px;
  pairs_per_window_ = pairs_per_window;
  byte_offsets_.clear();
  weight_pairs_.clear();
  const std::size_t pairs = padded_px(width_px) * static_cast<std::size_t>(pairs_per_window);
  if (pairs > kMaxWeightPairs) {
    throw ImageFailure(Stage::kPreprocess, "resizing the image to a width of " + std::to_string(width_px) +
                                               " px would take " + std::to_string(pairs) +
                                               " pairs of weights, more than " + std::to_string(kMaxWeightPairs));
  }
  byte_offsets_.reserve(padded_px(width_px));
  weight_pairs_.reserve(pairs);
}

void WindowArrays::add(int first_px, const std::int32_t* weight_pairs) {
  byte_offsets_.push_back(3 * first_px);
  weight_pairs_.insert(weight_pairs_.end(), weight_pairs, weight_pairs + pairs_per_window_);
}

void WindowArrays::pad() {
  byte_offsets_.resize(padded_px(width_px_), byte_offsets_.back());
  weight_pairs_.resize(byte_offsets_.size() * static_cast<std::size_t>(pairs_per_window_));
}

std::size_t WindowArrays::row_bytes_read(int bytes_read) const {
  return static_cast<std::size_t>(*std::max_element(byte_offsets_.begin(), byte_offsets_.end())) +
         static_cast<std::size_t>(bytes_read);
}

}  // namespace ppinfer
