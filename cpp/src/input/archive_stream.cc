#include "input/archive_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>

namespace ppinfer {
namespace {

constexpr std::size_t kUnpackedBufferBytes = std::size_t{64} << 10;
// A few kilobytes can unpack to terabytes and keep a run busy. Photos hardly compress, so that an archive with a higher
// ratio isn't an archive of photos. The first constant leaves room for pictures of one color.
constexpr std::int64_t kFreeStreamBytes = std::int64_t{256} << 20;
constexpr std::int64_t kMaxStreamRatio = 200;

}  // namespace

ArchiveStream::ArchiveStream(const std::string& path, const std::atomic<bool>* stopped) : file_(path, stopped) {
  if (!fill_packed()) return;  // whoever reads gets the same error again
  unpacker_ = Unpacker::for_start(packed_);
  if (unpacker_) {
    unpacked_.resize(kUnpackedBufferBytes);
  } else {
    packed_ = {};
    file_.seek(0, SEEK_SET);
  }
}

std::int64_t ArchiveStream::read(const void** bytes) {
  if (!unpacker_) {
    const std::int64_t got = file_.read(bytes);
    if (got < 0) error_number_ = errno;
    return got;
  }
  *bytes = unpacked_.data();
  return unpack();
}

std::int64_t ArchiveStream::skip(std::int64_t bytes) { return unpacker_ ? 0 : file_.skip(bytes); }

std::int64_t ArchiveStream::seek(std::int64_t offset, int whence) {
  ++seeks_;
  const std::int64_t place = file_.seek(offset, whence);
  if (place < 0) error_number_ = errno;
  return place;
}

std::int64_t ArchiveStream::unpack() {
  std::size_t filled = 0;
  while (filled < unpacked_.size() && !is_at_end_) {
    if (packed_.empty() && !fill_packed()) {
      if (filled > 0) break;  // the next call fails again
      errno = error_number_;
      return -1;
    }
    if (is_between_streams_) {  // which may be filled up with zeros
      const std::uint8_t* const next =
          std::find_if(packed_.begin(), packed_.end(), [](auto byte) { return byte != 0; });
      packed_ = {next, static_cast<std::size_t>(packed_.end() - next)};
      if (packed_.empty()) {
        is_at_end_ = is_file_at_end_;
        continue;
      }
    }
    const Unpacker::Step step = unpacker_->step(packed_, unpacked_.data() + filled, unpacked_.size() - filled);
    packed_ = {packed_.data() + step.consumed, packed_.size() - step.consumed};
    filled += step.produced;
    take(step.state, step.consumed + step.produced > 0);
  }
  unpacked_bytes_ += static_cast<std::int64_t>(filled);
  if (!is_at_end_ && unpacked_bytes_ > kFreeStreamBytes + kMaxStreamRatio * file_bytes()) {
    end("it unpacks to more than " + std::to_string(kMaxStreamRatio) + " times its size, which is refused");
  }
  if (error_number_ == ENOMEM && filled == 0) {
    errno = ENOMEM;
    return -1;
  }
  return static_cast<std::int64_t>(filled);
}

// More of the file, if there is more; false: the system refuses.
bool ArchiveStream::fill_packed() {
  if (is_file_at_end_) return true;
  const void* bytes = nullptr;
  const std::int64_t got = file_.read(&bytes);
  if (got < 0) error_number_ = errno;
  if (got < 0) return false;
  packed_ = {static_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(got)};
  is_file_at_end_ = got == 0;
  return true;
}

void ArchiveStream::take(Unpacker::State state, bool made_progress) {
  const std::string data = std::string(unpacker_->name()) + " data";
  switch (state) {
    case Unpacker::State::kContinues:
      is_between_streams_ = false;
      if (is_file_at_end_ && !made_progress) end("its " + data + " is cut off");
      return;
    case Unpacker::State::kBetweenStreams:
      is_between_streams_ = true;
      return;
    case Unpacker::State::kDamaged:
      return end(is_between_streams_ ? "what follows its " + data + " is of another kind"
                                     : "its " + data + " is damaged");
    case Unpacker::State::kTooLarge:
      return end("its " + data + " needs more than 128 MiB of memory to be unpacked");
    case Unpacker::State::kNoMemory:
      error_number_ = ENOMEM;
      return end("out of memory");
  }
}

void ArchiveStream::end(const std::string& problem) {
  is_at_end_ = true;
  problem_ = problem;
}

}  // namespace ppinfer
