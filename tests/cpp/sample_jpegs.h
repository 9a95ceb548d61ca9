// JPEGs of every make, by libjpeg itself: Debian's OpenCV can't choose the chroma's sampling, among others.
#pragma once

#include <cstdio>  // jpeglib.h wants it
#include <cstdlib>
#include <ostream>

// After the standard headers, which it doesn't include itself.
#include <jpeglib.h>

#include "sample_images.h"

namespace ppinfer {

struct JpegSettings {
  int components = 3;  // 1: gray, 3: YCbCr, 4: YCCK
  cv::Size luma_per_chroma{2, 2};
  int quality = 90;
  bool progressive = false;
  bool arithmetic = false;
  bool one_scan_a_component = false;
  int restart_interval = 0;  // MCUs; 0: none
  int orientation = 1;       // EXIF's

  friend std::ostream& operator<<(std::ostream& out, const JpegSettings& settings) {
    return out << settings.components << " components, " << settings.luma_per_chroma.width << "x"
               << settings.luma_per_chroma.height << ", quality " << settings.quality
               << (settings.progressive ? ", progressive" : "") << (settings.arithmetic ? ", arithmetic" : "")
               << (settings.one_scan_a_component ? ", a scan a component" : "") << ", restart interval "
               << settings.restart_interval << ", orientation " << settings.orientation;
  }
};

inline cv::Mat rows_for(const cv::Mat& bgr, int components) {
  cv::Mat rows = bgr;
  if (components == 1) cv::cvtColor(bgr, rows, cv::COLOR_BGR2GRAY);
  if (components == 4) cv::cvtColor(bgr, rows, cv::COLOR_BGR2BGRA);  // any four channels will do for inks
  return rows;
}

inline Bytes encode_jpeg(const cv::Mat& bgr, const JpegSettings& settings) {
  cv::Mat rows = rows_for(bgr, settings.components);
  jpeg_compress_struct encoder;
  jpeg_error_mgr errors;
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* encoded = nullptr;
  unsigned long length = 0;
  jpeg_mem_dest(&encoder, &encoded, &length);
  encoder.image_width = static_cast<JDIMENSION>(rows.cols);
  encoder.image_height = static_cast<JDIMENSION>(rows.rows);
  encoder.input_components = settings.components;
  encoder.in_color_space = settings.components == 1 ? JCS_GRAYSCALE : settings.components == 3 ? JCS_EXT_BGR : JCS_CMYK;
  jpeg_set_defaults(&encoder);
  if (settings.components == 4) jpeg_set_colorspace(&encoder, JCS_YCCK);
  jpeg_set_quality(&encoder, settings.quality, TRUE);
  encoder.restart_interval = static_cast<unsigned>(settings.restart_interval);
  encoder.arith_code = settings.arithmetic ? TRUE : FALSE;
  if (settings.components > 1) {
    encoder.comp_info[0].h_samp_factor = settings.luma_per_chroma.width;
    encoder.comp_info[0].v_samp_factor = settings.luma_per_chroma.height;
  }
  // MCUs may hold ten blocks; wilder samplings fit in scans of one component only.
  const int luma_blocks = settings.luma_per_chroma.area() * (settings.components == 4 ? 2 : 1);
  jpeg_scan_info scans[4] = {};
  for (int component = 0; component < settings.components; ++component) {
    scans[component].comps_in_scan = 1;
    scans[component].component_index[0] = component;
    scans[component].Se = 63;
  }
  if (settings.components == 4) {
    encoder.comp_info[3].h_samp_factor = settings.luma_per_chroma.width;
    encoder.comp_info[3].v_samp_factor = settings.luma_per_chroma.height;
  }
  if (settings.components > 1 && (settings.one_scan_a_component || luma_blocks + 2 > 10)) {
    encoder.scan_info = scans;
    encoder.num_scans = settings.components;
  } else if (settings.progressive) {
    jpeg_simple_progression(&encoder);
  }
  jpeg_start_compress(&encoder, TRUE);
  if (settings.orientation != 1) {
    const std::string block = std::string("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25) +
                              static_cast<char>(settings.orientation) + std::string(6, '\0');
    jpeg_write_marker(&encoder, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(block.data()),
                      static_cast<unsigned>(block.size()));
  }
  for (int y = 0; y < rows.rows; ++y) {
    JSAMPROW row = rows.ptr(y);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  Bytes bytes(encoded, encoded + length);
  std::free(encoded);
  jpeg_destroy_compress(&encoder);
  return bytes;
}

}  // namespace ppinfer
