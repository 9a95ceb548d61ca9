#include "decode/png.h"

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "core/byte_reader.h"
#include "decode/fail.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

constexpr png_byte kExifChunk[] = "eXIf";

struct Chunks {
  bool has_whole_exif = true;     // libpng takes memory for what an EXIF chunk claims to hold
  std::uint64_t frames = 0;       // of an animation, as acTL declares them
  std::uint64_t frames_held = 0;  // by their fcTL
  bool first_is_frame = false;    // the picture that is decoded
  bool has_end = false;

  bool has_later_pictures() const { return frames > (first_is_frame ? 1 : 0); }
};

Chunks scan_chunks(Span<const std::uint8_t> bytes) {
  constexpr std::uint64_t kSignatureBytes = 8, kAroundContent = 12;  // of a chunk: length, type, checksum
  const ByteReader reader(bytes, ByteOrder::kBig);
  Chunks chunks;
  std::uint64_t offset = kSignatureBytes;
  bool has_data = false;
  while (const auto content_bytes = reader.number(offset, 4)) {
    const auto is_of_type = [&](const char* type) { return reader.holds_text(offset + 4, type); };
    const std::uint64_t chunk_bytes = *content_bytes + kAroundContent;
    if (is_of_type("acTL") && !has_data) chunks.frames = reader.number(offset + 8, 4).value_or(0);
    if (is_of_type("fcTL")) {
      ++chunks.frames_held;
      chunks.first_is_frame = chunks.first_is_frame || !has_data;
    }
    has_data = has_data || is_of_type("IDAT");
    chunks.has_end = is_of_type("IEND");
    if (!reader.holds(offset, chunk_bytes)) chunks.has_whole_exif = !is_of_type("eXIf");
    if (chunks.has_end || !reader.holds(offset, chunk_bytes)) break;
    offset += chunk_bytes;
  }
  return chunks;
}

// As with libjpeg (jpeg.cc): an error jumps out of the step, in which nothing with a destructor may live.
class PngSession {
 public:
  explicit PngSession(Span<const std::uint8_t> bytes) : unread_(bytes), chunks_(scan_chunks(bytes)) {
    png_ = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, this, on_error, on_warning, this, on_malloc, on_free);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, this, on_read);
    png_set_read_user_transform_fn(png_, on_row);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the cap on pixels is ours
  }
  ~PngSession() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngSession(const PngSession&) = delete;
  PngSession& operator=(const PngSession&) = delete;

  png_structp png() const { return png_; }
  png_infop info() const { return info_; }

  template <class Step>
  void run(const Step& step) {
    const bool done = attempt(step);
    if (is_out_of_memory_) throw std::bad_alloc();  // libpng continues without some chunks
    constexpr png_uint_32 kEndChunk = 0x49454e44;   // "IEND"
    if (done || (has_rows_ && (ran_out_ || png_get_io_chunk_type(png_) == kEndChunk))) return;
    constexpr png_uint_32 kAppleChunk = 0x43674249;  // "CgBI"
    if (!ran_out_ && png_get_io_chunk_type(png_) == kAppleChunk) {
      fail("PNG as Xcode packs it (chunk CgBI) is not supported");
    }
    fail(ran_out_ || is_cut_off_ ? "truncated PNG: the file ends early" : "corrupt PNG: " + std::string(message_));
  }

  void read_info() {
    run([&] {
      // Texts, profiles and unknown chunks are skipped: they have no say in the pixels, and claim any length.
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
      if (chunks_.has_whole_exif) png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_AS_DEFAULT, kExifChunk, 1);
      png_read_info(png_, info_);
    });
  }

  // With the last row libpng unpacks all that is left of its data, and a megabyte of zeros unpacks for seconds.
  // `is_empty`: the pass that comes last has no pixels in that row.
  void begin_last_row(std::size_t raw_bytes, bool is_empty) {
    constexpr std::size_t kSpareBytes = std::size_t{64} << 10;
    is_in_last_row_ = true;
    has_rows_ = is_empty;
    left_for_last_row_ = raw_bytes + raw_bytes / 64 + kSpareBytes;
  }

  // After the rows, which are all there: a file that ends at any byte, or with a damaged end mark, costs no pixels.
  void read_end() {
    run([&] {
      has_rows_ = true;
      is_in_last_row_ = false;
      png_read_end(png_, info_);
    });
    if (!chunks_.has_later_pictures()) return;
    if (!chunks_.has_end) fail("truncated PNG: the file ends within its animation");
    if (chunks_.frames_held < chunks_.frames)
      fail("corrupt PNG: it holds " + std::to_string(chunks_.frames_held) + " of the " +
           std::to_string(chunks_.frames) + " pictures of its animation");
    if (is_frame_damaged_) fail("corrupt PNG: a later picture of its animation is damaged");
  }

 private:
  template <class Step>
  bool attempt(const Step& step) {
    if (setjmp(escape_) != 0) return false;
    step();
    return true;
  }

  static void on_error(png_structp png, png_const_charp message) {
    auto& session = *static_cast<PngSession*>(png_get_error_ptr(png));
    std::strncpy(session.message_, message, sizeof(session.message_) - 1);
    std::longjmp(session.escape_, 1);
  }

  // libpng skips the chunks of later pictures but checks their checksums. A wrong checksum is a warning.
  static void on_warning(png_structp png, png_const_charp) {
    constexpr png_uint_32 kFrameControl = 0x6663544c, kFrameData = 0x66644154;  // "fcTL", "fdAT"
    const png_uint_32 chunk = png_get_io_chunk_type(png);
    auto& session = *static_cast<PngSession*>(png_get_error_ptr(png));
    if (session.has_rows_ && (chunk == kFrameControl || chunk == kFrameData)) session.is_frame_damaged_ = true;
  }

  // A row is unpacked. Once the last one is, the file may end before its data's checksums.
  static void on_row(png_structp png, png_row_infop, png_bytep) {
    auto& session = *static_cast<PngSession*>(png_get_io_ptr(png));
    session.has_rows_ = session.has_rows_ || session.is_in_last_row_;
  }

  static png_voidp on_malloc(png_structp png, png_alloc_size_t bytes) {
    void* const memory = std::malloc(bytes);
    if (memory == nullptr) static_cast<PngSession*>(png_get_mem_ptr(png))->is_out_of_memory_ = true;
    return memory;
  }

  static void on_free(png_structp, png_voidp memory) { std::free(memory); }

  static void on_read(png_structp png, png_bytep to, std::size_t count) {
    auto& session = *static_cast<PngSession*>(png_get_io_ptr(png));
    if (count > session.unread_.size()) {
      session.ran_out_ = true;
      png_error(png, "the file ends early");
    }
    constexpr png_uint_32 kPixelData = 0x49444154;  // "IDAT"
    if (session.is_in_last_row_ && png_get_io_chunk_type(png) == kPixelData &&
        (png_get_io_state(png) & PNG_IO_CHUNK_DATA) != 0) {
      if (count > session.left_for_last_row_) png_error(png, "more data than its picture has");
      session.left_for_last_row_ -= count;
    }
    std::copy_n(session.unread_.data(), count, to);
    session.unread_ = {session.unread_.data() + count, session.unread_.size() - count};
    const bool begins_chunk = (png_get_io_state(png) & PNG_IO_CHUNK_HDR) != 0 && count == 8;
    if (begins_chunk && std::memcmp(to + 4, "IDAT", 4) == 0) session.shorten_to_file(to);
  }

  // Of pixel data that are cut off libpng then reads all that there is, before it finds their checksum missing.
  void shorten_to_file(png_bytep length) {
    if (png_get_uint_32(length) <= unread_.size()) return;
    is_cut_off_ = true;
    for (int index = 0; index < 4; ++index) length[index] = static_cast<png_byte>(unread_.size() >> (24 - 8 * index));
  }

  Span<const std::uint8_t> unread_;
  const Chunks chunks_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf escape_{};
  char message_[128] = "";
  bool ran_out_ = false;
  bool is_cut_off_ = false;  // within pixel data
  bool has_rows_ = false;
  bool is_in_last_row_ = false;
  std::size_t left_for_last_row_ = 0;  // of its packed bytes
  bool is_frame_damaged_ = false;
  bool is_out_of_memory_ = false;
};

void ask_for_rgb(png_structp png, png_infop info) {
  const int color_type = png_get_color_type(png, info);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  if (color_type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if ((color_type & PNG_COLOR_MASK_COLOR) == 0) {
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_gray_to_rgb(png);
  }
}

void read_rows(PngSession& session, RgbImage& image, int passes, std::size_t raw_row_bytes) {
  png_structp png = session.png();
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(image.size_px.width);
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < image.size_px.height; ++y) {
      if (pass == passes - 1 && y == image.size_px.height - 1) {
        session.begin_last_row(raw_row_bytes, passes > 1 && y % 2 == 0);  // Adam7's last pass has the odd rows
      }
      png_read_row(png, image.pixels.data() + row_bytes * static_cast<std::size_t>(y), nullptr);
    }
  }
}

Orientation orientation_of(png_structp png, png_infop info) {
  png_uint_32 length = 0;
  png_bytep block = nullptr;
  if (png_get_eXIf_1(png, info, &length, &block) == 0) return 1;
  return exif_orientation({block, length});
}

}  // namespace

Orientation decode_png(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  PngSession session(bytes);
  png_structp png = session.png();
  png_infop info = session.info();
  session.read_info();
  allocate(image, checked_size(png_get_image_width(png, info), png_get_image_height(png, info), max_pixels));
  session.run([&] {
    const std::size_t raw_row_bytes = png_get_rowbytes(png, info);
    ask_for_rgb(png, info);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != 3 * static_cast<std::size_t>(image.size_px.width))
      png_error(png, "odd row size");
    read_rows(session, image, passes, raw_row_bytes);
  });
  session.read_end();
  return orientation_of(png, info);
}

}  // namespace ppinfer
