// How decoders refuse an image.
#pragma once

#include <string>

#include "core/image_failure.h"

namespace ppinfer {

[[noreturn]] inline void fail(const std::string& reason) { throw ImageFailure(Stage::kDecode, reason); }

}  // namespace ppinfer
