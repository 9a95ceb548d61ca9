// What a file is, by its first bytes; its name plays no part.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ppinfer/span.h"

namespace ppinfer {

// Enough bytes of a file's start to recognise every kind below. A shorter start, or a shorter file, gives the kinds
// whose marks are within it.
inline constexpr std::size_t kSniffBytes = 4096;

enum class ImageKind { kJpeg, kPng, kBmp, kWebp, kTiff, kGif, kAvif, kHeic, kJpegXl, kPnm, kIco, kOther };

// The supported kinds. A camera's raw file with TIFF layout may be a kTiff here, because only its directory, which can
// be anywhere in the file, shows the difference; the decoder then refuses the file by name.
ImageKind sniff(Span<const std::uint8_t> start);
const char* to_string(ImageKind kind);  // "JPEG", "PNG", ...

enum class OtherKind {
  kImage,       // a picture made of pixels, of a kind that isn't read: "JPEG 2000", "PSD"
  kDrawing,     // a picture made of lines: "SVG"
  kNotAnImage,  // an archive, a video, a document, ...: "a 7z archive", "an MP4 video"
  kUnknown,
};

struct OtherFormat {
  OtherKind kind = OtherKind::kUnknown;
  const char* name = "";  // of static storage; empty for kUnknown
};

// The part of a file's start that decides its kind, as text.
inline std::string_view beginning(Span<const std::uint8_t> start) {
  return {reinterpret_cast<const char*>(start.data()), std::min(start.size(), kSniffBytes)};
}

// What a kOther is.
OtherFormat other_format(Span<const std::uint8_t> start);

// Whether it is a picture made of pixels, of a kind that is read or not.
bool is_image(Span<const std::uint8_t> start);

// Why a kOther can't be read, on one line: "PSD is not supported (JPEG, PNG, ... are)", "not an image: a 7z archive",
// or how the file starts.
std::string describe_other(Span<const std::uint8_t> start);

// "NAME is not supported (JPEG, PNG, ... are)".
std::string unsupported(const std::string& name);

}  // namespace ppinfer
