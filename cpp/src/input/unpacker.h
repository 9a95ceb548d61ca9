// The bytes in a packed stream: gzip, bzip2, xz or Zstandard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "ppinfer/span.h"

namespace ppinfer {

// Takes a stream in pieces and gives out all that it can be unpacked to, up to its very end or the damage in it: a
// library's own file reader keeps back what it has not filled a buffer with.
class Unpacker {
 public:
  enum class State {
    kGoesOn,
    kBetweenStreams,  // the stream may end here; another one may follow
    kDamaged,
    kTooLarge,  // it asks for more memory than is given for its window
    kNoMemory,
  };
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    State state = State::kGoesOn;
  };

  // Tells the format by the first bytes of a stream, kMarkBytes or fewer where there are no more. Null: it is none of
  // these. Throws std::bad_alloc.
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
