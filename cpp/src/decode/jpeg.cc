#include "decode/jpeg.h"

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h wants it
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <vector>

// After the standard headers, which it doesn't include itself.
#include <jpeglib.h>
// After jpeglib.h, whose settings decide the numbers of its messages.
#include <jerror.h>

#include "decode/fail.h"
#include "decode/jpeg_scans.h"
#include "decode/jpeg_window.h"
#include "decode/orient.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

constexpr int kJpegLsFrame = 0xf7;  // the marker that begins its frame

constexpr char kExifMark[] = "Exif\0";  // six bytes with the implied zero
constexpr std::size_t kExifMarkBytes = sizeof(kExifMark);

// libjpeg reports by calling back and must not be returned to after an error: `run` sets where error_exit jumps to.
// A step may not have an object with a destructor, because the jump skips destructors.
class JpegSession {
 public:
  JpegSession() {
    codec_.err = jpeg_std_error(&errors_);
    codec_.client_data = this;
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = on_progress;
  }
  ~JpegSession() { jpeg_destroy_decompress(&codec_); }
  JpegSession(const JpegSession&) = delete;
  JpegSession& operator=(const JpegSession&) = delete;

  jpeg_decompress_struct& codec() { return codec_; }

  void read_header(Span<const std::uint8_t> bytes) {
    run([&] {
      jpeg_create_decompress(&codec_);
      codec_.progress = &progress_;
      jpeg_mem_src(&codec_, bytes.data(), static_cast<unsigned long>(bytes.size()));
      jpeg_set_marker_processor(&codec_, JPEG_APP0 + 1, on_app1);
      jpeg_read_header(&codec_, TRUE);
    });
    if (codec_.data_precision != BITS_IN_JSAMPLE) fail_for_precision(codec_.data_precision);
  }

  Span<const std::uint8_t> exif() const { return exif_; }  // from its TIFF header on; empty: none

  template <class Step>
  void run(const Step& step) {
    if (!attempt(step)) fail_with_message();
  }

  // After all rows were read: were they all there?
  void require_whole_picture() const {
    // A single Huffman-coded scan misses only the end mark when every row was served, which costs nothing; of other
    // files it can't be known what else was to come.
    const bool end_matters = codec_.progressive_mode || codec_.arith_code || codec_.input_scan_number > 1 ||
                             codec_.comps_in_scan < codec_.num_components;
    if (end_missing_ && end_matters) fail("truncated JPEG: the picture data ends early");
  }

 private:
  template <class Step>
  bool attempt(const Step& step) {
    if (setjmp(escape_) != 0) return false;
    step();
    return true;
  }

  [[noreturn]] static void fail_for_precision(int bits) {
    fail("JPEG with " + std::to_string(bits) + " bits a sample is not supported");
  }

  [[noreturn]] void fail_for_process(int start_of_frame) const {
    const bool is_lossless = (start_of_frame & 3) == 3;
    fail((is_lossless ? "lossless JPEG" : "hierarchical JPEG") + std::string(" is not supported"));
  }

  [[noreturn]] void fail_with_message() const {
    switch (errors_.msg_code) {
      case JERR_OUT_OF_MEMORY:
        throw std::bad_alloc();
      case JERR_BAD_PRECISION:
        fail_for_precision(errors_.msg_parm.i[0]);
      case JERR_SOF_UNSUPPORTED:
        fail_for_process(errors_.msg_parm.i[0]);
      case JERR_UNKNOWN_MARKER:
        if (errors_.msg_parm.i[0] == kJpegLsFrame) fail("JPEG-LS is not supported");
        break;
      case JERR_ARITH_NOTIMPL:
        fail("arithmetic-coded JPEG is not supported");
      case JERR_CONVERSION_NOTIMPL:
      case JERR_COMPONENT_COUNT:
        fail("JPEG with " + std::to_string(codec_.num_components) + " components is not supported");
      case JERR_FRACT_SAMPLE_NOTIMPL:
      case JERR_CCIR601_NOTIMPL:
        fail("JPEG with this sampling of colors is not supported");
      default:
        break;
    }
    if (has_too_much_work_) {
      fail("JPEG with more scans than " + std::to_string(codec_.image_width) + "x" +
           std::to_string(codec_.image_height) + " px may have: stopped at scan " +
           std::to_string(codec_.input_scan_number));
    }
    if (end_missing_) fail("truncated JPEG: the file ends before the picture");
    constexpr std::string_view kRepeated = "Corrupt JPEG data: ";
    std::string_view message = message_;
    if (message.substr(0, kRepeated.size()) == kRepeated) message.remove_prefix(kRepeated.size());
    fail("corrupt JPEG: " + std::string(message));
  }

  static JpegSession& of(j_common_ptr codec) { return *static_cast<JpegSession*>(codec->client_data); }

  void keep_message(j_common_ptr codec) { errors_.format_message(codec, message_); }

  [[noreturn]] static void on_error(j_common_ptr codec) {
    JpegSession& session = of(codec);
    session.keep_message(codec);
    std::longjmp(session.escape_, 1);
  }

  static void on_message(j_common_ptr codec, int level) {
    if (level >= 0) return;  // a trace, not a warning
    switch (of(codec).errors_.msg_code) {
      case JWRN_JPEG_EOF:
        of(codec).end_missing_ = true;
        break;
      case JWRN_HIT_MARKER:  // in the middle of the picture: the rest of it would be gray
      case JWRN_HUFF_BAD_CODE:
      case JWRN_ARITH_BAD_CODE:
      case JWRN_MUST_RESYNC:
      case JWRN_BOGUS_PROGRESSION:
        on_error(codec);  // such a picture is refused, whatever follows
      default:
        break;  // costs no pixels
    }
  }

  // Note [Work of a JPEG's scans]. libjpeg calls it at least once a scan.
  static void on_progress(j_common_ptr codec) {
    JpegSession& session = of(codec);
    const jpeg_decompress_struct& own = session.codec_;
    if (own.input_scan_number == session.counted_scans_) return;
    session.counted_scans_ = own.input_scan_number;
    session.work_blocks_ += kScanSetupBlocks + std::uint64_t{own.MCUs_per_row} * own.MCU_rows_in_scan *
                                                   static_cast<std::uint64_t>(own.blocks_in_MCU);
    std::uint64_t picture_blocks = 0;
    for (int component = 0; component < own.num_components; ++component) {
      const jpeg_component_info& info = own.comp_info[component];
      picture_blocks += std::uint64_t{info.width_in_blocks} * info.height_in_blocks;
    }
    if (session.work_blocks_ <= most_scan_blocks(picture_blocks)) return;
    session.has_too_much_work_ = true;
    session.errors_.msg_code = 0;  // of no error of libjpeg's
    std::longjmp(session.escape_, 1);
  }

  // Reads an APP1 segment without a copy, then skips it: a file may have any number of these segments.
  static boolean on_app1(j_decompress_ptr codec) {
    constexpr std::size_t kLengthBytes = 2;
    JpegSession& session = of(reinterpret_cast<j_common_ptr>(codec));
    jpeg_source_mgr& source = *codec->src;
    const Span<const std::uint8_t> rest{source.next_input_byte, source.bytes_in_buffer};
    const std::size_t length = rest.size() < kLengthBytes ? kLengthBytes : std::size_t{rest[0]} << 8 | rest[1];
    const bool is_exif = length >= kLengthBytes + kExifMarkBytes && length <= rest.size() &&
                         std::memcmp(rest.data() + kLengthBytes, kExifMark, kExifMarkBytes) == 0;
    if (is_exif && session.exif_.empty()) {
      constexpr std::size_t kBefore = kLengthBytes + kExifMarkBytes;
      session.exif_ = {rest.data() + kBefore, length - kBefore};
    }
    source.skip_input_data(codec, static_cast<long>(std::max(length, kLengthBytes)));
    return TRUE;
  }

  jpeg_decompress_struct codec_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf escape_{};
  char message_[JMSG_LENGTH_MAX] = "";
  Span<const std::uint8_t> exif_;
  bool end_missing_ = false;
  bool has_too_much_work_ = false;
  int counted_scans_ = 0;
  std::uint64_t work_blocks_ = 0;
};

}  // namespace

Orientation decode_jpeg(Span<const std::uint8_t> bytes, const DecodeOptions& options, RgbImage& image) {
  JpegSession session;
  session.read_header(bytes);
  jpeg_decompress_struct& codec = session.codec();
  const Size stored_px = checked_size(codec.image_width, codec.image_height, options.max_pixels);
  const Orientation orientation = options.exif_rotate ? exif_orientation(session.exif()) : 1;
  const bool is_cmyk = codec.num_components == 4;
  codec.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  codec.dct_method = JDCT_ISLOW;
  codec.do_fancy_upsampling = TRUE;
  if (options.smallest_size) {
    choose_scale(codec, turned(orientation, options.smallest_size(turned(orientation, stored_px))));
  }
  session.run([&] { jpeg_calc_output_dimensions(&codec); });
  allocate(image, checked_size(codec.output_width, codec.output_height, options.max_pixels));
  const Region needed =
      options.needed_region
          ? region_before(orientation, options.needed_region(turned(orientation, image.size_px)), image.size_px)
          : whole(image.size_px);
  std::vector<std::uint8_t> cmyk_row(is_cmyk ? 4 * static_cast<std::size_t>(image.size_px.width) : 0);
  session.run([&] { image.held = read_window(codec, needed, image, is_cmyk ? cmyk_row.data() : nullptr); });
  session.require_whole_picture();
  return orientation;
}

}  // namespace ppinfer
