#include "decode/webp.h"

#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <string>

#include "core/byte_reader.h"
#include "decode/fail.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DeleteDemuxer>;

// Goes through the chunks of all pictures, not through their pixels.
Demuxer open(Span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes, ByteOrder::kLittle);
  const auto riff_bytes = reader.number(4, 4);
  if (!riff_bytes || !reader.holds(8, *riff_bytes)) fail("truncated WebP: the file ends early");
  const WebPData data{bytes.data(), bytes.size()};
  Demuxer demuxer(WebPDemux(&data));
  if (demuxer == nullptr) fail("corrupt WebP: its chunks are incomplete");
  return demuxer;
}

Orientation orientation_of(const WebPDemuxer& demuxer) {
  if ((WebPDemuxGetI(&demuxer, WEBP_FF_FORMAT_FLAGS) & EXIF_FLAG) == 0) return 1;
  WebPChunkIterator chunk;
  Orientation orientation = 1;
  if (WebPDemuxGetChunk(&demuxer, "EXIF", 1, &chunk) != 0) {
    const Span<const std::uint8_t> block{chunk.chunk.bytes, chunk.chunk.size};
    const ByteReader reader(block, ByteOrder::kLittle);
    orientation = exif_orientation(reader.from(reader.holds_text(0, "Exif") ? 6 : 0));
  }
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

class FirstFrame {
 public:
  explicit FirstFrame(const WebPDemuxer& demuxer) {
    if (WebPDemuxGetFrame(&demuxer, 1, &frame_) == 0) fail("corrupt WebP: no picture in it");
  }
  ~FirstFrame() { WebPDemuxReleaseIterator(&frame_); }
  FirstFrame(const FirstFrame&) = delete;
  FirstFrame& operator=(const FirstFrame&) = delete;
  const WebPIterator& get() const { return frame_; }

 private:
  WebPIterator frame_{};
};

void draw(const WebPIterator& frame, RgbImage& image) {
  const bool is_inside =
      frame.x_offset + frame.width <= image.size_px.width && frame.y_offset + frame.height <= image.size_px.height;
  if (!is_inside) fail("corrupt WebP: its picture is outside its canvas");
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) fail("this libwebp is another version than the one ppinfer was built with");
  const std::size_t stride = 3 * static_cast<std::size_t>(image.size_px.width);
  const std::size_t corner =
      stride * static_cast<std::size_t>(frame.y_offset) + 3 * static_cast<std::size_t>(frame.x_offset);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = image.pixels.data() + corner;
  config.output.u.RGBA.stride = static_cast<int>(stride);
  config.output.u.RGBA.size = image.pixels.size() - corner;
  const VP8StatusCode status = WebPDecode(frame.fragment.bytes, frame.fragment.size, &config);
  if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status == VP8_STATUS_OK) return;
  fail(status == VP8_STATUS_SUSPENDED || status == VP8_STATUS_NOT_ENOUGH_DATA
           ? "corrupt WebP: the picture's data end early"
           : "corrupt WebP: the picture's data are invalid");
}

}  // namespace

Orientation decode_webp(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  const Demuxer demuxer = open(bytes);
  const Size canvas_px = checked_size(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH),
                                      WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT), max_pixels);
  const FirstFrame frame(*demuxer);
  allocate(image, canvas_px);
  if (Size{frame.get().width, frame.get().height} != canvas_px) {
    std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
  }
  draw(frame.get(), image);
  return orientation_of(*demuxer);
}

}  // namespace ppinfer
