// What a file is, by its first bytes; its name plays no part.
#pragma once

#include <cstdint>
#include <string>

#include "ppinfer/span.h"

namespace ppinfer {

enum class ImageKind { kJpeg, kPng, kBmp, kWebp, kTiff, kGif, kOther };

ImageKind sniff(Span<const std::uint8_t> bytes);
const char* to_string(ImageKind kind);  // "JPEG", "PNG", ...

// Why a kOther can't be read: "AVIF is not supported yet (JPEG, PNG, ... are)", or how the file starts.
std::string describe_other(Span<const std::uint8_t> bytes);

}  // namespace ppinfer
