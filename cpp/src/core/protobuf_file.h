// Walks through a file of protobuf's wire format without a library for it, in little memory whatever the file says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace [[gnu::visibility("default")]] ppinfer {

// A part of the file: a message, or the value of a field.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t size() const { return end - begin; }
};

struct ProtobufField {
  std::uint32_t number = 0;
  bool is_delimited = false;  // `value` holds a message, text, or packed numbers
  std::uint64_t varint = 0;   // of a field that is one
  ByteRange value;
};

// What a file throws that isn't protobuf, or has more fields than its reader allows. A reason in words.
class NotProtobuf : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ProtobufFile {
 public:
  // Throws NotProtobuf: it isn't there, isn't a regular file, or can't be read. Nothing else is ever opened: a FIFO
  // would wait. At most `max_fields` are given out.
  ProtobufFile(const std::string& path, std::uint64_t max_fields);
  ~ProtobufFile();
  ProtobufFile(const ProtobufFile&) = delete;
  ProtobufFile& operator=(const ProtobufFile&) = delete;

  ByteRange all() const { return {0, size_}; }

  // The next field of a message; `message` becomes the remaining bytes. False at the end. Throws NotProtobuf.
  bool next(ByteRange& message, ProtobufField& field);

  // Reads the first of the packed numbers in `rest`, and removes it from there. Throws NotProtobuf.
  std::uint64_t varint(ByteRange& rest);

  // Throws NotProtobuf: longer than `max_bytes`.
  std::string text(const ByteRange& value, std::size_t max_bytes);

 private:
  std::uint8_t byte_at(std::uint64_t at);

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t fields_left_;
  std::vector<std::uint8_t> block_;  // of the file, from block_begin_ on
  std::uint64_t block_begin_ = 0;
};

}  // namespace ppinfer
