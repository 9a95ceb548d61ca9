// The bytes in a packed stream: gzip, bzip2, xz or Zstandard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "ppinfer/span.h"

namespace ppinfer {

// Unpacks a stream piece by piece and returns all data up to its end or its damage. A library's own file reader would
// discard the data of a partly filled buffer.
class Unpacker {
 public:
  enum class State {
    kContinues,
    kBetweenStreams,  // the stream may end here; another one may follow
    kDamaged,
    kTooLarge,  // it asks for more memory than is given for its window
    kNoMemory,
  };
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    State state = State::kContinues;
  };

  // The unpacker for the first bytes of a stream: kMarkBytes, or all bytes of a shorter stream. Null: another format.
  // Throws std::bad_alloc.
  static std::unique_ptr<Unpacker> for_start(Span<const std::uint8_t> start);
  static constexpr std::size_t kMarkBytes = 6;

  Unpacker() = default;
  virtual ~Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  virtual const char* name() const = 0;  // "gzip", ...
  // After kBetweenStreams the next call begins another stream; after kDamaged and what follows there is none.
  virtual Step step(Span<const std::uint8_t> packed, std::uint8_t* unpacked, std::size_t limit_bytes) = 0;
};

}  // namespace ppinfer
