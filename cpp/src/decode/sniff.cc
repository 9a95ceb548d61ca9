#include "decode/sniff.h"

#include <cstddef>
#include <string_view>

namespace ppinfer {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  const char* format;
};

// Formats that people do hand to a classifier, so that the reason can name them.
constexpr Magic kUnsupported[] = {
    {4, "ftypavif"sv, "AVIF"},
    {4, "ftypavis"sv, "AVIF"},
    {4, "ftyphei"sv, "HEIC"},
    {4, "ftyphev"sv, "HEIC"},
    {4, "ftypmif1"sv, "HEIF"},
    {4, "jP  \r\n\x87\n"sv, "JPEG 2000"},
    {0, "\xff\x0a"sv, "JPEG XL"},
    {4, "JXL \r\n\x87\n"sv, "JPEG XL"},
    {0, "8BPS"sv, "PSD"},
    {0, "%PDF"sv, "PDF"},
    {0, "<svg"sv, "SVG"},
    {0, "\x76\x2f\x31\x01"sv, "OpenEXR"},
    {0, "#?RADIANCE"sv, "Radiance HDR"},
};

std::string_view text_of(Span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool has(std::string_view text, std::size_t offset, std::string_view wanted) {
  return text.size() >= offset && text.substr(offset, wanted.size()) == wanted;
}

std::string printable(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code < 0x7f && letter != '\\' && letter != '"') {
      out += letter;
    } else {
      out += "\\x";
      out += kHex[code >> 4];
      out += kHex[code & 15];
    }
  }
  return out;
}

}  // namespace

ImageKind sniff(Span<const std::uint8_t> bytes) {
  const std::string_view text = text_of(bytes);
  if (has(text, 0, "\xff\xd8\xff"sv)) return ImageKind::kJpeg;
  if (has(text, 0, "\x89PNG\r\n\x1a\n"sv)) return ImageKind::kPng;
  if (has(text, 0, "RIFF"sv) && has(text, 8, "WEBP"sv)) return ImageKind::kWebp;
  for (const std::string_view magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (has(text, 0, magic)) return ImageKind::kTiff;
  }
  if (has(text, 0, "GIF87a"sv) || has(text, 0, "GIF89a"sv)) return ImageKind::kGif;
  if (has(text, 0, "BM"sv)) return ImageKind::kBmp;
  return ImageKind::kOther;
}

const char* to_string(ImageKind kind) {
  switch (kind) {
    case ImageKind::kJpeg:
      return "JPEG";
    case ImageKind::kPng:
      return "PNG";
    case ImageKind::kBmp:
      return "BMP";
    case ImageKind::kWebp:
      return "WebP";
    case ImageKind::kTiff:
      return "TIFF";
    case ImageKind::kGif:
      return "GIF";
    case ImageKind::kOther:
      break;
  }
  return "unknown format";
}

std::string describe_other(Span<const std::uint8_t> bytes) {
  const std::string_view text = text_of(bytes);
  for (const Magic& magic : kUnsupported) {
    if (has(text, magic.offset, magic.bytes)) {
      return std::string(magic.format) + " is not supported yet (JPEG, PNG, BMP, WebP, TIFF and GIF are)";
    }
  }
  constexpr std::size_t kExcerptBytes = 12;
  const std::string dots = text.size() > kExcerptBytes ? "..." : "";
  return "not an image: starts with \"" + printable(text.substr(0, kExcerptBytes)) + dots + '"';
}

}  // namespace ppinfer
