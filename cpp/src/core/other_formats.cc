// The formats that people hand to a classifier and that aren't read, so that the reason can name them.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "core/ascii.h"
#include "core/byte_reader.h"
#include "core/media_brands.h"
#include "core/sniff.h"

namespace ppinfer {
namespace {

using namespace std::string_view_literals;

struct Mark {
  std::size_t offset;
  std::string_view bytes;
  OtherKind kind;
  const char* name;
};

constexpr OtherKind kImage = OtherKind::kImage, kDrawing = OtherKind::kDrawing, kNotAnImage = OtherKind::kNotAnImage;

// The first that fits is taken: longer marks stand before shorter ones that they contain.
constexpr Mark kMarks[] = {
    {4, "jP  \r\n\x87\n"sv, kImage, "JPEG 2000"},
    {0, "\xff\x4f\xff\x51"sv, kImage, "JPEG 2000"},
    {0, "II\xbc"sv, kImage, "JPEG XR"},
    {0, "BPG\xfb"sv, kImage, "BPG"},
    {0, "FLIF"sv, kImage, "FLIF"},
    {0, "qoif"sv, kImage, "QOI"},
    {0, "8BPS"sv, kImage, "PSD (Photoshop)"},
    {0, "gimp xcf"sv, kImage, "XCF (GIMP)"},
    {0, "\x76\x2f\x31\x01"sv, kImage, "OpenEXR"},
    {0, "#?RADIANCE"sv, kImage, "Radiance HDR"},
    {0, "#?RGBE"sv, kImage, "Radiance HDR"},
    {0, "DDS "sv, kImage, "DDS"},
    {0, "\xabKTX "sv, kImage, "KTX"},
    {0, "SIMPLE  ="sv, kImage, "FITS"},
    {128, "DICM"sv, kImage, "DICOM"},
    {344, "n+1\0"sv, kImage, "NIfTI"},
    {0, "NRRD000"sv, kImage, "NRRD"},
    {0, "\xd7\xcd\xc6\x9a"sv, kDrawing, "WMF"},
    {0, "\x01\0\x09\0\0\x03"sv, kDrawing, "WMF"},
    {40, " EMF"sv, kDrawing, "EMF"},
    {0, "\x8aMNG\r\n\x1a\n"sv, kImage, "MNG"},
    {0, "\x8bJNG\r\n\x1a\n"sv, kImage, "JNG"},
    {0, "icns"sv, kImage, "ICNS"},
    {0, "/* XPM */"sv, kImage, "XPM"},
    {0, "farbfeld"sv, kImage, "farbfeld"},
    {0, "BLP1"sv, kImage, "BLP"},
    {0, "BLP2"sv, kImage, "BLP"},
    {0, "VTF\0"sv, kImage, "VTF"},
    {0, "PVR\x03"sv, kImage, "PVR"},
    {0, "\x13\xab\xa1\x5c"sv, kImage, "ASTC"},
    {0, "Image type: "sv, kImage, "IM"},
    {0, "SDPX"sv, kImage, "DPX"},
    {0, "XPDS"sv, kImage, "DPX"},
    {0, "\x80\x2a\x5f\xd7"sv, kImage, "Cineon"},
    {0, "Paint Shop Pro Image File\n"sv, kImage, "PSP"},
    {0, "\x01\xda\0"sv, kImage, "SGI"},
    {0, "\x01\xda\x01"sv, kImage, "SGI"},
    {0, "\x59\xa6\x6a\x95"sv, kImage, "Sun raster"},
    {0, "AT&TFORM"sv, kImage, "DjVu"},
    // Of cameras.
    {8, "CR\x02"sv, kImage, "CR2 (raw)"},
    {6, "HEAPCCDR"sv, kImage, "CRW (raw)"},
    {0, "IIRO"sv, kImage, "ORF (raw)"},
    {0, "IIRS"sv, kImage, "ORF (raw)"},
    {0, "MMOR"sv, kImage, "ORF (raw)"},
    {0, "IIU\0"sv, kImage, "RW2 (raw)"},
    {0, "FUJIFILMCCD-RAW"sv, kImage, "RAF (raw)"},
    {0, "\0MRM"sv, kImage, "MRW (raw)"},
    {0, "FOVb"sv, kImage, "X3F (raw)"},

    {0, "%PDF-"sv, kNotAnImage, "a PDF document"},
    {0, "%!PS"sv, kNotAnImage, "a PostScript document"},
    {0, "\xc5\xd0\xd3\xc6"sv, kNotAnImage, "a PostScript document"},
    {0, "{\\rtf"sv, kNotAnImage, "an RTF document"},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, kNotAnImage, "an OLE file (Thumbs.db, older Office documents)"},

    {0, "7z\xbc\xaf\x27\x1c"sv, kNotAnImage, "a 7z archive"},
    {0, "Rar!\x1a\x07"sv, kNotAnImage, "a RAR archive"},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     kNotAnImage, "an xz archive"},
    {0, "\x28\xb5\x2f\xfd"sv, kNotAnImage, "a Zstandard archive"},
    {0, "BZh"sv, kNotAnImage, "a bzip2 archive"},
    {0, "\x1f\x8b"sv, kNotAnImage, "a gzip archive"},
    {0, "\x1f\x9d"sv, kNotAnImage, "a compress archive"},
    {0, "\x04\x22\x4d\x18"sv, kNotAnImage, "an LZ4 archive"},
    {0, "LZIP"sv, kNotAnImage, "an lzip archive"},
    {0, "\x5d\0\0\x80\0"sv, kNotAnImage, "an LZMA archive"},
    {0, "\x5d\0\0\0\x04"sv, kNotAnImage, "an LZMA archive"},
    {0, "PK\x07\x08PK\x03\x04"sv, kNotAnImage, "the first part of a ZIP archive that was split"},
    {0, "PK\x03\x04"sv, kNotAnImage, "a ZIP archive"},
    {0, "PK\x05\x06"sv, kNotAnImage, "a ZIP archive"},
    {0, "MSCF"sv, kNotAnImage, "a CAB archive"},
    {0, "!<arch>\n"sv, kNotAnImage, "an ar archive"},
    {0, "070701"sv, kNotAnImage, "a cpio archive"},
    {257, "ustar"sv, kNotAnImage, "a tar archive"},

    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, kNotAnImage, "a Windows Media file"},
    {0, "\0\0\x01\xba"sv, kNotAnImage, "an MPEG video"},
    {0, "\0\0\x01\xb3"sv, kNotAnImage, "an MPEG video"},
    {0, "FLV\x01"sv, kNotAnImage, "a Flash video"},
    {0, "OggS"sv, kNotAnImage, "an Ogg file"},
    {0, "ID3"sv, kNotAnImage, "an MP3 file"},
    {0, "fLaC"sv, kNotAnImage, "a FLAC file"},
    {4, "moov"sv, kNotAnImage, "a QuickTime video"},
    {4, "mdat"sv, kNotAnImage, "a QuickTime video"},

    {0, "\x89HDF\r\n\x1a\n"sv, kNotAnImage, "an HDF5 file"},
    {0, "\x93NUMPY"sv, kNotAnImage, "a NumPy array"},
    {0, "MATLAB "sv, kNotAnImage, "a MATLAB file"},
    {0, "PAR1"sv, kNotAnImage, "a Parquet file"},
    {0, "SQLite format 3\0"sv, kNotAnImage, "an SQLite database"},
    {0,
     "\x7f"
     "ELF"sv,
     kNotAnImage, "a program"},
    {0, "version https://git-lfs.github.com/spec/"sv, kNotAnImage, "a Git LFS pointer (get the file by git lfs pull)"},
};

struct Brand {
  std::string_view start;
  OtherKind kind;
  const char* name;
};
constexpr Brand kBrands[] = {
    {"jpeg"sv, kImage, "HEIF"},
    {"crx "sv, kImage, "CR3 (raw)"},
    {"jp2 "sv, kImage, "JPEG 2000"},
    {"qt  "sv, kNotAnImage, "a QuickTime video"},
    {"M4A"sv, kNotAnImage, "an MPEG-4 audio file"},
    {"3g"sv, kNotAnImage, "a 3GPP video"},
};

constexpr OtherFormat kUnknown;

OtherFormat by_mark(std::string_view text) {
  for (const Mark& mark : kMarks) {
    if (text.size() >= mark.offset && text.substr(mark.offset, mark.bytes.size()) == mark.bytes) {
      return {mark.kind, mark.name};
    }
  }
  return kUnknown;
}

// A general main brand ("mif1") is made precise by those that follow; a precise one is the only one that counts.
OtherFormat by_brands(std::string_view text) {
  OtherFormat format;
  any_brand(text, [&](std::string_view brand) {
    const bool is_main = format.kind == OtherKind::kUnknown;
    const bool is_general = brand.substr(0, 3) == "mif" || brand == "msf1";
    const auto* const known = std::find_if(std::begin(kBrands), std::end(kBrands), [&](const Brand& candidate) {
      return brand.substr(0, candidate.start.size()) == candidate.start;
    });
    if (known != std::end(kBrands)) {
      format = {known->kind, known->name};
    } else if (is_main) {
      format = is_general ? OtherFormat{kImage, "HEIF"} : OtherFormat{kNotAnImage, "an MP4 video"};
    }
    return known != std::end(kBrands) || (is_main && !is_general);
  });
  return format;
}

OtherFormat by_container(std::string_view text) {
  if (text.substr(0, 4) == "\x1a\x45\xdf\xa3"sv) {
    return {kNotAnImage, text.substr(0, 64).find("webm") != text.npos ? "a WebM video" : "a Matroska video"};
  }
  const std::string_view form = text.size() >= 12 ? text.substr(8, 4) : ""sv;
  if (text.substr(0, 4) == "RIFF") {
    if (form == "AVI ") return {kNotAnImage, "an AVI video"};
    if (form == "WAVE") return {kNotAnImage, "a WAVE file"};
    if (form == "ACON") return {kImage, "ANI"};
  }
  if (text.substr(0, 4) == "FORM" && (form == "ILBM" || form == "PBM ")) return {kImage, "ILBM"};
  constexpr std::size_t kPacketBytes = 188;  // of an MPEG transport stream
  if (text.size() > 2 * kPacketBytes && text[0] == 'G' && text[kPacketBytes] == 'G' && text[2 * kPacketBytes] == 'G') {
    return {kNotAnImage, "an MPEG video"};
  }
  return kUnknown;
}

// C code: "#define cat_width 16".
bool is_xbm(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.substr(0, 8) == "#define " && line.find("_width ") != line.npos;
}

// Kin of PNM: "P7" and a word, "PF" and a number.
OtherFormat by_netpbm(std::string_view text) {
  if (text.size() < 4 || text[0] != 'P' || !is_space(text[2])) return kUnknown;
  if ((text[1] == 'F' || text[1] == 'f') && is_digit(text[3])) return {kImage, "PFM"};
  return text[1] == '7' ? OtherFormat{kImage, "PAM"} : kUnknown;
}

OtherFormat by_markup(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf"sv) text.remove_prefix(3);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  if (text.empty() || text.front() != '<') return kUnknown;
  const auto holds = [&](std::string_view wanted, std::size_t within) {
    const std::string_view part = text.substr(0, within);
    return std::search(part.begin(), part.end(), wanted.begin(), wanted.end(),
                       [](char one, char other) { return to_lower(one) == other; }) != part.end();
  };
  if (holds("<!doctype html", 14) || holds("<html", 5)) return {kNotAnImage, "an HTML page"};
  const bool is_markup = holds("<?xml", 5) || holds("<!--", 4) || holds("<!doctype", 9) || holds("<svg", 4);
  if (!is_markup) return kUnknown;
  // A namespace may stand before the name: "<svg:svg".
  if (holds("<svg", kSniffBytes) || holds("<!doctype svg", kSniffBytes)) return {kDrawing, "SVG"};
  if (holds("<html", kSniffBytes)) return {kNotAnImage, "an HTML page"};
  return holds("<?xml", 5) ? OtherFormat{kNotAnImage, "an XML file"} : kUnknown;
}

// Formats without magic bytes, recognised by headers with consistent numbers.
OtherFormat by_header(const ByteReader& little) {
  const auto number = [&](std::uint64_t offset, int width_bytes) {
    return little.number(offset, width_bytes).value_or(0);
  };
  // As an ICO, with another type.
  if (little.holds(0, 22) && number(0, 2) == 0 && number(2, 2) == 2) {
    const std::uint64_t count = number(4, 2);
    if (count > 0 && number(9, 1) == 0 && number(14, 4) > 0 && number(18, 4) >= 6 + 16 * count) return {kImage, "CUR"};
  }
  const auto is_depth = [](std::uint64_t bits) { return bits == 15 || bits == 16 || bits == 24 || bits == 32; };
  if (little.holds(0, 128) && number(0, 1) == 10 && number(1, 1) <= 5 && number(2, 1) == 1) {
    const std::uint64_t bits = number(3, 1), planes = number(65, 1);
    const bool has_size = number(8, 2) >= number(4, 2) && number(10, 2) >= number(6, 2);
    if ((bits == 1 || bits == 2 || bits == 4 || bits == 8) && planes >= 1 && planes <= 4 && has_size) {
      return {kImage, "PCX"};
    }
  }
  if (!little.holds(0, 18) || number(12, 2) == 0 || number(14, 2) == 0 || number(17, 1) > 0x3f) return kUnknown;
  const std::uint64_t picture = number(2, 1), bits = number(16, 1);
  const bool has_palette = number(1, 1) == 1 && number(5, 2) > 0 && number(5, 2) <= 256 && is_depth(number(7, 1));
  const bool no_palette = number(1, 1) == 0 && number(3, 5) == 0;
  const bool is_palette = (picture == 1 || picture == 9) && has_palette && bits == 8;
  const bool is_rgb = (picture == 2 || picture == 10) && no_palette && is_depth(bits);
  const bool is_gray = (picture == 3 || picture == 11) && no_palette && (bits == 8 || bits == 16);
  return is_palette || is_rgb || is_gray ? OtherFormat{kImage, "TGA"} : kUnknown;
}

}  // namespace

OtherFormat other_format(Span<const std::uint8_t> start) {
  const std::string_view text = beginning(start);
  for (const OtherFormat& format :
       {by_mark(text), by_brands(text), by_container(text), by_netpbm(text), by_markup(text)}) {
    if (format.kind != OtherKind::kUnknown) return format;
  }
  if (is_xbm(text)) return {kImage, "XBM"};
  return by_header(ByteReader(start, ByteOrder::kLittle));
}

}  // namespace ppinfer
