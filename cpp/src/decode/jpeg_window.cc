#include "decode/jpeg_window.h"

#include <algorithm>
#include <cstddef>

namespace ppinfer {
namespace {

// Note [Seams of a JPEG window]
// Smooth chroma upsampling mixes a chroma sample (2 px wide and high) with its neighbours, and takes the window's edge
// for the picture's. So the window is wider than the needed region, by more than the two pixels that can differ;
// libjpeg widens the window to whole blocks on the left. libjpeg upsamples narrow windows by another method, which the
// seam prevents. Rows need no seam: libjpeg keeps the rows around a skip.
constexpr int kSeamPx = 8;

// Chroma that came in too few refinements is smoothed across blocks, at the window's edge with other neighbours.
bool is_smoothed_across_blocks(const jpeg_decompress_struct& codec) {
  if (!codec.progressive_mode || codec.coef_bits == nullptr) return false;
  for (int component = 0; component < codec.num_components; ++component) {
    const int* const unknown_bits = codec.coef_bits[component];
    if (std::any_of(unknown_bits, unknown_bits + DCTSIZE2, [](int bits) { return bits != 0; })) return true;
  }
  return false;
}

// libjpeg miscounts samples and rows of reduced pictures that it crops or skips in, where chroma is sampled a quarter
// as finely: seen with 2.1.5.
bool is_miscounted(const jpeg_decompress_struct& codec) {
  const bool is_reduced = codec.scale_num != codec.scale_denom;
  return is_reduced && (codec.max_h_samp_factor > 2 || codec.max_v_samp_factor > 2);
}

// Ink that is stored as 255 - ink, as every writer of such files does it. The same integer steps as OpenCV's.
void cmyk_row_to_rgb(const std::uint8_t* cmyk, int width_px, std::uint8_t* rgb) {
  for (int x = 0; x < width_px; ++x, cmyk += 4, rgb += 3) {
    const int black = cmyk[3];
    for (int channel = 0; channel < 3; ++channel) {
      rgb[channel] = static_cast<std::uint8_t>(black - ((255 - cmyk[channel]) * black >> 8));
    }
  }
}

// Crops to the columns of `window` and sets it to what the codec made of that.
void crop_columns(jpeg_decompress_struct& codec, Region& window) {
  auto left = static_cast<JDIMENSION>(window.x);
  auto width = static_cast<JDIMENSION>(window.width);
  if (width == codec.output_width) return;
  jpeg_crop_scanline(&codec, &left, &width);
  window.x = static_cast<int>(left);
  window.width = static_cast<int>(width);
}

void read_row(jpeg_decompress_struct& codec, const Region& window, RgbImage& image, std::uint8_t* cmyk_row) {
  const auto row_start =
      static_cast<std::size_t>(codec.output_scanline) * static_cast<std::size_t>(image.size_px.width);
  std::uint8_t* const rgb_row = image.pixels.data() + 3 * (row_start + static_cast<std::size_t>(window.x));
  JSAMPROW row = cmyk_row != nullptr ? cmyk_row : rgb_row;
  jpeg_read_scanlines(&codec, &row, 1);  // never 0: a memory source doesn't suspend
  if (cmyk_row != nullptr) cmyk_row_to_rgb(cmyk_row, window.width, rgb_row);
}

}  // namespace

void choose_scale(jpeg_decompress_struct& codec, Size smallest_px) {
  const auto keeps = [](JDIMENSION side_px, unsigned eighths, int smallest_side_px) {
    return (std::uint64_t{side_px} * eighths + 7) / 8 >= static_cast<std::uint64_t>(std::max(1, smallest_side_px));
  };
  codec.scale_denom = 8;
  for (const unsigned eighths : {1u, 2u, 4u, 8u}) {  // the scales whose transforms have SIMD code
    codec.scale_num = eighths;
    if (keeps(codec.image_width, eighths, smallest_px.width) && keeps(codec.image_height, eighths, smallest_px.height))
      return;
  }
}

Region read_window(jpeg_decompress_struct& codec, const Region& needed, RgbImage& image, std::uint8_t* cmyk_row) {
  jpeg_start_decompress(&codec);
  const bool needs_all = is_smoothed_across_blocks(codec) || is_miscounted(codec);
  Region window = needs_all ? whole(image.size_px) : widened(needed, kSeamPx, image.size_px);
  crop_columns(codec, window);
  if (window.y > 0) jpeg_skip_scanlines(&codec, static_cast<JDIMENSION>(window.y));
  const auto bottom = static_cast<JDIMENSION>(window.y + window.height);
  while (codec.output_scanline < bottom) read_row(codec, window, image, cmyk_row);
  // The rest may be truncated or corrupt. A skip to the end would not check the data, so the last row is read. Files
  // with several scans were read completely at the start.
  const bool is_checked = bottom == codec.output_height || jpeg_has_multiple_scans(&codec);
  if (!is_checked) {
    if (bottom + 1 < codec.output_height) jpeg_skip_scanlines(&codec, codec.output_height - 1 - bottom);
    read_row(codec, window, image, cmyk_row);
  }
  return window;
}

}  // namespace ppinfer
