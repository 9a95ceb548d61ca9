#include "decode/animated_webp.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "core/image_failure.h"
#include "decode/byte_reader.h"
#include "decode/opencv.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

constexpr std::uint64_t kChunkHeaderBytes = 8;
constexpr std::uint64_t kFrameHeaderBytes = 16;

[[noreturn]] void fail(const char* reason) {
  throw ImageFailure(Stage::kDecode, std::string("corrupt WebP: ") + reason);
}

struct Frame {
  Region place;  // on the canvas
  Span<const std::uint8_t> chunks;
};

Frame first_frame(Span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes, ByteOrder::kLittle);
  std::uint64_t offset = 12;
  while (const auto chunk_bytes = reader.number(offset + 4, 4)) {
    const std::uint64_t content = offset + kChunkHeaderBytes;
    if (!reader.holds(content, *chunk_bytes)) fail("a chunk is longer than the file");
    if (reader.holds_text(offset, "ANMF") && *chunk_bytes >= kFrameHeaderBytes) {
      const auto number = [&](std::uint64_t at) { return static_cast<int>(*reader.number(content + at, 3)); };
      const Region place{2 * number(0), 2 * number(3), 1 + number(6), 1 + number(9)};
      return {place,
              {bytes.data() + content + kFrameHeaderBytes, static_cast<std::size_t>(*chunk_bytes - kFrameHeaderBytes)}};
    }
    offset = content + *chunk_bytes + *chunk_bytes % 2;
  }
  fail("an animation without a picture");
}

void append_number(std::vector<std::uint8_t>& bytes, std::uint64_t number, int width_bytes) {
  for (int index = 0; index < width_bytes; ++index) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * index));
}

void append_text(std::vector<std::uint8_t>& bytes, const char* text) { bytes.insert(bytes.end(), text, text + 4); }

// A file of this picture alone.
std::vector<std::uint8_t> still_file(const Frame& frame) {
  constexpr std::uint64_t kHasAlpha = 0x10;
  const bool has_alpha_chunk = ByteReader(frame.chunks, ByteOrder::kLittle).holds_text(0, "ALPH");
  const std::uint64_t extended_bytes = has_alpha_chunk ? kChunkHeaderBytes + 10 : 0;
  std::vector<std::uint8_t> bytes;
  append_text(bytes, "RIFF");
  append_number(bytes, 4 + extended_bytes + frame.chunks.size(), 4);
  append_text(bytes, "WEBP");
  if (has_alpha_chunk) {
    append_text(bytes, "VP8X");
    append_number(bytes, 10, 4);
    append_number(bytes, kHasAlpha, 4);
    append_number(bytes, static_cast<std::uint64_t>(frame.place.width - 1), 3);
    append_number(bytes, static_cast<std::uint64_t>(frame.place.height - 1), 3);
  }
  bytes.insert(bytes.end(), frame.chunks.begin(), frame.chunks.end());
  return bytes;
}

}  // namespace

void decode_animated_webp(Span<const std::uint8_t> bytes, Size canvas_px, RgbImage& image) {
  const Frame frame = first_frame(bytes);
  const Region& place = frame.place;
  if (place.x + place.width > canvas_px.width || place.y + place.height > canvas_px.height) {
    fail("its picture doesn't lie on its canvas");
  }
  RgbImage picture;
  decode_with_opencv(ImageKind::kWebp, still_file(frame), {place.width, place.height}, picture);
  if (picture.size_px != Size{place.width, place.height}) fail("its picture has another size than its header says");
  allocate(image, canvas_px);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(place.width);
  for (int y = 0; y < place.height; ++y) {
    const auto canvas_row = static_cast<std::size_t>(place.y + y) * static_cast<std::size_t>(canvas_px.width);
    std::copy_n(picture.pixels.data() + row_bytes * static_cast<std::size_t>(y), row_bytes,
                image.pixels.data() + 3 * (canvas_row + static_cast<std::size_t>(place.x)));
  }
}

}  // namespace ppinfer
