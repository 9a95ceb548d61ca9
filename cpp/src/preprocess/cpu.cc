#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "core/checked_math.h"
#include "core/kept_memory.h"
#include "preprocess/preprocessor.h"
#include "preprocess/resized_rows.h"
#include "preprocess/round_to_fp16.h"

namespace ppinfer {
namespace {

std::unique_ptr<ResizedRows> rows_of(const PixelOp& op) {
  if (is_crop(op)) return nullptr;
  if (const auto* shorter = std::get_if<ResizeShort>(&op)) {
    return make_resized_rows(shorter->backend, shorter->interpolation);
  }
  const auto& exact = std::get<ResizeTo>(op);
  return make_resized_rows(exact.backend, exact.interpolation);
}

// The planes of a slot, filled row by row from the top, from pixels whose channels are in the model's order or in the
// reverse of it.
class Planes {
 public:
  Planes(const Normalize& normalize, Size size_px, bool reverse_channels, float* slot)
      : scale_(static_cast<float>(normalize.scale)), width_px_(size_px.width) {
    const std::size_t plane_values = static_cast<std::size_t>(size_px.width) * static_cast<std::size_t>(size_px.height);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      channels_[reverse_channels ? 2 - channel : channel] = {slot + channel * plane_values,
                                                             static_cast<float>(normalize.mean[channel]),
                                                             static_cast<float>(normalize.std[channel])};
    }
  }

  void add_row(const std::uint8_t* rgbx) {
    normalize_row(rgbx, width_px_, scale_, channels_);
    for (ChannelOutput& channel : channels_) channel.plane += width_px_;
  }

 private:
  float scale_;
  int width_px_;
  ChannelOutput channels_[3];
};

}  // namespace

struct Preprocessor::Scratch {
  std::vector<std::unique_ptr<ResizedRows>> rows;    // one an operation; null: a crop
  std::array<std::vector<std::uint8_t>, 2> resized;  // taken in turns by the resizes of a plan that others follow
  std::size_t turn = 0;
  std::vector<std::uint8_t> rgbx;

  // A resize that is not fused with the writing of the planes.
  PixelView resize_region(ResizedRows& source, const PixelView& image, Size resized_px, const Region& region) {
    turn = 1 - turn;
    std::vector<std::uint8_t>& memory = resized[turn];
    source.begin(image, resized_px, region);
    const std::size_t row_bytes = checked_multiply(3, static_cast<std::size_t>(region.width));
    const std::size_t needed_bytes = checked_multiply(row_bytes, static_cast<std::size_t>(region.height));
    if (memory.size() < needed_bytes) memory.resize(needed_bytes);
    std::uint8_t* pixel = memory.data();
    for (int y = 0; y < region.height; ++y) {
      const std::uint8_t* const pixels = source.row(y);
      for (int x = 0; x < region.width; ++x, pixel += 3) std::copy_n(pixels + std::ptrdiff_t{4} * x, 3, pixel);
    }
    return {memory.data(), size_of(region), static_cast<std::ptrdiff_t>(row_bytes), image.order};
  }

  void pack(const PixelView& image, Planes planes) {
    rgbx.resize(4 * padded_px(image.size_px.width));
    for (int y = 0; y < image.size_px.height; ++y) {
      expand_row(image.pixels + y * image.row_stride_bytes, image.size_px.width, rgbx.data());
      planes.add_row(rgbx.data());
    }
  }
};

Preprocessor::Preprocessor(PreprocessPlan plan) : plan_(std::move(plan)), scratch_(std::make_unique<Scratch>()) {
  for (const PixelOp& op : plan_.pixel_ops) scratch_->rows.push_back(rows_of(op));
}

Preprocessor::~Preprocessor() = default;
Preprocessor::Preprocessor(Preprocessor&&) noexcept = default;

void Preprocessor::run(const PixelView& image, float* slot) {
  fill_planes(image, slot);
  for (std::vector<std::uint8_t>& memory : scratch_->resized) give_back_if_large(memory);
  if (!plan_.normalize.round_to_fp16) return;
  const Size size_px = plan_.output_px;
  round_to_fp16(slot, 3 * static_cast<std::size_t>(size_px.width) * static_cast<std::size_t>(size_px.height));
}

void Preprocessor::fill_planes(const PixelView& image, float* slot) {
  require_pixels(image);
  const bool reverse_channels = image.order != plan_.normalize.order;
  const std::vector<PixelOp>& ops = plan_.pixel_ops;
  PixelView current = image;
  for (std::size_t index = 0; index < ops.size();) {
    const std::size_t resize_index = index;
    Size resized_px = current.size_px;
    if (!is_crop(ops[index])) resized_px = size_after(ops[index++], current.size_px);
    Region region = whole(resized_px);  // what the crops that follow leave of it
    for (; index < ops.size() && is_crop(ops[index]); ++index) {
      region = centered(region, size_after(ops[index], size_of(region)));
    }
    if (resized_px == current.size_px) {  // both backends copy, whatever the interpolation
      current = part_of(current, region);
      continue;
    }
    ResizedRows& rows = *scratch_->rows[resize_index];
    if (index == ops.size()) {
      require_output_size(plan_, size_of(region));
      rows.begin(current, resized_px, region);
      Planes planes(plan_.normalize, size_of(region), reverse_channels, slot);
      for (int y = 0; y < region.height; ++y) planes.add_row(rows.row(y));
      return;
    }
    current = scratch_->resize_region(rows, current, resized_px, region);
  }
  require_output_size(plan_, current.size_px);
  scratch_->pack(current, Planes(plan_.normalize, current.size_px, reverse_channels, slot));
}

}  // namespace ppinfer
