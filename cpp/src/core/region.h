// A rectangle of an image's pixels.
#pragma once

#include <algorithm>

#include "ppinfer/types.h"

namespace ppinfer {

struct Region {  // px; x and y of its left top corner
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  friend bool operator==(const Region& a, const Region& b) {
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
  }
  friend bool operator!=(const Region& a, const Region& b) { return !(a == b); }
};

inline Size size_of(const Region& region) { return {region.width, region.height}; }

inline Region whole(Size size_px) { return {0, 0, size_px.width, size_px.height}; }

// `region` with `margin_px` more on each side, as far as the image reaches; whole when nothing is left of it.
inline Region widened(const Region& region, int margin_px, Size image_px) {
  const int left = std::max(0, region.x - margin_px), top = std::max(0, region.y - margin_px);
  const int right = std::min(image_px.width, region.x + region.width + margin_px);
  const int bottom = std::min(image_px.height, region.y + region.height + margin_px);
  if (right <= left || bottom <= top) return whole(image_px);
  return {left, top, right - left, bottom - top};
}

}  // namespace ppinfer
