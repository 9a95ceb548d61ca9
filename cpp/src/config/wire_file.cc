#include "config/wire_file.h"

namespace ppinfer {

WireFile::WireFile(const std::string& path) : file_(path, std::ios::binary | std::ios::ate) {
  if (!file_) return;
  size_ = static_cast<std::uint64_t>(file_.tellg());
  file_.seekg(0);
}

bool WireFile::varint(std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const int byte = file_.get();
    if (byte < 0) return false;
    ++at_;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool WireFile::next(std::uint64_t end, Field& field) {
  std::uint64_t tag = 0;
  if (!varint(tag)) return false;
  field.number = tag >> 3;
  switch (tag & 7) {
    case 0:
      return varint(field.value);
    case 1:
      return end - at_ >= 8 && go_to(at_ + 8);
    case 2: {
      std::uint64_t length = 0;
      if (!varint(length) || at_ > end || length > end - at_) return false;
      field.end = at_ + length;
      return true;
    }
    case 5:
      return end - at_ >= 4 && go_to(at_ + 4);
    default:
      return false;
  }
}

bool WireFile::go_to(std::uint64_t place) {
  constexpr std::uint64_t kReadOver = 256;  // a seek would empty the buffer
  if (place < at_) return false;
  if (place - at_ <= kReadOver) {
    file_.ignore(static_cast<std::streamsize>(place - at_));
  } else {
    file_.seekg(static_cast<std::streamoff>(place));
  }
  at_ = place;
  return static_cast<bool>(file_);
}

std::string WireFile::text(const Field& field) {
  constexpr std::uint64_t kMaxNameBytes = 4096;
  if (field.end < at_ || field.end - at_ > kMaxNameBytes) return "";
  std::string text(static_cast<std::size_t>(field.end - at_), '\0');
  file_.read(text.data(), static_cast<std::streamsize>(text.size()));
  at_ += static_cast<std::uint64_t>(file_.gcount());
  return text;
}

}  // namespace ppinfer
