// A file of paths, or standard input, read bit by bit.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ppinfer {

class PathList {
 public:
  // "-" is standard input. Once another thread sets `stopped`, which must outlive this, nothing is waited for any more,
  // and the list has ended. Throws ConfigError when the file can't be opened.
  PathList(std::string path, bool ends_in_nul, const std::atomic<bool>& stopped);
  ~PathList();
  PathList(const PathList&) = delete;
  PathList& operator=(const PathList&) = delete;

  // The next path; false: there is none. Without NULs empty lines are left out, and what Windows writes around them:
  // the \r of each line, the mark of UTF-8 in front of the first. Throws RuntimeFailure: the file isn't a list of
  // paths, or can't be read further. Each later call throws the same again, so that no lane continues after the error.
  // While there is nothing to read, calls `while_waiting` about every 100 ms; its exceptions come out.
  bool next(std::string& path, const std::function<void()>& while_waiting = {});
  std::int64_t entries() const { return entries_; }  // read so far, empty lines too
  bool is_file() const;                              // next() waits for nobody
  bool is_ready() const;                             // next() most likely needn't wait for whoever writes the list

 private:
  char terminator() const { return ends_in_nul_ ? '\0' : '\n'; }
  void require_nul_list(const std::string& entry);
  bool read_entry(std::string& entry, const std::function<void()>& while_waiting);
  bool fill(const std::function<void()>& while_waiting);           // false: the end
  bool wait_for_more(const std::function<void()>& while_waiting);  // likewise
  [[noreturn]] void fail(const std::string& reason);

  std::string path_;
  bool ends_in_nul_ = false;
  const std::atomic<bool>& stopped_;
  int descriptor_ = -1;
  std::vector<char> buffer_;
  std::size_t start_ = 0;  // of what in the buffer isn't used yet
  std::size_t end_ = 0;
  std::int64_t entries_ = 0;
  bool is_unended_ = false;  // the last entry had no terminator
  std::string failure_;      // empty: none so far
};

}  // namespace ppinfer
