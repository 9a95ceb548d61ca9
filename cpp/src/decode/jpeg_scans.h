// How many scans a JPEG may have.
#pragma once

#include <cstdint>

#include "ppinfer/span.h"

namespace ppinfer {

// Note [Work of a JPEG's scans]
// A scan goes through every block (8x8 samples) of its components, be it only to find that nothing changes: some 40 ns
// a block for a byte or two in the file. A file may hold thousands of scans. Those of libjpeg's and mozjpeg's encoders
// pass 5 to 7 times over all blocks of the picture; of small pictures any number of passes is cheap.
inline constexpr std::uint64_t kScanSetupBlocks = 1000;  // what a scan's tables cost

// The most blocks that all scans may go through together, for a picture whose components have `picture_blocks`.
std::uint64_t most_scan_blocks(std::uint64_t picture_blocks);

// The blocks that the scans of a JPEG go through, where none of its components has more than `component_blocks`, and
// what their tables cost. Reads markers only. For a JPEG that another library decodes.
std::uint64_t scan_blocks(Span<const std::uint8_t> jpeg, std::uint64_t component_blocks);

}  // namespace ppinfer
