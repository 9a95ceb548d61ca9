#include "core/sniff.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ppinfer {
namespace {

Span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string with_zeros(std::string text, std::size_t length) {
  text.resize(length, '\0');
  return text;
}

std::string at(std::size_t offset, const std::string& text) { return std::string(offset, 'x') + text; }

std::string ftyp(const std::string& major, const std::string& others = "") {
  std::string box = std::string("\0\0\0", 3) + static_cast<char>(16 + others.size());
  return box + "ftyp" + major + std::string(4, '\0') + others;
}

// 18 bytes: a picture of 3x2 pixels.
std::string tga(int has_palette, int picture, int colors, int palette_bits, int bits) {
  std::string header(18, '\0');
  header[1] = static_cast<char>(has_palette);
  header[2] = static_cast<char>(picture);
  header[5] = static_cast<char>(colors);
  header[7] = static_cast<char>(palette_bits);
  header[12] = 3;
  header[14] = 2;
  header[16] = static_cast<char>(bits);
  return header;
}

TEST(Sniff, KindsThatAreRead) {
  const std::vector<std::pair<std::string, ImageKind>> files{
      {"\xff\xd8\xff\xe0", ImageKind::kJpeg},
      {"\x89PNG\r\n\x1a\n", ImageKind::kPng},
      {"GIF87a", ImageKind::kGif},
      {"GIF89a", ImageKind::kGif},
      {"RIFF....WEBP", ImageKind::kWebp},
      {with_zeros("II*", 8), ImageKind::kTiff},
      {std::string("MM\0*", 4), ImageKind::kTiff},
      {with_zeros("II+", 8), ImageKind::kTiff},
      {std::string("MM\0+", 4), ImageKind::kTiff},
      {"BM", ImageKind::kBmp},
      {with_zeros("BM............(", 18), ImageKind::kBmp},
      {ftyp("avif"), ImageKind::kAvif},
      {ftyp("mif1", "miafavif"), ImageKind::kAvif},
      {ftyp("heic"), ImageKind::kHeic},
      {ftyp("mif1", "miafheix"), ImageKind::kHeic},
      {ftyp("msf1", "isomhevc"), ImageKind::kHeic},
      {"\xff\x0a", ImageKind::kJpegXl},
      {at(4, "JXL \r\n\x87\n"), ImageKind::kJpegXl},
      {"P4\n8 8\n", ImageKind::kPnm},
      {"P5 8 8 255\n", ImageKind::kPnm},
      {"P6\n# a comment\n8 8\n255\n", ImageKind::kPnm},
      {std::string("\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x40\0\0\0\x16\0\0\0", 22), ImageKind::kIco},
      {"BMW and other makers of cars", ImageKind::kOther},
      {"RIFF....WAVE", ImageKind::kOther},
  };
  for (const auto& [text, kind] : files) EXPECT_EQ(sniff(bytes_of(text)), kind) << text;
}

TEST(Sniff, OtherFormatsAreNamed) {
  const std::string xml = "<?xml version=\"1.0\"?>\n";
  const std::vector<std::pair<std::string, std::string>> images{
      {ftyp("mif1", "miaf"), "HEIF"},
      {ftyp("crx "), "CR3 (raw)"},
      {at(4, "jP  \r\n\x87\n"), "JPEG 2000"},
      {"\xff\x4f\xff\x51", "JPEG 2000"},
      {"8BPS", "PSD (Photoshop)"},
      {"\x76\x2f\x31\x01", "OpenEXR"},
      {"#?RADIANCE\n", "Radiance HDR"},
      {"DDS |", "DDS"},
      {"SIMPLE  =    T", "FITS"},
      {at(128, "DICM"), "DICOM"},
      {"qoif", "QOI"},
      {"farbfeld", "farbfeld"},
      {"BLP2", "BLP"},
      {"#define cat_width 16\n", "XBM"},
      {"Image type: RGB", "IM"},
      {"\xd7\xcd\xc6\x9a", "WMF"},
      {std::string("\x01\0\0\0", 4) + std::string(36, '.') + " EMF", "EMF"},
      {"IIRO\x08", "ORF (raw)"},
      {std::string("IIU\0", 4), "RW2 (raw)"},
      {"FUJIFILMCCD-RAW 0201", "RAF (raw)"},
      {std::string("II*\0\x10\0\0\0CR\x02", 11), "CR2 (raw)"},
      {"P7\nWIDTH 8\n", "PAM"},
      {"Pf\n8 8\n", "PFM"},
      {"<svg xmlns=", "SVG"},
      {"\xef\xbb\xbf" + xml + "<!-- drawn -->\n<svg:svg>", "SVG"},
      {"<!DOCTYPE svg PUBLIC", "SVG"},
      {tga(0, 2, 0, 0, 24), "TGA"},
      {tga(0, 11, 0, 0, 8), "TGA"},
      {tga(1, 9, 16, 24, 8), "TGA"},
      {std::string("\0\0\2\0\1\0\x10\x10\0\0\1\0\x20\0\x40\0\0\0\x16\0\0\0", 22), "CUR"},
  };
  for (const auto& [text, name] : images) {
    EXPECT_EQ(sniff(bytes_of(text)), ImageKind::kOther) << name;
    const bool is_drawing = name == "SVG" || name == "WMF" || name == "EMF";
    EXPECT_EQ(other_format(bytes_of(text)).kind, is_drawing ? OtherKind::kDrawing : OtherKind::kImage) << name;
    EXPECT_EQ(describe_other(bytes_of(text)),
              name + " is not supported (JPEG, PNG, BMP, WebP, TIFF, GIF, AVIF, HEIC, JPEG XL, PNM and ICO are)");
  }
  const std::vector<std::pair<std::string, std::string>> others{
      {ftyp("isom", "iso2avc1"), "an MP4 video"},
      {ftyp("qt  "), "a QuickTime video"},
      {"\x1a\x45\xdf\xa3....B\x82\x84webm", "a WebM video"},
      {"\x1a\x45\xdf\xa3....B\x82\x88matroska", "a Matroska video"},
      {"RIFF....AVI LIST", "an AVI video"},
      {"7z\xbc\xaf\x27\x1c", "a 7z archive"},
      {"Rar!\x1a\x07\x01", "a RAR archive"},
      {std::string("\xfd"
                   "7zXZ\0",
                   6),
       "an xz archive"},
      {"\x28\xb5\x2f\xfd", "a Zstandard archive"},
      {"BZh91AY", "a bzip2 archive"},
      {"\x1f\x8b\x08", "a gzip archive"},
      {"PK\x03\x04", "a ZIP archive"},
      {at(257, "ustar"), "a tar archive"},
      {"%PDF-1.7", "a PDF document"},
      {"<!DOCTYPE HTML>", "an HTML page"},
      {xml + "<note/>", "an XML file"},
      {"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer (get the file by git lfs pull)"},
  };
  for (const auto& [text, name] : others) {
    EXPECT_EQ(other_format(bytes_of(text)).kind, OtherKind::kNotAnImage) << name;
    EXPECT_EQ(describe_other(bytes_of(text)), "not an image: " + name);
  }
}

TEST(Sniff, TextsAndZerosAreOfNoFormat) {
  for (const std::string& text : {std::string("P1: the first point"), std::string("Pf. Smith"), std::string(64, '\0'),
                                  std::string("images/a.jpg 3\n"), std::string("<b>bold</b>"), std::string("P6")}) {
    EXPECT_EQ(sniff(bytes_of(text)), ImageKind::kOther);
    EXPECT_EQ(other_format(bytes_of(text)).kind, OtherKind::kUnknown) << text;
  }
}

// A mark that is cut off is never read past its end.
TEST(Sniff, EveryPrefixIsRead) {
  for (const std::string& text : {ftyp("mif1", "miafheic"), tga(0, 2, 0, 0, 24), std::string("RIFF....WEBP")}) {
    for (std::size_t length = 0; length <= text.size(); ++length) {
      const std::vector<std::uint8_t> prefix(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
      sniff(prefix);
      EXPECT_FALSE(describe_other(prefix).empty());
    }
  }
}

}  // namespace
}  // namespace ppinfer
