#include "preprocess/needed_region.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "core/image_failure.h"

namespace ppinfer {
namespace {

struct Stretch {  // pixels [first, end) of one axis
  int first, end;
};

// Source pixels that a resize reads of one axis beyond those that lie under the wanted ones: Lanczos takes the most, 8
// taps around a pixel; 2 more cover any rounding of positions.
constexpr int kTapsMarginPx = 6;
// Pillow's filters widen with the reduction: this many times. Lanczos reaches furthest.
constexpr int kPilReach = 3;

ResizeBackend backend_of(const PixelOp& op) {
  const auto* shorter = std::get_if<ResizeShort>(&op);
  return shorter != nullptr ? shorter->backend : std::get<ResizeTo>(op).backend;
}

Stretch before_resize(Stretch wanted, int source_px, int resized_px, ResizeBackend backend) {
  const double ratio = static_cast<double>(source_px) / resized_px;
  const double reach = backend == ResizeBackend::kPil ? kPilReach * ratio : 0;
  return {static_cast<int>(std::max(0.0, std::floor(wanted.first * ratio - reach) - kTapsMarginPx)),
          static_cast<int>(std::min<double>(source_px, std::ceil(wanted.end * ratio + reach) + kTapsMarginPx))};
}

Region before_op(const PixelOp& op, const Region& wanted, Size source_px, Size result_px) {
  if (is_crop(op)) {
    return {wanted.x + (source_px.width - result_px.width) / 2, wanted.y + (source_px.height - result_px.height) / 2,
            wanted.width, wanted.height};
  }
  const Stretch x =
      before_resize({wanted.x, wanted.x + wanted.width}, source_px.width, result_px.width, backend_of(op));
  const Stretch y =
      before_resize({wanted.y, wanted.y + wanted.height}, source_px.height, result_px.height, backend_of(op));
  return {x.first, y.first, x.end - x.first, y.end - y.first};
}

bool is_empty(Size size_px) { return size_px.width <= 0 || size_px.height <= 0; }

// What the operations from `op` on need of an image of that size; nothing: they leave nothing of it.
std::optional<Region> needed_by(const PreprocessPlan& plan, std::size_t op, Size image_px) {
  if (is_empty(image_px)) return std::nullopt;
  if (op == plan.pixel_ops.size()) return whole(image_px);
  const Size result_px = size_after(plan.pixel_ops[op], image_px);
  const std::optional<Region> wanted = needed_by(plan, op + 1, result_px);
  if (!wanted) return std::nullopt;
  return before_op(plan.pixel_ops[op], *wanted, image_px, result_px);
}

}  // namespace

Region needed_region(const PreprocessPlan& plan, Size image_px) {
  try {
    return needed_by(plan, 0, image_px).value_or(whole(image_px));
  } catch (const ImageFailure&) {
    return whole(image_px);  // preprocessing will say why
  }
}

Size smallest_source(const PreprocessPlan& plan, Size image_px) {
  if (plan.pixel_ops.empty() || is_crop(plan.pixel_ops.front())) return image_px;
  try {
    const Size resized_px = size_after(plan.pixel_ops.front(), image_px);
    return {std::min(image_px.width, resized_px.width), std::min(image_px.height, resized_px.height)};
  } catch (const ImageFailure&) {
    return image_px;
  }
}

}  // namespace ppinfer
