#include "twins/pil_reference.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

struct Image {
  Size size_px;
  std::vector<std::uint8_t> values;

  std::size_t index(int y, int x, int channel) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(size_px.width) + static_cast<std::size_t>(x)) * 3 +
           static_cast<std::size_t>(channel);
  }
};

Image make_image(Size size_px) {
  return {size_px, std::vector<std::uint8_t>(std::size_t{3} * static_cast<std::size_t>(size_px.width) *
                                             static_cast<std::size_t>(size_px.height))};
}

double sinc(double x) {
  constexpr double kPi = 3.14159265358979323846;
  return x == 0 ? 1 : std::sin(kPi * x) / (kPi * x);
}

double support_of(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kBox:
      return 0.5;
    case Interpolation::kBilinear:
    case Interpolation::kHamming:
      return 1;
    case Interpolation::kBicubic:
      return 2;
    case Interpolation::kLanczos:
      return 3;
    default:
      throw Error("Pillow has no filter for this interpolation");
  }
}

double filter(Interpolation interpolation, double x) {
  const double distance = std::abs(x);
  switch (interpolation) {
    case Interpolation::kBox:
      return -0.5 < x && x <= 0.5 ? 1 : 0;
    case Interpolation::kBilinear:
      return distance < 1 ? 1 - distance : 0;
    case Interpolation::kHamming:
      return distance < 1
                 ? sinc(distance) * (double{0.54F} + double{0.46F} * std::cos(3.14159265358979323846 * distance))
                 : 0;
    case Interpolation::kBicubic:
      if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * -0.5 : 0;
    default:
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  }
}

struct Taps {
  int first = 0;
  std::vector<int> weights;  // in 1 / 2^22
};

// A half added and the fraction cut off: below zero that is not what lround gives.
int rounded_as_pillow(double place) { return static_cast<int>(std::trunc(place + 0.5)); }

Taps taps_of(int index, int from_px, int to_px, Interpolation interpolation) {
  const double step = static_cast<double>(from_px) / to_px;
  const double stretch = std::max(1.0, step);
  const double support = support_of(interpolation) * stretch;
  const double center = (index + 0.5) * step;
  const int first = std::max(0, rounded_as_pillow(center - support));
  const int end = std::min(from_px, rounded_as_pillow(center + support));
  std::vector<double> shares;
  double total = 0;
  for (int pixel = first; pixel < end; ++pixel) {
    shares.push_back(filter(interpolation, (pixel - center + 0.5) * (1 / stretch)));
    total += shares.back();
  }
  Taps taps{first, {}};
  for (double share : shares) {
    if (total != 0) share /= total;
    taps.weights.push_back(static_cast<int>(share * 4194304 + (share < 0 ? -0.5 : 0.5)));
  }
  return taps;
}

std::uint8_t rounded(std::int64_t sum) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>((sum + 2097152) >> 22, 0, 255));
}

Image resize_width(const Image& image, int width_px, Interpolation interpolation) {
  if (image.size_px.width == width_px) return image;
  Image result = make_image({width_px, image.size_px.height});
  for (int x = 0; x < width_px; ++x) {
    const Taps taps = taps_of(x, image.size_px.width, width_px, interpolation);
    for (int y = 0; y < result.size_px.height; ++y) {
      for (int channel = 0; channel < 3; ++channel) {
        std::int64_t sum = 0;
        for (std::size_t tap = 0; tap < taps.weights.size(); ++tap) {
          sum += std::int64_t{image.values[image.index(y, taps.first + static_cast<int>(tap), channel)]} *
                 taps.weights[tap];
        }
        result.values[result.index(y, x, channel)] = rounded(sum);
      }
    }
  }
  return result;
}

Image transposed(const Image& image) {
  Image result = make_image({image.size_px.height, image.size_px.width});
  for (int y = 0; y < image.size_px.height; ++y) {
    for (int x = 0; x < image.size_px.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        result.values[result.index(x, y, channel)] = image.values[image.index(y, x, channel)];
      }
    }
  }
  return result;
}

Image resize_height(const Image& image, int height_px, Interpolation interpolation) {
  return transposed(resize_width(transposed(image), height_px, interpolation));
}

// Pillow adds up the step in float64 and leaves black what drifts over the edge.
std::vector<int> nearest_places(int from_px, int to_px) {
  const double step = static_cast<double>(from_px) / to_px;
  std::vector<int> places;
  double place = step / 2;
  for (int index = 0; index < to_px; ++index) {
    places.push_back(place < from_px ? static_cast<int>(place) : -1);
    place += step;
  }
  return places;
}

Image resize_nearest(const Image& image, Size to_px) {
  const std::vector<int> columns = nearest_places(image.size_px.width, to_px.width);
  const std::vector<int> rows = nearest_places(image.size_px.height, to_px.height);
  Image result = make_image(to_px);
  for (int y = 0; y < to_px.height; ++y) {
    for (int x = 0; x < to_px.width; ++x) {
      const int row = rows[static_cast<std::size_t>(y)], column = columns[static_cast<std::size_t>(x)];
      if (row < 0 || column < 0) continue;
      for (int channel = 0; channel < 3; ++channel) {
        result.values[result.index(y, x, channel)] = image.values[image.index(row, column, channel)];
      }
    }
  }
  return result;
}

}  // namespace

std::vector<std::uint8_t> pil_resize_reference(const std::vector<std::uint8_t>& pixels, Size from_px, Size to_px,
                                               Interpolation interpolation) {
  const Image image{from_px, pixels};
  if (from_px == to_px) return pixels;
  if (interpolation == Interpolation::kNearest) return resize_nearest(image, to_px).values;
  // See Note [Order of Pillow's passes].
  const bool height_first =
      to_px.height < from_px.height && from_px.height - to_px.height > 2 * (from_px.width - to_px.width);
  if (height_first) {
    return resize_width(resize_height(image, to_px.height, interpolation), to_px.width, interpolation).values;
  }
  return resize_height(resize_width(image, to_px.width, interpolation), to_px.height, interpolation).values;
}

}  // namespace ppinfer
