// What the fuzz targets share. Each defines LLVMFuzzerTestOneInput, which libFuzzer calls with one input after another;
// an exception that leaves it, or a promise that doesn't hold, is a finding.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "ppinfer/span.h"
#include "temporary_folder.h"

namespace ppinfer {

using Bytes = Span<const std::uint8_t>;

inline std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline void require(bool holds, const char* promise, std::string_view got = "") {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s; got: %.*s\n", promise, static_cast<int>(got.size()), got.data());
  std::abort();
}

// Of what people read: not empty, and no end of a line in it.
inline void require_line(std::string_view text, const char* promise) {
  require(!text.empty() && text.find_first_of("\r\n") == text.npos, promise, text);
}

// For functions that take a path: the bytes as a file, the same one for each input.
inline std::string as_file(Bytes bytes, const std::string& name) {
  static const TemporaryFolder folder;
  std::filesystem::remove(folder.path(name));  // some file systems write a file that is emptied to the disk at once
  return folder.write(name, std::string(text_of(bytes)));
}

}  // namespace ppinfer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count);
