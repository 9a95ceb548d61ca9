// Protobuf's wire format, read from a file of any size: only what is asked for is held in memory.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace ppinfer {

class WireFile {
 public:
  struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  // of a varint
    std::uint64_t end = 0;    // of a length-delimited field, whose content begins where the file stands; else 0
  };

  explicit WireFile(const std::string& path);

  std::uint64_t size() const { return size_; }

  // Calls `use` for each field up to `end`. `use` may read the field's content, or pass it over. False: damaged, or
  // made of more fields than a model is.
  template <class Use>
  bool each_field(std::uint64_t end, Use use) {
    while (at_ < end) {
      Field field;
      if (fields_left_-- == 0 || !next(end, field)) return false;
      if (field.end == 0) {
        use(field);
        continue;
      }
      use(field);
      if (!go_to(field.end)) return false;
    }
    return at_ == end;
  }

  std::string text(const Field& field);  // of a length-delimited field; empty where it is longer than names are
  bool varint(std::uint64_t& value);     // the next bytes
  std::uint64_t at() const { return at_; }

 private:
  bool next(std::uint64_t end, Field& field);
  bool go_to(std::uint64_t place);

  std::ifstream file_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;
  std::int64_t fields_left_ = 4'000'000;
};

}  // namespace ppinfer
