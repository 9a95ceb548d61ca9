#include "decode/tiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "core/sniff.h"
#include "decode/fail.h"
#include "decode/jpeg_scans.h"
#include "decode/pixel_cap.h"
#include "decode/tiff_directory.h"

namespace ppinfer {
namespace {

// The most bytes that one decoded strip or tile may take, as libtiff decodes each as a whole: max_pixels pixels of four
// 16-bit samples.
std::uint64_t most_part_bytes(std::int64_t max_pixels) {
  constexpr std::uint64_t kMostPixelBytes = 8;
  return kMostPixelBytes * static_cast<std::uint64_t>(max_pixels);
}

// libtiff over borrowed bytes; what it has to say about them is kept, not printed. Its callbacks must not throw.
class TiffSession {
 public:
  TiffSession(Span<const std::uint8_t> bytes, std::int64_t max_pixels) : bytes_(bytes) {
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                   TIFFOpenOptionsFree);
    if (options == nullptr) throw std::bad_alloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, this);
    // Allowance for codecs and tags, beyond the pixels.
    constexpr std::uint64_t kOtherBytes = std::uint64_t{16} << 20;
    if (max_pixels > 0) {
      TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(),
                                          static_cast<tmsize_t>(most_part_bytes(max_pixels) + kOtherBytes));
    }
    tiff_ = TIFFClientOpenExt("image", "r", this, on_read, on_write, on_seek, on_close, on_size, on_map, on_unmap,
                              options.get());
    if (tiff_ == nullptr) fail_as_corrupt();
    complaint_[0] = '\0';  // what cost no picture
  }
  ~TiffSession() { TIFFClose(tiff_); }
  TiffSession(const TiffSession&) = delete;
  TiffSession& operator=(const TiffSession&) = delete;

  TIFF* tiff() const { return tiff_; }

  // After a step that reads pixels: `done` is what libtiff says of it.
  void check(bool done) const {
    // Codecs that take memory of their own say so by their message alone.
    for (const char* text : {"cannot allocate memory", "not enough memory", "ut of memory", "No space for"}) {
      if (std::strstr(complaint_, text) != nullptr) throw std::bad_alloc();
    }
    if (!done || complaint_[0] != '\0') fail_as_corrupt();
  }

  // Of a strip or a tile as stored; empty where it lies beyond the file's end.
  Span<const std::uint8_t> stored(std::uint32_t index) const {
    const std::uint64_t start = TIFFGetStrileOffset(tiff_, index);
    if (start >= bytes_.size()) return {};
    const std::uint64_t count = std::min<std::uint64_t>(TIFFGetStrileByteCount(tiff_, index), bytes_.size() - start);
    return {bytes_.data() + start, static_cast<std::size_t>(count)};
  }

  // Before memory is taken for pixels that the file can't hold.
  void require_bytes(std::uint64_t count) const {
    if (bytes_.size() < count) fail_as_corrupt("the file has fewer bytes than its pixels need");
  }

 private:
  [[noreturn]] void fail_as_corrupt(const char* without_complaint = "its data are invalid") const {
    if (tiff_ != nullptr && ends_before_data()) fail("truncated TIFF: the file ends early");
    fail("corrupt TIFF: " + std::string(complaint_[0] != '\0' ? complaint_ : without_complaint));
  }

  // Whether the data that lie last in the file lie beyond its end. Data that claim to be longer than the file although
  // others follow them have a wrong length instead.
  bool ends_before_data() const {
    const std::uint32_t count = TIFFIsTiled(tiff_) != 0 ? TIFFNumberOfTiles(tiff_) : TIFFNumberOfStrips(tiff_);
    std::uint64_t last_start = 0, end_of_last = 0;
    for (std::uint32_t index = 0; index < count; ++index) {
      const std::uint64_t start = TIFFGetStrileOffset(tiff_, index);
      if (start < last_start) continue;
      last_start = start;
      end_of_last = start + std::min(TIFFGetStrileByteCount(tiff_, index), most_bytes_of(index));
    }
    return last_start >= bytes_.size() || end_of_last > bytes_.size() || end_of_last < last_start;
  }

  // Of a strip or a tile: uncompressed ones can't have more than their pixels.
  std::uint64_t most_bytes_of(std::uint32_t index) const {
    std::uint16_t compression = COMPRESSION_NONE;
    std::uint32_t height_px = 0, rows = 0;
    TIFFGetFieldDefaulted(tiff_, TIFFTAG_COMPRESSION, &compression);
    if (compression != COMPRESSION_NONE) return std::numeric_limits<std::uint64_t>::max();
    if (TIFFIsTiled(tiff_) != 0) return TIFFTileSize64(tiff_);
    TIFFGetField(tiff_, TIFFTAG_IMAGELENGTH, &height_px);
    TIFFGetFieldDefaulted(tiff_, TIFFTAG_ROWSPERSTRIP, &rows);
    if (rows == 0 || rows >= height_px) return TIFFStripSize64(tiff_);
    const std::uint32_t strips = (height_px - 1) / rows + 1;  // of a plane
    return TIFFVStripSize64(tiff_, std::min(rows, height_px - index % strips * rows));
  }

  static TiffSession& of(void* handle) { return *static_cast<TiffSession*>(handle); }

  void keep(const char* format, va_list values) {
    if (complaint_[0] == '\0') std::vsnprintf(complaint_, sizeof(complaint_), format, values);
  }

  static int on_error(TIFF*, void* session, const char*, const char* format, va_list values) {
    of(session).keep(format, values);
    return 1;
  }

  // Most warnings are about tags, and cost no pixels.
  static int on_warning(TIFF*, void* session, const char* module, const char* format, va_list values) {
    const auto begins = [](const char* text, const char* start) {
      return text != nullptr && std::strncmp(text, start, std::strlen(start)) == 0;
    };
    const bool is_of_jpeg = begins(module, "JPEGLib") || begins(module, "LibJpeg");
    const bool is_of_fax = begins(module, "Fax");
    const bool is_small_jpeg = begins(module, "JPEGPreDecode") && begins(format, "Improper");
    if (is_of_jpeg || is_of_fax || is_small_jpeg) of(session).keep(format, values);
    return 1;
  }

  static tmsize_t on_read(thandle_t session, void* to, tmsize_t count) {
    TiffSession& self = of(session);
    const std::uint64_t left = self.bytes_.size() - std::min<std::uint64_t>(self.position_, self.bytes_.size());
    const std::uint64_t given = std::min(left, static_cast<std::uint64_t>(std::max<tmsize_t>(count, 0)));
    std::memcpy(to, self.bytes_.data() + self.position_, static_cast<std::size_t>(given));
    self.position_ += given;
    return static_cast<tmsize_t>(given);
  }
  static tmsize_t on_write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t on_seek(thandle_t session, toff_t offset, int origin) {
    TiffSession& self = of(session);
    if (origin == SEEK_CUR) offset += self.position_;
    if (origin == SEEK_END) offset += self.bytes_.size();
    return self.position_ = std::min<toff_t>(offset, self.bytes_.size());
  }
  static int on_close(thandle_t) { return 0; }
  static toff_t on_size(thandle_t session) { return of(session).bytes_.size(); }
  static int on_map(thandle_t session, void** base,
                    toff_t* size) {  // libtiff only reads the bytes, though its type isn't const
    *base = const_cast<std::uint8_t*>(of(session).bytes_.data());
    *size = of(session).bytes_.size();
    return 1;
  }
  static void on_unmap(thandle_t, void*, toff_t) {}

  Span<const std::uint8_t> bytes_;
  std::uint64_t position_ = 0;
  TIFF* tiff_ = nullptr;
  char complaint_[256] = "";  // the first one
};

template <class Value>
Value field(TIFF* tiff, std::uint32_t tag, Value otherwise = 0) {
  Value value = 0;
  return TIFFGetFieldDefaulted(tiff, tag, &value) != 0 ? value : otherwise;
}

// A raw file shows a small picture of itself to readers of TIFF, or its sensor's values.
void refuse_raw(TIFF* tiff) {
  constexpr std::uint16_t kColorFilterArray = 32803, kLinearRaw = 34892;
  const std::uint8_t* version = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_DNGVERSION, &version) != 0) fail(unsupported("DNG (raw)"));
  const auto photometric = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC);
  if (photometric == kColorFilterArray || photometric == kLinearRaw) fail(unsupported("camera raw"));
  std::uint16_t count = 0;
  const std::uint64_t* offsets = nullptr;
  const bool is_reduced = (field<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0;
  if (!is_reduced || TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) == 0 || count == 0) return;
  const char* maker = nullptr;
  const bool is_made = TIFFGetField(tiff, TIFFTAG_MAKE, &maker) != 0 && maker != nullptr;
  for (const auto& [start, name] :
       {std::pair{"NIKON", "NEF (raw)"}, {"SONY", "ARW (raw)"}, {"PENTAX", "PEF (raw)"}, {"SAMSUNG", "SRW (raw)"}}) {
    if (is_made && std::strncmp(maker, start, std::strlen(start)) == 0) fail(unsupported(name));
  }
  fail(unsupported("camera raw"));
}

// libjbig reads its own image size from the data, allocates memory for it, and ends the process if that fails.
bool has_codec(std::uint16_t compression) {
  return compression != COMPRESSION_JBIG && TIFFIsCODECConfigured(compression) != 0;
}

std::string unsupported_samples(TIFF* tiff) {
  const auto compression = field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION);
  if (!has_codec(compression)) {
    return "TIFF with compression " + std::to_string(compression) + " is not supported";
  }
  const auto format = field<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT);
  const auto bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE);
  std::string name = format == SAMPLEFORMAT_IEEEFP ? " float" : "";
  if (format == SAMPLEFORMAT_INT) name = " signed integer";
  if (format == SAMPLEFORMAT_COMPLEXINT || format == SAMPLEFORMAT_COMPLEXIEEEFP) name = " complex";
  std::string text = "TIFF with " + std::to_string(bits) + "-bit" + name + " samples";
  const bool is_usual = name.empty() && (bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16);
  if (is_usual) {
    text += ", " + std::to_string(field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL)) +
            " a pixel, of photometric interpretation " +
            std::to_string(field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC));
  }
  return text + " is not supported";
}

// Decoded bytes that a byte of the file stands for at most; 0: no such number is known.
std::uint64_t largest_expansion(std::uint16_t compression) {
  switch (compression) {
    case COMPRESSION_NONE:
      return 1;
    case COMPRESSION_PACKBITS:
      return 64;
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
      return 1032;
    case COMPRESSION_LZW:
      return 4096;
    case COMPRESSION_LZMA:  // at least 14 decisions of 0.022 bits for 273 bytes, which is 7,090
      return 8192;
    case COMPRESSION_ZSTD:  // a block of 4 bytes for 128 KiB
      return 32768;
    default:
      return 0;
  }
}

void require_few_samples(TIFF* tiff) {
  constexpr std::uint16_t kMostSamples = 16;  // a pixel
  const auto samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
  if (samples > kMostSamples) fail("TIFF with " + std::to_string(samples) + " samples a pixel is not supported");
}

// Checks one strip or tile, which libtiff decodes as a whole, against max_pixels. Returns its decoded size in bytes.
std::uint64_t checked_part_bytes(const TiffSession& session, Size part_px, std::int64_t max_pixels) {
  TIFF* const tiff = session.tiff();
  const bool is_tiled = TIFFIsTiled(tiff) != 0;
  const std::uint64_t part_bytes = is_tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  if (max_pixels > 0 && part_bytes > most_part_bytes(max_pixels)) {
    fail("TIFF with " + std::string(is_tiled ? "tiles" : "strips") + " of " + std::to_string(part_px.width) + "x" +
         std::to_string(part_px.height) + " px that take " + std::to_string(part_bytes) +
         " bytes each, more than the " + std::to_string(most_part_bytes(max_pixels)) + " that max_pixels " +
         std::to_string(max_pixels) + " allows");
  }
  return part_bytes;
}

void require_enough_bytes(const TiffSession& session, Size size_px, std::uint64_t part_bytes) {
  TIFF* const tiff = session.tiff();
  const std::uint64_t expansion = largest_expansion(field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION));
  if (expansion == 0) return;
  // Of planes and of YCbCr it's the least that there can be.
  const std::uint64_t bits = std::uint64_t{field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE)} *
                             static_cast<std::uint64_t>(size_px.width) * static_cast<std::uint64_t>(size_px.height);
  session.require_bytes(std::max(bits / 8, part_bytes) / expansion);
}

// Note [Work of a JPEG's scans], of all strips or tiles together.
void require_few_scans(const TiffSession& session, Size size_px, Size part_px) {
  TIFF* const tiff = session.tiff();
  if (field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION) != COMPRESSION_JPEG) return;
  const auto blocks_of = [](Size px) {
    constexpr std::uint64_t kBlockPx = 8;
    return ((static_cast<std::uint64_t>(px.width) + kBlockPx - 1) / kBlockPx) *
           ((static_cast<std::uint64_t>(px.height) + kBlockPx - 1) / kBlockPx);
  };
  const std::uint32_t parts = TIFFIsTiled(tiff) != 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  const std::uint64_t samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
  // One scan for each sample of each part is free, however small the parts are.
  const std::uint64_t most_blocks = most_scan_blocks(samples * blocks_of(size_px)) + parts * samples * kScanSetupBlocks;
  std::uint64_t blocks = 0;
  for (std::uint32_t part = 0; part < parts; ++part) {
    blocks += scan_blocks(session.stored(part), blocks_of(part_px));
    if (blocks > most_blocks) {
      fail("TIFF with JPEG data of more scans than " + std::to_string(size_px.width) + "x" +
           std::to_string(size_px.height) + " px may have");
    }
  }
}

void require_readable(TIFF* tiff) {
  char message[1024] = "";
  if (!has_codec(field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION)) || TIFFRGBAImageOK(tiff, message) == 0)
    fail(unsupported_samples(tiff));
}

void require_memory_for_part(TIFF* tiff, std::uint64_t part_bytes) {
  constexpr std::uint64_t kMostPlanes = 4;  // libtiff holds one part of each plane
  const bool is_planar = field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
  require_memory(is_planar ? kMostPlanes * part_bytes : part_bytes);
}

// libtiff's conversion to 8 bits and RGBA, of a TIFF that is readable.
class RgbaReader {
 public:
  explicit RgbaReader(TIFF* tiff) {
    char message[1024] = "";
    constexpr int kStopOnError = 1;
    if (TIFFRGBAImageBegin(&image_, tiff, kStopOnError, message) == 0) fail(unsupported_samples(tiff));
    image_.req_orientation = image_.orientation;  // as stored
  }
  ~RgbaReader() { TIFFRGBAImageEnd(&image_); }
  RgbaReader(const RgbaReader&) = delete;
  RgbaReader& operator=(const RgbaReader&) = delete;

  // Whole rows; `rgba` has room for them.
  bool read(int first_row, int rows, std::uint32_t* rgba) {
    image_.row_offset = first_row;
    image_.col_offset = 0;
    return TIFFRGBAImageGet(&image_, rgba, image_.width, static_cast<std::uint32_t>(rows)) != 0;
  }

 private:
  TIFFRGBAImage image_{};
};

// `rgb` may begin where `rgba` does, or before it.
void to_rgb(const std::uint32_t* rgba, std::size_t count, std::uint8_t* rgb) {
  for (std::size_t index = 0; index < count; ++index, rgb += 3) {
    const std::uint32_t pixel = rgba[index];
    rgb[0] = static_cast<std::uint8_t>(TIFFGetR(pixel));
    rgb[1] = static_cast<std::uint8_t>(TIFFGetG(pixel));
    rgb[2] = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
}

}  // namespace

Orientation decode_tiff(Span<const std::uint8_t> bytes, std::int64_t max_pixels, RgbImage& image) {
  check_tiff_directory(bytes);
  TiffSession session(bytes, max_pixels);
  TIFF* const tiff = session.tiff();
  refuse_raw(tiff);
  const Size size_px = checked_size(field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH),
                                    field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH), max_pixels);
  image.size_px = size_px;
  require_few_samples(tiff);
  const bool is_tiled = TIFFIsTiled(tiff) != 0;
  const auto part_height = field<std::uint32_t>(tiff, is_tiled ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP);
  const auto part_rows = std::clamp<std::uint32_t>(part_height, 1, static_cast<std::uint32_t>(size_px.height));
  const Size part_px = is_tiled ? checked_size(field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH), part_height, max_pixels)
                                : Size{size_px.width, static_cast<int>(part_rows)};
  require_readable(tiff);
  require_few_scans(session, size_px, part_px);
  require_enough_bytes(session, size_px, checked_part_bytes(session, part_px, max_pixels));
  RgbaReader reader(tiff);  // for some JPEGs it changes the decoded size of a part, so that is checked again
  const std::uint64_t part_bytes = checked_part_bytes(session, part_px, max_pixels);
  const auto width = static_cast<std::size_t>(size_px.width);
  // libtiff writes a part as RGBA, 4 bytes a pixel, into the place where its RGB goes; to_rgb packs it there.
  const std::size_t more_bytes = width * part_rows + sizeof(std::uint32_t);
  allocate(image, size_px, more_bytes);
  const std::size_t pixel_bytes = image.pixels.size();
  image.pixels.resize(pixel_bytes + more_bytes);
  require_memory_for_part(tiff, part_bytes);
  for (int y = 0; y < size_px.height; y += static_cast<int>(part_rows)) {
    const int rows = std::min(static_cast<int>(part_rows), size_px.height - y);
    const std::size_t begin = 3 * width * static_cast<std::size_t>(y);
    const std::size_t aligned = (begin + sizeof(std::uint32_t) - 1) / sizeof(std::uint32_t) * sizeof(std::uint32_t);
    auto* const rgba = reinterpret_cast<std::uint32_t*>(image.pixels.data() + aligned);
    const bool is_read = reader.read(y, rows, rgba);
    if (!is_read) require_memory_for_part(tiff, part_bytes);
    session.check(is_read);
    to_rgb(rgba, width * static_cast<std::size_t>(rows), image.pixels.data() + begin);
  }
  image.pixels.resize(pixel_bytes);
  return static_cast<Orientation>(field<std::uint16_t>(tiff, TIFFTAG_ORIENTATION, 1));
}

}  // namespace ppinfer
