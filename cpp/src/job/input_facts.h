// What is noted of an input, to know it again.
#pragma once

#include <cstdint>
#include <string>

#include "ppinfer/image.h"

namespace ppinfer {

struct InputFacts {
  std::uint64_t path_hash = 0;
  std::int64_t size_bytes = -1;   // -1: unknown
  std::int64_t modified_ns = -1;  // since 1970; likewise. Of an archive's member: mixed with the archive's stamp
};

InputFacts facts_of(const ImageInput& input);

// What has become of an input since `then`: "photos/a.jpg has 1200 bytes, had 1100"; empty: nothing. `number` counts
// the inputs from 1.
std::string change_of(const ImageInput& input, const InputFacts& then, std::int64_t number);

}  // namespace ppinfer
