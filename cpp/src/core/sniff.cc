#include "core/sniff.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "core/ascii.h"
#include "core/byte_reader.h"
#include "core/media_brands.h"

namespace ppinfer {
namespace {

// "BM" alone also begins many a text. The length of the header that follows is below 64 Ki in every BMP, and beyond
// that in four letters.
bool is_bmp(const ByteReader& reader) {
  return reader.holds_text(0, "BM") && reader.number(14, 4).value_or(0) <= 0xffff;
}

bool is_tiff(const ByteReader& reader) {
  const auto mark = reader.number(0, 4);
  const bool is_classic = mark == 0x49492a00 || mark == 0x4d4d002a, is_big = mark == 0x49492b00 || mark == 0x4d4d002b;
  return (is_classic || is_big) && !reader.holds_text(8, "CR\x02");  // that is a CR2
}

// "P1" to "P6", then, in text, a width, a height and, unless the pixels are bits, the greatest value. Prose that begins
// like that has no such numbers.
bool is_pnm(std::string_view text) {
  if (text.size() < 3 || text[0] != 'P' || text[1] < '1' || text[1] > '6' || !is_space(text[2])) return false;
  const bool is_bits = text[1] == '1' || text[1] == '4';
  std::size_t at = 2;
  for (int numbers = is_bits ? 2 : 3; numbers > 0; --numbers) {
    while (at < text.size() && (is_space(text[at]) || text[at] == '#')) {
      if (text[at] == '#') at = std::min(text.find('\n', at), text.size() - 1);
      ++at;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == begin || at == text.size() || !is_space(text[at])) return false;
  }
  return true;
}

// Without magic bytes: a list of pictures, and behind it the first picture.
bool is_ico(const ByteReader& reader) {
  const auto number = [&](std::uint64_t offset, int width_bytes) {
    return reader.number(offset, width_bytes).value_or(0);
  };
  const std::uint64_t count = number(4, 2);
  return number(0, 2) == 0 && number(2, 2) == 1 && count > 0 && (number(9, 1) == 0 || number(9, 1) == 255) &&
         number(14, 4) > 0 && number(18, 4) >= 6 + 16 * count;
}

// Of the boxes that a HEIF file begins with: what its pictures are compressed with.
ImageKind heif_kind(std::string_view text) {
  const auto has = [&](std::initializer_list<std::string_view> brands) {
    return any_brand(
        text, [&](std::string_view brand) { return std::find(brands.begin(), brands.end(), brand) != brands.end(); });
  };
  if (has({"avif", "avis"})) return ImageKind::kAvif;
  if (has({"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"})) return ImageKind::kHeic;
  return ImageKind::kOther;
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

ImageKind sniff(Span<const std::uint8_t> start) {
  const ByteReader little(start, ByteOrder::kLittle), big(start, ByteOrder::kBig);
  if (big.number(0, 3) == 0xffd8ff) return ImageKind::kJpeg;
  if (big.number(0, 8) == 0x89504e470d0a1a0a) return ImageKind::kPng;
  if (big.holds_text(0, "RIFF") && big.holds_text(8, "WEBP")) return ImageKind::kWebp;
  if (big.holds_text(0, "GIF87a") || big.holds_text(0, "GIF89a")) return ImageKind::kGif;
  if (is_bmp(little)) return ImageKind::kBmp;
  if (is_tiff(big)) return ImageKind::kTiff;
  if (big.number(0, 2) == 0xff0a || big.holds_text(4, "JXL \r\n\x87\n")) return ImageKind::kJpegXl;
  const std::string_view text = beginning(start);
  if (is_pnm(text)) return ImageKind::kPnm;
  if (is_ico(little)) return ImageKind::kIco;
  return heif_kind(text);
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
    case ImageKind::kAvif:
      return "AVIF";
    case ImageKind::kHeic:
      return "HEIC";
    case ImageKind::kJpegXl:
      return "JPEG XL";
    case ImageKind::kPnm:
      return "PNM";
    case ImageKind::kIco:
      return "ICO";
    case ImageKind::kOther:
      break;
  }
  return "unknown format";
}

bool is_image(Span<const std::uint8_t> start) {
  constexpr std::size_t kSmallestBmpBytes = 26;
  const ImageKind kind = sniff(start);
  if (kind == ImageKind::kBmp && start.size() < kSmallestBmpBytes) return false;  // a word that begins with BM
  return kind != ImageKind::kOther || other_format(start).kind == OtherKind::kImage;
}

std::string unsupported(const std::string& name) {
  return name + " is not supported (JPEG, PNG, BMP, WebP, TIFF, GIF, AVIF, HEIC, JPEG XL, PNM and ICO are)";
}

std::string describe_other(Span<const std::uint8_t> start) {
  const OtherFormat format = other_format(start);
  if (format.kind == OtherKind::kImage || format.kind == OtherKind::kDrawing) return unsupported(format.name);
  if (format.kind == OtherKind::kNotAnImage) return "not an image: " + std::string(format.name);
  constexpr std::size_t kExcerptBytes = 12;
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  const std::string dots = text.size() > kExcerptBytes ? "..." : "";
  return "not an image: starts with \"" + printable(text.substr(0, kExcerptBytes)) + dots + '"';
}

}  // namespace ppinfer
