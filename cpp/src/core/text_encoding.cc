#include "core/text_encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/utf8.h"

namespace ppinfer {
namespace {

using Bytes = std::string_view;

unsigned char byte_at(Bytes text, std::size_t index) { return static_cast<unsigned char>(text[index]); }

bool between(unsigned char byte, unsigned char low, unsigned char high) { return byte >= low && byte <= high; }

// An encoding with two bytes a character, and the bytes of its most common characters.
struct DoubleByte {
  const char* name;
  bool (*is_common)(unsigned char lead, unsigned char trail);
};

// GB2312's characters, its punctuation and full-width letters; Japanese kana and first-level kanji; Big5's frequent
// characters. Of encodings that explain as much the first wins.
constexpr std::array<DoubleByte, 3> kDoubleByte = {{
    {"GBK",
     [](unsigned char lead, unsigned char trail) {
       return (between(lead, 0xB0, 0xF7) || between(lead, 0xA1, 0xA3)) && between(trail, 0xA1, 0xFE);
     }},
    {"SHIFT_JIS",
     [](unsigned char lead, unsigned char trail) {
       return (between(lead, 0x81, 0x83) || between(lead, 0x88, 0x98)) && between(trail, 0x40, 0xFC) && trail != 0x7F;
     }},
    {"BIG5",
     [](unsigned char lead, unsigned char trail) {
       return between(lead, 0xA1, 0xC6) && (between(trail, 0x40, 0x7E) || between(trail, 0xA1, 0xFE));
     }},
}};

// The Hangul of KS X 1001 share their bytes with half of GB2312: a text of nothing else is Korean if it is long enough.
constexpr DoubleByte kHangul = {
    "EUC-KR", [](unsigned char lead, unsigned char trail) { return between(lead, 0xB0, 0xC8) && trail >= 0xA1; }};
constexpr std::ptrdiff_t kLongEnough = 20;  // bytes

// The share of the bytes beyond ASCII that belong to common characters of the encoding.
double explained_share(Bytes text, const DoubleByte& encoding) {
  std::size_t high = 0;
  std::size_t explained = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (byte_at(text, index) < 0x80) continue;
    ++high;
    if (index + 1 == text.size() || !encoding.is_common(byte_at(text, index), byte_at(text, index + 1))) continue;
    ++explained;
    ++index;
    if (byte_at(text, index) >= 0x80) {
      ++high;
      ++explained;
    }
  }
  return high == 0 ? 0 : static_cast<double>(explained) / static_cast<double>(high);
}

// Letters with accents stand alone among ASCII letters, so that hardly a byte beyond ASCII has one beside it.
bool is_single_byte(Bytes text) {
  std::size_t alone = 0;
  std::size_t high = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (byte_at(text, index) < 0x80) continue;
    ++high;
    const bool before = index > 0 && byte_at(text, index - 1) >= 0x80;
    const bool behind = index + 1 < text.size() && byte_at(text, index + 1) >= 0x80;
    if (!before && !behind) ++alone;
  }
  return 2 * alone > high;
}

// Cyrillic letters are bytes from 0xC0 on; hardly a Chinese text of some length has no others. Most letters are small
// ones: the upper half in Windows' encoding, the lower in KOI8. Null: the text is something else.
const char* cyrillic_encoding(Bytes text) {
  constexpr std::size_t kFewestLetters = 8;
  std::size_t letters = 0;
  std::size_t upper_half = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const unsigned char byte = byte_at(text, index);
    if (byte >= 0x80 && byte < 0xC0) return nullptr;
    letters += byte >= 0xC0 ? 1 : 0;
    upper_half += byte >= 0xE0 ? 1 : 0;
  }
  if (letters < kFewestLetters) return nullptr;
  return 2 * upper_half > letters ? "WINDOWS-1251" : "KOI8-R";
}

const char* likely_encoding(Bytes text) {
  const char* const cyrillic = cyrillic_encoding(text);
  if (cyrillic != nullptr && !is_single_byte(text)) return cyrillic;
  constexpr double kConvincing = 0.8;
  const DoubleByte* best = nullptr;
  double best_share = kConvincing;
  for (const DoubleByte& encoding : kDoubleByte) {
    const double share = explained_share(text, encoding);
    if (share > best_share || (best == nullptr && share >= best_share)) {
      best = &encoding;
      best_share = share;
    }
  }
  const auto high =
      std::count_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (best == kDoubleByte.data() && high >= kLongEnough && explained_share(text, kHangul) == 1) return kHangul.name;
  const bool shift_jis = best == &kDoubleByte[1];  // whose kana have a single byte beyond ASCII each
  if (best != nullptr && (shift_jis || !is_single_byte(text))) return best->name;
  return "WINDOWS-1252";
}

// UTF-16 and UTF-32, by their byte order mark, or by where the zeros of ASCII letters stand.
const char* wide_encoding(Bytes text) {
  constexpr std::size_t kLooked = 4096;
  if (text.substr(0, 4) == Bytes("\xFF\xFE\0\0", 4)) return "UTF-32LE";
  if (text.substr(0, 4) == Bytes("\0\0\xFE\xFF", 4)) return "UTF-32BE";
  if (text.substr(0, 2) == "\xFF\xFE") return "UTF-16LE";
  if (text.substr(0, 2) == "\xFE\xFF") return "UTF-16BE";
  std::array<std::size_t, 2> zeros{};
  text = text.substr(0, kLooked);
  for (std::size_t index = 0; index < text.size(); ++index) zeros[index % 2] += text[index] == '\0' ? 1 : 0;
  const std::size_t half = text.size() / 2;
  if (half < 4) return nullptr;
  if (10 * zeros[1] >= 4 * half && zeros[0] == 0) return "UTF-16LE";
  if (10 * zeros[0] >= 4 * half && zeros[1] == 0) return "UTF-16BE";
  return nullptr;
}

bool is_utf8(Bytes text) {
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string way_out(const std::string& verb, const std::string& encoding) {
  return verb + " " + encoding + " text, expected UTF-8; convert it: iconv -f " + encoding + " -t UTF-8 FILE > NEW";
}

}  // namespace

std::string encoding_problem(std::string_view text) {
  if (const char* wide = wide_encoding(text)) return way_out("is", wide);
  const std::size_t nul = text.find('\0');
  if (nul != Bytes::npos) return "is not a text file (byte " + std::to_string(nul) + " is NUL)";
  return is_utf8(text) ? "" : way_out("seems to be", likely_encoding(text));
}

}  // namespace ppinfer
