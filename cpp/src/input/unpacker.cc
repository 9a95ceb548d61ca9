#include "input/unpacker.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string_view>

namespace ppinfer {
namespace {

using namespace std::string_view_literals;
using State = Unpacker::State;

// What xz -9 and zstd take at most without being asked for more.
constexpr std::uint64_t kXzMemoryBytes = std::uint64_t{128} << 20;
constexpr int kZstdWindowLog = 27;

unsigned int as_count(std::size_t bytes) {
  return static_cast<unsigned int>(std::min<std::size_t>(bytes, std::numeric_limits<unsigned int>::max()));
}

template <typename Byte>
Byte* without_const(const std::uint8_t* bytes) {  // zlib and bzip2 don't write there
  return const_cast<Byte*>(reinterpret_cast<const Byte*>(bytes));
}

class Gzip : public Unpacker {
 public:
  Gzip() {
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

  const char* name() const override { return "gzip"; }
  Step step(Span<const std::uint8_t> packed, std::uint8_t* unpacked, std::size_t limit_bytes) override {
    if (at_end_) inflateReset(&stream_);
    at_end_ = false;
    stream_.next_in = without_const<Bytef>(packed.data());
    const unsigned int given = stream_.avail_in = as_count(packed.size());
    stream_.next_out = unpacked;
    const unsigned int limit = stream_.avail_out = as_count(limit_bytes);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    at_end_ = code == Z_STREAM_END;
    return {given - stream_.avail_in, limit - stream_.avail_out, state_of(code)};
  }

 private:
  static State state_of(int code) {
    if (code == Z_STREAM_END) return State::kBetweenStreams;
    if (code == Z_MEM_ERROR) return State::kNoMemory;
    return code == Z_OK || code == Z_BUF_ERROR ? State::kContinues : State::kDamaged;  // Z_BUF_ERROR: needs more bytes
  }

  z_stream stream_{};
  bool at_end_ = false;
};

class Bzip2 : public Unpacker {
 public:
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }

  const char* name() const override { return "bzip2"; }
  Step step(Span<const std::uint8_t> packed, std::uint8_t* unpacked, std::size_t limit_bytes) override {
    if (at_end_) {
      BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return {0, 0, State::kNoMemory};
    }
    stream_.next_in = without_const<char>(packed.data());
    const unsigned int given = stream_.avail_in = as_count(packed.size());
    stream_.next_out = reinterpret_cast<char*>(unpacked);
    const unsigned int limit = stream_.avail_out = as_count(limit_bytes);
    const int code = BZ2_bzDecompress(&stream_);
    at_end_ = code == BZ_STREAM_END;
    return {given - stream_.avail_in, limit - stream_.avail_out, state_of(code)};
  }

 private:
  static State state_of(int code) {
    if (code == BZ_STREAM_END) return State::kBetweenStreams;
    if (code == BZ_MEM_ERROR) return State::kNoMemory;
    return code == BZ_OK ? State::kContinues : State::kDamaged;
  }

  bz_stream stream_{};
  bool at_end_ = true;
};

class Xz : public Unpacker {
 public:
  ~Xz() override { lzma_end(&stream_); }

  const char* name() const override { return "xz"; }
  Step step(Span<const std::uint8_t> packed, std::uint8_t* unpacked, std::size_t limit_bytes) override {
    if (at_end_ && lzma_stream_decoder(&stream_, kXzMemoryBytes, 0) != LZMA_OK) return {0, 0, State::kNoMemory};
    stream_.next_in = packed.data();
    stream_.avail_in = packed.size();
    stream_.next_out = unpacked;
    stream_.avail_out = limit_bytes;
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    at_end_ = code == LZMA_STREAM_END;
    return {packed.size() - stream_.avail_in, limit_bytes - stream_.avail_out, state_of(code)};
  }

 private:
  static State state_of(lzma_ret code) {
    if (code == LZMA_STREAM_END) return State::kBetweenStreams;
    if (code == LZMA_MEM_ERROR) return State::kNoMemory;
    if (code == LZMA_MEMLIMIT_ERROR) return State::kTooLarge;
    return code == LZMA_OK || code == LZMA_BUF_ERROR ? State::kContinues : State::kDamaged;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool at_end_ = true;
};

class Zstandard : public Unpacker {
 public:
  Zstandard() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kZstdWindowLog);
  }
  ~Zstandard() override { ZSTD_freeDStream(stream_); }

  const char* name() const override { return "Zstandard"; }
  Step step(Span<const std::uint8_t> packed, std::uint8_t* unpacked, std::size_t limit_bytes) override {
    ZSTD_inBuffer from{packed.data(), packed.size(), 0};
    ZSTD_outBuffer to{unpacked, limit_bytes, 0};
    const std::size_t code = ZSTD_decompressStream(stream_, &to, &from);
    return {from.pos, to.pos, state_of(code)};
  }

 private:
  static State state_of(std::size_t code) {
    if (code == 0) return State::kBetweenStreams;
    switch (ZSTD_getErrorCode(code)) {
      case ZSTD_error_no_error:
        return State::kContinues;
      case ZSTD_error_memory_allocation:
        return State::kNoMemory;
      case ZSTD_error_frameParameter_windowTooLarge:
        return State::kTooLarge;
      default:
        return State::kDamaged;
    }
  }

  ZSTD_DStream* const stream_;
};

// pzstd begins each part with a frame of its own for others to skip, marked by one of 16 numbers.
bool begins_with_skipped_frame(Span<const std::uint8_t> bytes) {
  return bytes.size() >= 4 && bytes[0] >= 0x50 && bytes[0] <= 0x5f && bytes[1] == 0x2a && bytes[2] == 0x4d &&
         bytes[3] == 0x18;
}

bool begins_with(Span<const std::uint8_t> bytes, std::string_view mark) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, mark.size()) == mark;
}

}  // namespace

std::unique_ptr<Unpacker> Unpacker::for_start(Span<const std::uint8_t> start) {
  if (begins_with(start, "\x1f\x8b"sv)) return std::make_unique<Gzip>();
  if (begins_with(start, "BZh"sv)) return std::make_unique<Bzip2>();
  if (begins_with(start, "\xfd\x37zXZ\0"sv)) return std::make_unique<Xz>();
  if (begins_with(start, "\x28\xb5\x2f\xfd"sv) || begins_with_skipped_frame(start)) {
    return std::make_unique<Zstandard>();
  }
  return nullptr;
}

}  // namespace ppinfer
