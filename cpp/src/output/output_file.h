// A file, pipe or terminal that records are written to.
#pragma once

#include <chrono>
#include <string>

namespace ppinfer {

// "cannot write records to answers.csv: No space left on device". `opening`: what failed was to open it.
[[noreturn]] void throw_write_failure(const std::string& path, int error, bool opening);

// For one thread at a time. Text is kept back until there is 64 KiB of it, a second has passed, or, on a terminal, at
// once: enough that nobody waits in front of a pipe, and too seldom to cost anything.
class OutputFile {
 public:
  // "-": standard output. Anything else is created or emptied. Throws RuntimeFailure.
  explicit OutputFile(const std::string& path);
  ~OutputFile();  // writes what is left and closes; errors stay unsaid
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::string& buffer() { return buffer_; }  // append here, then call appended()
  void appended();                           // throws RuntimeFailure
  void flush();                              // throws RuntimeFailure
  void close();                              // writes what is left; throws RuntimeFailure

 private:
  void write_all(const char* bytes, std::size_t count);
  [[noreturn]] void fail(int error);

  std::string path_;
  std::string buffer_;
  int descriptor_ = -1;  // -1: closed
  bool at_once_ = false;
  std::chrono::steady_clock::time_point last_flush_;
};

}  // namespace ppinfer
