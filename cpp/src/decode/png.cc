#include "decode/png.h"

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>

#include "core/image_failure.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kDecode, reason); }

// As with libjpeg (jpeg.cc): an error jumps out of the step, in which nothing with a destructor may live.
class Session {
 public:
  explicit Session(Span<const std::uint8_t> bytes) : unread_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, this, on_read);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the cap on pixels is ours
  }
  ~Session() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  png_structp png() const { return png_; }
  png_infop info() const { return info_; }

  template <class Step>
  void run(const Step& step) {
    if (!attempt(step)) fail(ran_out_ ? "truncated PNG: the file ends early" : "corrupt PNG: " + std::string(message_));
  }

 private:
  template <class Step>
  bool attempt(const Step& step) {
    if (setjmp(escape_) != 0) return false;
    step();
    return true;
  }

  static void on_error(png_structp png, png_const_charp message) {
    auto& session = *static_cast<Session*>(png_get_error_ptr(png));
    std::strncpy(session.message_, message, sizeof(session.message_) - 1);
    std::longjmp(session.escape_, 1);
  }

  static void on_read(png_structp png, png_bytep to, std::size_t count) {
    auto& session = *static_cast<Session*>(png_get_io_ptr(png));
    if (count > session.unread_.size()) {
      session.ran_out_ = true;
      png_error(png, "the file ends early");
    }
    std::copy_n(session.unread_.data(), count, to);
    session.unread_ = {session.unread_.data() + count, session.unread_.size() - count};
  }

  Span<const std::uint8_t> unread_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf escape_{};
  char message_[128] = "";
  bool ran_out_ = false;
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

void read_rows(png_structp png, RgbImage& image, int passes) {
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(image.size_px.width);
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < image.size_px.height; ++y) {
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
  Session session(bytes);
  png_structp png = session.png();
  png_infop info = session.info();
  session.run([&] { png_read_info(png, info); });
  allocate(image, checked_size(png_get_image_width(png, info), png_get_image_height(png, info), max_pixels));
  session.run([&] {
    ask_for_rgb(png, info);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != 3 * static_cast<std::size_t>(image.size_px.width))
      png_error(png, "odd row size");
    read_rows(png, image, passes);
    png_read_end(png, info);
  });
  return orientation_of(png, info);
}

}  // namespace ppinfer
