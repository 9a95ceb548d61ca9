#include "preprocess/needed_region.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

Region needed_region(const PreprocessPlan& plan, Size image_px) {
  std::vector<Size> sizes_px{image_px};  // before each operation, and after the last
  try {
    for (const PixelOp& op : plan.pixel_ops) sizes_px.push_back(size_after(op, sizes_px.back()));
  } catch (const ImageFailure&) {
    return whole(image_px);  // preprocessing will say why
  }
  const auto is_empty = [](Size size_px) { return size_px.width <= 0 || size_px.height <= 0; };
  if (std::any_of(sizes_px.begin(), sizes_px.end(), is_empty)) return whole(image_px);
  Region wanted = whole(sizes_px.back());
  for (std::size_t op = plan.pixel_ops.size(); op-- > 0;) {
    wanted = before_op(plan.pixel_ops[op], wanted, sizes_px[op], sizes_px[op + 1]);
  }
  return wanted;
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
