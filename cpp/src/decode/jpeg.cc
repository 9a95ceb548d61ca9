#include "decode/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h wants it
#include <cstring>
#include <string>
#include <vector>

// After the standard headers, which it doesn't include itself.
#include <jpeglib.h>
// After jpeglib.h, whose settings decide the numbers of its messages.
#include <jerror.h>

#include "core/image_failure.h"
#include "decode/jpeg_window.h"
#include "decode/orient.h"
#include "decode/pixel_cap.h"

namespace ppinfer {
namespace {

// A progressive file can ask for the whole picture to be gone through again and again; real ones have some ten scans.
constexpr int kScanLimit = 500;
constexpr char kExifMark[] = "Exif\0";  // six bytes with the implied zero
constexpr std::size_t kExifMarkBytes = sizeof(kExifMark);

[[noreturn]] void fail(const std::string& reason) { throw ImageFailure(Stage::kDecode, reason); }

// libjpeg reports by calling back and must not be returned to after an error: `run` sets where error_exit jumps to.
// Nothing with a destructor may live in a step, since the jump passes over it.
class Session {
 public:
  Session() {
    codec_.err = jpeg_std_error(&errors_);
    codec_.client_data = this;
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = on_progress;
  }
  ~Session() { jpeg_destroy_decompress(&codec_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  jpeg_decompress_struct& codec() { return codec_; }

  void read_header(Span<const std::uint8_t> bytes) {
    run([&] {
      jpeg_create_decompress(&codec_);
      codec_.progress = &progress_;
      jpeg_mem_src(&codec_, bytes.data(), static_cast<unsigned long>(bytes.size()));
      jpeg_save_markers(&codec_, JPEG_APP0 + 1, 0xffff);
      jpeg_read_header(&codec_, TRUE);
    });
  }

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
    if (data_ran_out_ || (end_missing_ && end_matters)) fail("truncated JPEG: the picture data ends early");
    if (corrupt_) fail("corrupt JPEG: " + std::string(message_));
  }

 private:
  template <class Step>
  bool attempt(const Step& step) {
    if (setjmp(escape_) != 0) return false;
    step();
    return true;
  }

  [[noreturn]] void fail_with_message() const {
    if (too_many_scans_) fail("JPEG with more than " + std::to_string(kScanLimit) + " scans");
    if (end_missing_) fail("truncated JPEG: the file ends before the picture");
    fail("corrupt JPEG: " + std::string(message_));
  }

  static Session& of(j_common_ptr codec) { return *static_cast<Session*>(codec->client_data); }

  void keep_message(j_common_ptr codec) { errors_.format_message(codec, message_); }

  static void on_error(j_common_ptr codec) {
    Session& session = of(codec);
    if (!session.too_many_scans_) session.keep_message(codec);
    std::longjmp(session.escape_, 1);
  }

  static void on_message(j_common_ptr codec, int level) {
    if (level >= 0) return;  // a trace, not a warning
    Session& session = of(codec);
    switch (session.errors_.msg_code) {
      case JWRN_JPEG_EOF:
        session.end_missing_ = true;
        break;
      case JWRN_HIT_MARKER:
        session.data_ran_out_ = true;
        break;
      case JWRN_HUFF_BAD_CODE:
      case JWRN_ARITH_BAD_CODE:
      case JWRN_MUST_RESYNC:
      case JWRN_BOGUS_PROGRESSION:
        if (!session.corrupt_) session.keep_message(codec);
        session.corrupt_ = true;
        break;
      default:
        break;  // costs no pixels
    }
  }

  static void on_progress(j_common_ptr codec) {
    Session& session = of(codec);
    if (session.codec_.input_scan_number <= kScanLimit) return;
    session.too_many_scans_ = true;
    on_error(codec);
  }

  jpeg_decompress_struct codec_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf escape_{};
  char message_[JMSG_LENGTH_MAX] = "";
  bool end_missing_ = false;
  bool data_ran_out_ = false;
  bool corrupt_ = false;
  bool too_many_scans_ = false;
};

Orientation orientation_of(const jpeg_decompress_struct& codec) {
  for (jpeg_saved_marker_ptr marker = codec.marker_list; marker != nullptr; marker = marker->next) {
    const bool is_exif =
        marker->data_length >= kExifMarkBytes && std::memcmp(marker->data, kExifMark, kExifMarkBytes) == 0;
    if (is_exif) return exif_orientation({marker->data + kExifMarkBytes, marker->data_length - kExifMarkBytes});
  }
  return 1;
}

}  // namespace

Orientation decode_jpeg(Span<const std::uint8_t> bytes, const DecodeOptions& options, RgbImage& image) {
  Session session;
  session.read_header(bytes);
  jpeg_decompress_struct& codec = session.codec();
  const Size stored_px = checked_size(codec.image_width, codec.image_height, options.max_pixels);
  const Orientation orientation = options.exif_rotate ? orientation_of(codec) : 1;
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
