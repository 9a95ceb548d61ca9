#include "decode/gif.h"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <string>
#include <vector>

#include "core/image_failure.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kDecode, reason); }

// giflib's reader over borrowed bytes. Every call of it passes through `check`.
class Session {
 public:
  explicit Session(Span<const std::uint8_t> bytes) : unread_(bytes) {
    int error = D_GIF_SUCCEEDED;
    gif_ = DGifOpen(this, on_read, &error);
    if (gif_ == nullptr) fail_with(error);
  }
  ~Session() { DGifCloseFile(gif_, nullptr); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  GifFileType* gif() const { return gif_; }

  void check(int status) const {
    if (status != GIF_OK) fail_with(gif_->Error);
  }

 private:
  [[noreturn]] void fail_with(int error) const {
    if (error == D_GIF_ERR_NOT_ENOUGH_MEM) throw std::bad_alloc();
    if (ran_out_) fail("truncated GIF: the file ends early");
    const char* const text = GifErrorString(error);
    fail("corrupt GIF: " + std::string(text != nullptr ? text : "an image without a picture"));
  }

  static int on_read(GifFileType* gif, GifByteType* to, int count) {
    auto& session = *static_cast<Session*>(gif->UserData);
    const std::size_t given = std::min(session.unread_.size(), static_cast<std::size_t>(count));
    session.ran_out_ = session.ran_out_ || given < static_cast<std::size_t>(count);
    std::copy_n(session.unread_.data(), given, to);
    session.unread_ = {session.unread_.data() + given, session.unread_.size() - given};
    return static_cast<int>(given);
  }

  Span<const std::uint8_t> unread_;
  GifFileType* gif_ = nullptr;
  bool ran_out_ = false;
};

// Returns the transparent color that the extension sets, else `transparent`.
int read_extension(const Session& session, int transparent) {
  int code = 0;
  GifByteType* block = nullptr;
  session.check(DGifGetExtension(session.gif(), &code, &block));
  while (block != nullptr) {
    GraphicsControlBlock control;
    const bool is_control = code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4;
    if (is_control && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent = control.TransparentColor;
    }
    session.check(DGifGetExtensionNext(session.gif(), &block));
  }
  return transparent;
}

void skip_picture(const Session& session) {
  int code_size = 0;
  GifByteType* block = nullptr;
  session.check(DGifGetImageDesc(session.gif()));
  session.check(DGifGetCode(session.gif(), &code_size, &block));
  while (block != nullptr) session.check(DGifGetCodeNext(session.gif(), &block));
}

// OpenCV's choice, whatever is said of transparency; browsers show the page behind instead.
void fill_canvas(const GifFileType& gif, RgbImage& image) {
  const ColorMapObject* const colors = gif.SColorMap;
  const bool has_background = colors != nullptr && gif.SBackGroundColor < colors->ColorCount;
  const GifColorType color = has_background ? colors->Colors[gif.SBackGroundColor] : GifColorType{0, 0, 0};
  for (std::size_t index = 0; index < image.pixels.size(); index += 3) {
    image.pixels[index] = color.Red;
    image.pixels[index + 1] = color.Green;
    image.pixels[index + 2] = color.Blue;
  }
}

struct RowPass {
  int first, step;
};
constexpr RowPass kPlain[] = {{0, 1}};
constexpr RowPass kInterlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

// Of a file that brings none, as OpenCV has it: black, white, then grays.
const GifColorType* default_colors() {
  static const auto colors = [] {
    std::array<GifColorType, 256> grays{};
    for (int index = 0; index < 256; ++index) {
      const auto level = static_cast<GifByteType>(index == 1 ? 255 : index);
      grays[static_cast<std::size_t>(index)] = {level, level, level};
    }
    return grays;
  }();
  return colors.data();
}

Span<const GifColorType> colors_of(const GifFileType& gif) {
  const ColorMapObject* const colors = gif.Image.ColorMap != nullptr ? gif.Image.ColorMap : gif.SColorMap;
  if (colors == nullptr) return {default_colors(), 256};
  return {colors->Colors, static_cast<std::size_t>(colors->ColorCount)};
}

void draw_row(const std::vector<GifPixelType>& row, Span<const GifColorType> colors, int transparent,
              std::uint8_t* rgb) {
  for (const int index : row) {
    if (index != transparent) {
      if (index >= static_cast<int>(colors.size())) fail("corrupt GIF: a pixel's color is not in its palette");
      const GifColorType& color = colors[static_cast<std::size_t>(index)];
      rgb[0] = color.Red;
      rgb[1] = color.Green;
      rgb[2] = color.Blue;
    }
    rgb += 3;
  }
}

void draw_picture(const Session& session, int transparent, RgbImage& image) {
  session.check(DGifGetImageDesc(session.gif()));
  const GifImageDesc& picture = session.gif()->Image;
  const bool is_inside = picture.Width > 0 && picture.Height > 0 &&
                         picture.Left + picture.Width <= image.size_px.width &&
                         picture.Top + picture.Height <= image.size_px.height;
  if (!is_inside) fail("corrupt GIF: its picture doesn't lie on its canvas");
  const Span<const GifColorType> colors = colors_of(*session.gif());
  std::vector<GifPixelType> row(static_cast<std::size_t>(picture.Width));
  const auto draw = [&](const RowPass& pass) {
    for (int y = pass.first; y < picture.Height; y += pass.step) {
      session.check(DGifGetLine(session.gif(), row.data(), picture.Width));
      const auto canvas_row = static_cast<std::size_t>(picture.Top + y) * static_cast<std::size_t>(image.size_px.width);
      const std::size_t corner = 3 * (canvas_row + static_cast<std::size_t>(picture.Left));
      draw_row(row, colors, transparent, image.pixels.data() + corner);
    }
  };
  if (picture.Interlace) {
    for (const RowPass& pass : kInterlaced) draw(pass);
  } else {
    draw(kPlain[0]);
  }
}

}  // namespace

void decode_gif(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  const Session session(bytes);
  const GifFileType& gif = *session.gif();
  allocate(image,
           checked_size(static_cast<std::uint64_t>(gif.SWidth), static_cast<std::uint64_t>(gif.SHeight), max_pixels));
  fill_canvas(gif, image);
  int transparent = NO_TRANSPARENT_COLOR;
  bool is_drawn = false;
  GifRecordType record = UNDEFINED_RECORD_TYPE;
  while (record != TERMINATE_RECORD_TYPE) {
    session.check(DGifGetRecordType(session.gif(), &record));
    if (record == EXTENSION_RECORD_TYPE) transparent = read_extension(session, transparent);
    if (record == IMAGE_DESC_RECORD_TYPE && is_drawn) skip_picture(session);
    if (record == IMAGE_DESC_RECORD_TYPE && !is_drawn) draw_picture(session, transparent, image);
    is_drawn = is_drawn || record == IMAGE_DESC_RECORD_TYPE;
  }
  if (!is_drawn) fail("corrupt GIF: no picture in it");
}

}  // namespace ppinfer
