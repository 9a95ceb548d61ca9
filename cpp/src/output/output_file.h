// A file, pipe or terminal that records are written to.
#pragma once

#include <chrono>
#include <string>

namespace ppinfer {

// "cannot write answers.csv: No space left on device". `opening`: what failed was to open it.
[[noreturn]] void throw_write_failure(const std::string& path, int error, bool opening);

// For one thread at a time. Text stays in a buffer until flush(). appended() flushes at 64 KiB, or when a second has
// passed since its last flush; on a terminal it flushes at once.
class OutputFile {
 public:
  // "-": standard output. Anything else is created or emptied. Throws RuntimeFailure.
  explicit OutputFile(const std::string& path);
  ~OutputFile();  // writes what is left and closes; errors stay unsaid
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::string& buffer() { return buffer_; }  // append here
  // flush() is due: there are 64 KiB, or it's a terminal, whose reader sees everything at once.
  bool full() const;
  void appended();  // flush() where full(), or a second after the last time; throws RuntimeFailure
  void flush();     // throws RuntimeFailure
  // Writes only the bytes that a pipe accepts without a wait for its reader. True: the buffer is empty. Throws
  // RuntimeFailure.
  bool flush_what_fits();
  void close();  // writes what is left; throws RuntimeFailure

 private:
  std::size_t write_some(const char* bytes, std::size_t count);
  [[noreturn]] void fail(int error);

  std::string path_;
  std::string buffer_;
  int descriptor_ = -1;  // -1: closed
  bool at_once_ = false;
  std::chrono::steady_clock::time_point last_flush_;
};

}  // namespace ppinfer
