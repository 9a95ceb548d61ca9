#include "core/protobuf_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ppinfer {
namespace {

constexpr std::size_t kBlockBytes = 1 << 16;
constexpr int kMaxVarintBytes = 10;
constexpr std::uint64_t kMaxTag = 0xffffffff;

[[noreturn]] void throw_damaged() { throw NotProtobuf{"damaged: was it copied in full?"}; }

// Fills `block` with what the file has from `at` on.
void read_block(int descriptor, std::uint64_t at, std::vector<std::uint8_t>& block) {
  block.resize(kBlockBytes);
  ssize_t count = 0;
  do {
    count = pread(descriptor, block.data(), block.size(), static_cast<off_t>(at));
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw NotProtobuf{std::strerror(errno)};
  block.resize(static_cast<std::size_t>(count));
}

}  // namespace

ProtobufFile::ProtobufFile(const std::string& path, std::uint64_t max_fields) : fields_left_(max_fields) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw NotProtobuf{std::strerror(errno)};
  if (!S_ISREG(status.st_mode)) throw NotProtobuf{"it is not a regular file"};
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw NotProtobuf{std::strerror(errno)};
  size_ = static_cast<std::uint64_t>(status.st_size);
}

ProtobufFile::~ProtobufFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool ProtobufFile::next(ByteRange& message, ProtobufField& field) {
  constexpr std::uint64_t kVarint = 0, kEightBytes = 1, kDelimited = 2, kFourBytes = 5;
  if (message.begin == message.end) return false;
  if (fields_left_-- == 0) throw NotProtobuf{"it has more parts than a model needs"};
  const std::uint64_t tag = varint(message);
  if (tag > kMaxTag || tag < 8) throw_damaged();
  field = {static_cast<std::uint32_t>(tag >> 3U), (tag & 7U) == kDelimited, 0, {}};
  std::uint64_t byte_count = 0;
  switch (tag & 7U) {
    case kVarint:
      field.varint = varint(message);
      break;
    case kEightBytes:
      byte_count = 8;
      break;
    case kFourBytes:
      byte_count = 4;
      break;
    case kDelimited:
      byte_count = varint(message);
      break;
    default:  // groups, which nobody writes any more
      throw_damaged();
  }
  if (byte_count > message.size()) throw_damaged();
  field.value = {message.begin, message.begin + byte_count};
  message.begin += byte_count;
  return true;
}

std::string ProtobufFile::text(const ByteRange& value, std::size_t max_bytes) {
  if (value.size() > max_bytes) {
    throw NotProtobuf{"it has a text of " + std::to_string(value.size()) + " bytes where " + std::to_string(max_bytes) +
                      " are expected at most"};
  }
  std::string text;
  for (std::uint64_t at = value.begin; at < value.end; ++at) text += static_cast<char>(byte_at(at));
  return text;
}

std::uint8_t ProtobufFile::byte_at(std::uint64_t at) {
  if (at < block_begin_ || at >= block_begin_ + block_.size()) {
    read_block(descriptor_, at, block_);
    block_begin_ = at;
    if (block_.empty()) throw_damaged();  // it has become shorter
  }
  return block_[at - block_begin_];
}

std::uint64_t ProtobufFile::varint(ByteRange& rest) {
  std::uint64_t value = 0;
  for (int i = 0; i < kMaxVarintBytes && rest.begin < rest.end; ++i) {
    const std::uint8_t byte = byte_at(rest.begin++);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << (7U * static_cast<unsigned>(i));
    if (byte < 0x80) return value;
  }
  throw_damaged();
}

}  // namespace ppinfer
