#include "decode/heic.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <string>

#include "core/machine_failure.h"
#include "decode/fail.h"
#include "decode/optional_library.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

struct Context;
struct Handle;
struct Picture;

struct HeifError {
  int code;
  int detail;
  const char* message;
};

struct DecodingOptions {  // allocated by libheif; its first members
  std::uint8_t version;
  std::uint8_t leaves_as_stored;
  void* progress[4];
  std::uint8_t convert_to_8_bits;  // since version 2
  std::uint8_t is_strict;          // since version 3
};

constexpr int kRgbColors = 1, kInterleavedRgb = 10, kInterleavedRgba = 11, kInterleavedChannel = 10;

struct Libheif {
  OptionalLibrary file{{"libheif.so.1"}, "HEIC needs libheif", "libheif1"};
  HeifError (*init)(void*);
  Context* (*alloc)();
  void (*free)(Context*);
  void (*set_threads)(Context*, int);
  HeifError (*read)(Context*, const void*, std::size_t, const void*);
  HeifError (*main_picture)(Context*, Handle**);
  void (*release_handle)(const Handle*);
  int (*stated_width)(const Handle*);
  int (*stated_height)(const Handle*);
  int (*is_premultiplied)(const Handle*);
  DecodingOptions* (*alloc_options)();
  void (*free_options)(DecodingOptions*);
  HeifError (*decode)(const Handle*, Picture**, int, int, const DecodingOptions*);
  void (*release_picture)(const Picture*);
  int (*width)(const Picture*, int);
  int (*height)(const Picture*, int);
  const std::uint8_t* (*plane)(const Picture*, int, int*);

  Libheif() {
    file.find_if_there("heif_init", init);
    file.find("heif_context_alloc", alloc);
    file.find("heif_context_free", free);
    file.find("heif_context_set_max_decoding_threads", set_threads);
    file.find("heif_context_read_from_memory_without_copy", read);
    file.find("heif_context_get_primary_image_handle", main_picture);
    file.find("heif_image_handle_release", release_handle);
    file.find("heif_image_handle_get_width", stated_width);
    file.find("heif_image_handle_get_height", stated_height);
    file.find("heif_image_handle_is_premultiplied_alpha", is_premultiplied);
    file.find("heif_decoding_options_alloc", alloc_options);
    file.find("heif_decoding_options_free", free_options);
    file.find("heif_decode_image", decode);
    file.find("heif_image_release", release_picture);
    file.find("heif_image_get_width", width);
    file.find("heif_image_get_height", height);
    file.find("heif_image_get_plane_readonly", plane);
    if (init != nullptr) init(nullptr);  // loads its decoders, where they are files of their own
  }
};

template <class Thing>
using Owned = std::unique_ptr<Thing, void (*)(Thing*)>;

void require_success(const HeifError& error) {
  constexpr int kNoMemory = 6, kNoPlugin = 11, kBeyondLimit = 1000, kUnknownCodec = 3000, kNoDecoder = 6003;
  if (error.code == 0) return;
  if (error.code == kNoMemory && error.detail != kBeyondLimit) throw std::bad_alloc();
  if (error.code == kNoPlugin || error.detail == kUnknownCodec || error.detail == kNoDecoder) {
    throw MachineFailure(
        "HEIC needs a libheif that decodes HEVC (Debian, Ubuntu: apt install libheif-plugin-libde265)");
  }
  fail(std::string("corrupt HEIC: ") + (error.message == nullptr ? "no reason given" : error.message));
}

// RGBA whose colors are stored as multiplied by alpha.
void divide_by_alpha(const std::uint8_t* rgba, int width_px, std::uint8_t* rgb) {
  for (int x = 0; x < width_px; ++x, rgba += 4, rgb += 3) {
    const int alpha = rgba[3];
    for (int channel = 0; channel < 3; ++channel) {
      const int color = alpha == 0 ? 0 : (rgba[channel] * 255 + alpha / 2) / alpha;
      rgb[channel] = static_cast<std::uint8_t>(std::min(color, 255));
    }
  }
}

}  // namespace

void decode_heic(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  const Libheif& libheif = loaded<Libheif>();
  const Owned<Context> context(libheif.alloc(), libheif.free);
  if (context == nullptr) throw std::bad_alloc();
  libheif.set_threads(context.get(), 0);  // a lane is a thread
  require_success(libheif.read(context.get(), bytes.data(), bytes.size(), nullptr));
  Handle* new_handle = nullptr;
  require_success(libheif.main_picture(context.get(), &new_handle));
  const std::unique_ptr<Handle, void (*)(const Handle*)> handle(new_handle, libheif.release_handle);
  const int width = libheif.stated_width(handle.get()), height = libheif.stated_height(handle.get());
  if (width < 0 || height < 0) fail("corrupt HEIC: a side is negative");
  allocate(image, checked_size(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), max_pixels));
  // Its planes and its RGB: the decoder doesn't tell a lack of memory from a damaged file.
  require_memory(3 * image.pixels.size());
  const Owned<DecodingOptions> options(libheif.alloc_options(), libheif.free_options);
  if (options == nullptr) throw std::bad_alloc();
  if (options->version >= 2) options->convert_to_8_bits = 1;
  if (options->version >= 3) options->is_strict = 1;
  Picture* new_picture = nullptr;
  const bool is_premultiplied = libheif.is_premultiplied(handle.get()) != 0;
  require_success(libheif.decode(handle.get(), &new_picture, kRgbColors,
                                 is_premultiplied ? kInterleavedRgba : kInterleavedRgb, options.get()));
  const std::unique_ptr<Picture, void (*)(const Picture*)> picture(new_picture, libheif.release_picture);
  const Size decoded_px{libheif.width(picture.get(), kInterleavedChannel),
                        libheif.height(picture.get(), kInterleavedChannel)};
  if (decoded_px != image.size_px) fail("corrupt HEIC: its picture has another size than its header says");
  int stride = 0;
  const std::uint8_t* row = libheif.plane(picture.get(), kInterleavedChannel, &stride);
  if (row == nullptr) fail("corrupt HEIC: no picture in it");
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y, row += stride) {
    std::uint8_t* const to = image.pixels.data() + y * row_bytes;
    is_premultiplied ? divide_by_alpha(row, width, to) : static_cast<void>(std::copy_n(row, row_bytes, to));
  }
}

}  // namespace ppinfer
