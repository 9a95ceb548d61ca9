#include "preprocess/pil_rows.h"

#include <algorithm>
#include <string>

#include "core/checked_math.h"
#include "core/image_failure.h"

namespace ppinfer {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 30;

int low_half(std::int32_t weight) { return weight & ((1 << kPilLowBits) - 1); }
int high_half(std::int32_t weight) { return weight >> kPilLowBits; }

// Weight number `tap`, or none beyond the last one.
std::int32_t at(const std::vector<std::int32_t>& weights, std::size_t tap) {
  return tap < weights.size() ? weights[tap] : 0;
}

std::int32_t low_pair(const std::vector<std::int32_t>& weights, std::size_t tap) {
  return weight_pair(low_half(at(weights, tap)), low_half(at(weights, tap + 1)));
}

std::int32_t high_pair(const std::vector<std::int32_t>& weights, std::size_t tap) {
  return weight_pair(high_half(at(weights, tap)), high_half(at(weights, tap + 1)));
}

}  // namespace

void PilRows::begin(const PixelView& image, Size resized_px, const Region& region) {
  const bool prepared = image.size_px == image_px_ && resized_px == resized_px_ && region == region_;
  image_ = image;
  image_px_ = {};  // until all is prepared
  if (!prepared) {
    resized_px_ = resized_px;
    region_ = region;
    prepare_across();
    prepare_down();
    rgbx_.resize(4 * padded_px(region.size_px.width));
  }
  image_px_ = image.size_px;
  std::fill(line_source_rows_.begin(), line_source_rows_.end(), -1);
  if (groups_ > 0) source_.begin(image, across_.row_bytes_read(12 * groups_ + kFourTapBytesRead - 12));
}

void PilRows::prepare_across() {
  groups_ = 0;
  if (image_.size_px.width == resized_px_.width) return;
  PilWeights weights(interpolation_, image_.size_px.width, resized_px_.width);
  const int groups = (weights.max_taps() + 3) / 4;
  across_.clear(region_.size_px.width, 4 * groups);
  std::vector<std::int32_t> window(std::size_t{4} * static_cast<std::size_t>(groups));
  for (int x = region_.left; x < region_.left + region_.size_px.width; ++x) {
    const std::vector<std::int32_t>& taps = weights.of(x);
    for (std::size_t group = 0; group < static_cast<std::size_t>(groups); ++group) {
      std::int32_t* const pairs = &window[4 * group];
      pairs[0] = low_pair(taps, 4 * group);
      pairs[1] = low_pair(taps, 4 * group + 2);
      pairs[2] = high_pair(taps, 4 * group);
      pairs[3] = high_pair(taps, 4 * group + 2);
    }
    across_.add(weights.first_px(), window.data());
  }
  across_.pad();
  groups_ = groups;
}

void PilRows::prepare_down() {
  down_.clear();
  pairs_.clear();
  std::size_t slots = 1;
  if (image_.size_px.height != resized_px_.height) {
    PilWeights weights(interpolation_, image_.size_px.height, resized_px_.height);
    for (int y = region_.top; y < region_.top + region_.size_px.height; ++y) {
      const std::vector<std::int32_t>& taps = weights.of(y);
      down_.push_back({weights.first_px(), static_cast<int>(taps.size()), pairs_.size()});
      for (std::size_t tap = 0; tap < taps.size(); tap += 2) {
        pairs_.push_back(low_pair(taps, tap));
        pairs_.push_back(high_pair(taps, tap));
      }
      slots = std::max(slots, taps.size());
    }
  }
  const std::size_t line_bytes = 4 * padded_px(region_.size_px.width);
  if (checked_multiply(slots, line_bytes) > kMaxLineBytes) {
    throw ImageFailure(Stage::kPreprocess, "resizing the image to a height of " + std::to_string(resized_px_.height) +
                                               " px would keep " + std::to_string(slots) + " rows of " +
                                               std::to_string(region_.size_px.width) + " px, more than " +
                                               std::to_string(kMaxLineBytes) + " bytes");
  }
  lines_.resize(slots * line_bytes);
  line_source_rows_.assign(slots, -1);
  tap_lines_.resize(slots + 1);
}

const std::uint8_t* PilRows::line_of(int source_y) {
  const std::size_t slot = static_cast<std::size_t>(source_y) % line_source_rows_.size();
  std::uint8_t* const line = lines_.data() + slot * 4 * padded_px(region_.size_px.width);
  if (line_source_rows_[slot] == source_y) return line;
  if (groups_ > 0) {
    pil_across(source_.at(source_y), across_.windows(), groups_, line);
  } else {
    const PixelView part = part_of(image_, {region_.left, source_y, {region_.size_px.width, 1}});
    expand_row(part.pixels, part.size_px.width, line);
  }
  line_source_rows_[slot] = source_y;
  return line;
}

const std::uint8_t* PilRows::row(int y) {
  if (down_.empty()) return line_of(region_.top + y);
  const Down& down = down_[static_cast<std::size_t>(y)];
  for (int tap = 0; tap < down.source_rows; ++tap) {
    tap_lines_[static_cast<std::size_t>(tap)] = line_of(down.first_source_row + tap);
  }
  // An odd number of rows is made even by one without weight.
  tap_lines_[static_cast<std::size_t>(down.source_rows)] = tap_lines_[0];
  pil_down({tap_lines_.data(), pairs_.data() + down.first_pair, (down.source_rows + 1) / 2}, region_.size_px.width,
           rgbx_.data());
  return rgbx_.data();
}

}  // namespace ppinfer
