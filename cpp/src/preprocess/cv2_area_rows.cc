#include "preprocess/cv2_area_rows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "preprocess/cv2_places.h"

namespace ppinfer {
namespace {

// How many whole source pixels make one; 0: not a whole number by OpenCV's own computation, which misses some.
int whole_factor(int from_px, int to_px) {
  const double step = cv2_step(from_px, to_px);
  const double nearest = std::nearbyint(step);
  return std::abs(step - nearest) < std::numeric_limits<double>::epsilon() ? static_cast<int>(nearest) : 0;
}

// The share of each source pixel in a resized one, appended to `shares`. Returns the first source pixel.
int append_shares(int index, int from_px, int to_px, std::vector<float>& shares) {
  constexpr double kLeastPart = 1e-3;  // of a source pixel: less counts for nothing
  const double step = cv2_step(from_px, to_px);
  const double begin = index * step, end = begin + step;
  const double covered = std::min(step, from_px - begin);
  const int end_whole = std::min(static_cast<int>(std::floor(end)), from_px - 1);
  const int first_whole = std::min(static_cast<int>(std::ceil(begin)), end_whole);
  int first = first_whole;
  if (first_whole - begin > kLeastPart) {
    --first;
    shares.push_back(static_cast<float>((first_whole - begin) / covered));
  }
  for (int whole = first_whole; whole < end_whole; ++whole) shares.push_back(static_cast<float>(1.0 / covered));
  if (end - end_whole > kLeastPart) {
    shares.push_back(static_cast<float>(std::min(std::min(end - end_whole, 1.0), covered) / covered));
  }
  return first;
}

}  // namespace

void Cv2AreaRows::begin(const PixelView& image, Size resized_px, const Region& region) {
  image_ = image;
  line_source_row_ = -1;
  if (image.size_px != image_px_ || resized_px != resized_px_ || region != region_) {
    image_px_ = {};
    prepare(image.size_px, resized_px, region);
    image_px_ = image.size_px;
  }
  if (method_ == Method::kBilinear) bilinear_.begin(image, resized_px, region);
  if (method_ == Method::kShares) source_.begin(image, row_bytes_read_);
}

void Cv2AreaRows::prepare(Size image_px, Size resized_px, const Region& region) {
  resized_px_ = resized_px;
  region_ = region;
  factor_x_ = whole_factor(image_px.width, resized_px.width);
  factor_y_ = whole_factor(image_px.height, resized_px.height);
  const bool grows = resized_px.width > image_px.width || resized_px.height > image_px.height;
  if (grows || (factor_x_ == 2 && factor_y_ == 2)) {
    method_ = Method::kBilinear;
    return;
  }
  rgbx_.resize(4 * padded_px(region.width));
  if (factor_x_ != 0 && factor_y_ != 0) {
    method_ = Method::kWholePixels;
    whole_sums_.resize(std::size_t{3} * static_cast<std::size_t>(region.width));
    return;
  }
  method_ = Method::kShares;
  byte_offsets_.clear();
  ends_.clear();
  shares_.clear();
  for (int x = region.x; x < region.x + region.width; ++x) {
    const std::size_t begin = shares_.size();
    byte_offsets_.push_back(3 * append_shares(x, image_px.width, resized_px.width, shares_));
    ends_.push_back(static_cast<std::int32_t>(shares_.size()));
    row_bytes_read_ =
        static_cast<std::size_t>(byte_offsets_.back()) + 3 * (shares_.size() - begin - 1) + kAreaBytesRead;
  }
  down_.clear();
  down_shares_.clear();
  for (int y = region.y; y < region.y + region.height; ++y) {
    const std::size_t begin = down_shares_.size();
    const int first = append_shares(y, image_px.height, resized_px.height, down_shares_);
    down_.push_back({first, begin, static_cast<int>(down_shares_.size() - begin)});
  }
  line_.resize(4 * padded_px(region.width));
  sum_.resize(4 * padded_px(region.width));
}

const std::uint8_t* Cv2AreaRows::row(int y) {
  if (method_ == Method::kBilinear) return bilinear_.row(y);
  return method_ == Method::kShares ? row_of_shares(y) : row_of_whole_pixels(y);
}

const std::uint8_t* Cv2AreaRows::row_of_whole_pixels(int y) {
  std::fill(whole_sums_.begin(), whole_sums_.end(), 0);
  for (int down = 0; down < factor_y_; ++down) {
    const std::uint8_t* pixel = image_.pixels + ((region_.y + y) * factor_y_ + down) * image_.row_stride_bytes +
                                std::ptrdiff_t{3} * region_.x * factor_x_;
    std::uint32_t* sum = whole_sums_.data();
    for (int x = 0; x < region_.width; ++x, sum += 3) {
      for (int across = 0; across < factor_x_; ++across, pixel += 3) {
        sum[0] += pixel[0];
        sum[1] += pixel[1];
        sum[2] += pixel[2];
      }
    }
  }
  const float share = 1.F / static_cast<float>(std::int64_t{factor_x_} * factor_y_);
  for (std::size_t x = 0; x < static_cast<std::size_t>(region_.width); ++x) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      // OpenCV's sums are signed, too.
      const float mean = static_cast<float>(static_cast<std::int32_t>(whole_sums_[3 * x + channel])) * share;
      rgbx_[4 * x + channel] = static_cast<std::uint8_t>(std::clamp(std::nearbyint(mean), 0.F, 255.F));
    }
  }
  return rgbx_.data();
}

const std::uint8_t* Cv2AreaRows::row_of_shares(int y) {
  const Down& down = down_[static_cast<std::size_t>(y)];
  for (int row = 0; row < down.rows; ++row) {
    // A row that two resized ones share was the last of the one above.
    if (line_source_row_ != down.first + row) {
      line_source_row_ = down.first + row;
      area_across(source_.at(line_source_row_), {region_.width, byte_offsets_.data(), ends_.data(), shares_.data()},
                  line_.data());
    }
    const float share = down_shares_[down.begin + static_cast<std::size_t>(row)];
    (row == 0 ? area_down_first : area_down_next)(line_.data(), share, region_.width, sum_.data());
  }
  area_round(sum_.data(), region_.width, rgbx_.data());
  return rgbx_.data();
}

}  // namespace ppinfer
