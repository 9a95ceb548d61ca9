#include "decode/jpeg_scans.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace ppinfer {

std::uint64_t most_scan_blocks(std::uint64_t picture_blocks) {
  constexpr std::uint64_t kMostPasses = 10;
  constexpr std::uint64_t kCheapBlocks = 16'000'000;
  return std::max(kCheapBlocks, kMostPasses * picture_blocks);
}

std::uint64_t scan_blocks(Span<const std::uint8_t> jpeg, std::uint64_t component_blocks) {
  constexpr std::uint8_t kStartOfScan = 0xda;
  constexpr std::size_t kComponentsAt = 4;  // behind the marker and the length
  std::uint64_t blocks = 0;
  const std::uint8_t* at = jpeg.begin();
  const std::uint8_t* const end = jpeg.end();
  while (at < end) {
    at = static_cast<const std::uint8_t*>(std::memchr(at, 0xff, static_cast<std::size_t>(end - at)));
    if (at == nullptr || static_cast<std::size_t>(end - at) <= kComponentsAt) break;
    const std::uint8_t marker = at[1];
    if (marker == kStartOfScan) blocks += kScanSetupBlocks + at[kComponentsAt] * component_blocks;
    const bool has_length = marker >= 0xc0 && marker != 0xff && (marker < 0xd0 || marker > 0xd9);
    const std::size_t segment_bytes = has_length ? 2 + (std::size_t{at[2]} << 8 | at[3]) : 1;
    at += std::min(segment_bytes, static_cast<std::size_t>(end - at));
  }
  return blocks;
}

}  // namespace ppinfer
