#include "preprocess/plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/image_failure.h"

namespace ppinfer {
namespace {

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kPreprocess, reason); }

std::string text_of(Size size_px) {
  return std::to_string(size_px.width) + "x" + std::to_string(size_px.height) + " px";
}

int rounded_side(double side_px) {
  constexpr int kLongestPx = std::numeric_limits<int>::max();
  // nearbyint rounds halves to even, as the default rounding mode asks.
  return side_px >= kLongestPx ? kLongestPx : static_cast<int>(std::nearbyint(side_px));
}

Size checked_resize(Size image_px, Size resized_px) {
  const std::int64_t pixels = std::int64_t{resized_px.width} * resized_px.height;
  if (pixels > kMaxResizedPixels) {
    fail("the image is " + text_of(image_px) + ": resized to " + text_of(resized_px) + " it would have more than " +
         std::to_string(kMaxResizedPixels) + " pixels");
  }
  return resized_px;
}

}  // namespace

Size resize_short_size(Size image_px, int short_side_px) {
  const double ratio = static_cast<double>(short_side_px) / std::min(image_px.width, image_px.height);
  return {rounded_side(image_px.width * ratio), rounded_side(image_px.height * ratio)};
}

void require_interpolation(ResizeBackend backend, Interpolation interpolation) {
  if (backend == ResizeBackend::kPil && interpolation == Interpolation::kArea) {
    throw Error("the resize backend pil has no interpolation area: take box, or the backend cv2");
  }
  const bool only_pil = interpolation == Interpolation::kBox || interpolation == Interpolation::kHamming;
  if (backend == ResizeBackend::kCv2 && only_pil) {
    const std::string name = interpolation == Interpolation::kBox ? "box" : "hamming";
    throw Error("the resize backend cv2 has no interpolation " + name + ": take area, or the backend pil");
  }
}

bool is_crop(const PixelOp& op) {
  return std::holds_alternative<CenterCrop>(op) || std::holds_alternative<CenterSquare>(op);
}

Size size_after(const PixelOp& op, Size image_px) {
  if (const auto* resize = std::get_if<ResizeShort>(&op)) {
    return checked_resize(image_px, resize_short_size(image_px, resize->short_side_px));
  }
  if (const auto* resize = std::get_if<ResizeTo>(&op)) return checked_resize(image_px, resize->size_px);
  if (const auto* square = std::get_if<CenterSquare>(&op)) {
    const int side_px = static_cast<int>(square->ratio * std::min(image_px.width, image_px.height));
    if (side_px < 1) fail("the image is " + text_of(image_px) + ": crop_ratio leaves no pixels");
    return {side_px, side_px};
  }
  const Size crop_px = std::get<CenterCrop>(op).size_px;
  if (image_px.width < crop_px.width || image_px.height < crop_px.height) {
    fail("the image is " + text_of(image_px) + " before the crop, smaller than the crop of " + text_of(crop_px));
  }
  return crop_px;
}

void require_pixels(const PixelView& image) {
  if (image.pixels == nullptr || image.size_px.width <= 0 || image.size_px.height <= 0) fail("the image has no pixels");
  // The bytes of a row are counted in int.
  if (image.size_px.width > std::numeric_limits<int>::max() / 3)
    fail("the image is " + text_of(image.size_px) + ": too wide");
}

void require_output_size(const PreprocessPlan& plan, Size size_px) {
  if (size_px == plan.output_px) return;
  fail("the image is " + text_of(size_px) + " after resizing and cropping, but the model takes " +
       text_of(plan.output_px) + ": set crop_size, or resize_width and resize_height");
}

}  // namespace ppinfer
