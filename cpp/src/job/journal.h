// Which inputs the records of an unfinished output are of, and what they were made by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "job/growing_file.h"
#include "job/input_facts.h"
#include "ppinfer/job.h"

namespace ppinfer {

// A file that holds its version, the run's id, a JobIdentity, and one entry of 32 bytes for each input that has its
// record, in their order. All of it has check sums, so that what isn't whole is told from what is. For one thread at a
// time.
class Journal {
 public:
  explicit Journal(std::string path) : file_(std::move(path)) {}

  // Locks it for this run, until close() or remove(), and reads what a stopped run has left. Throws RuntimeFailure.
  void open();
  bool is_empty() const { return file_.bytes() == 0; }
  bool is_whole() const { return entries_at_ > 0; }  // it says what its records were made by
  bool is_of_others() const;                         // it begins as no journal does: somebody else's file
  const JobIdentity& identity() const { return identity_; }
  // 32 random hexadecimal digits of the run that began the journal: other files of that run hold them, too.
  const std::string& run_id() const { return run_id_; }
  std::int64_t entries() const { return entries_; }  // whole ones, from the first on, and those appended
  std::int64_t stored_entries() const;               // without those that are kept back
  bool is_at_end() const { return is_at_end_; }      // mark_end() follows them

  struct Entry {
    InputFacts input;
    bool is_error = false;
  };
  // Calls `visit(index, entry)` for the first `count` entries while it returns true.
  template <class Visit>
  void for_each(std::int64_t count, const Visit& visit) const {
    Reader reader(*this);
    Entry entry;
    for (std::int64_t index = 0; index < count && reader.next(entry); ++index) {
      if (!visit(index, entry)) return;
    }
  }

  void begin(const JobIdentity& identity);              // empties it
  void cut(std::int64_t count);                         // keeps so many entries
  void append(const InputFacts& input, bool is_error);  // kept back until flush()
  void mark_end();  // all inputs are done, and the output is about to be put in place
  void flush() { file_.flush(); }

  void close() { file_.close(); }
  void remove() { file_.remove(); }

 private:
  class Reader {
   public:
    explicit Reader(const Journal& journal) : journal_(journal), offset_(journal.entries_at_) {}
    bool next(Entry& entry);  // false: there is none, or the end is marked here
    bool is_at_end() const { return is_at_end_; }

   private:
    const Journal& journal_;
    std::int64_t offset_;
    std::int64_t index_ = 0;
    std::string block_;
    std::size_t used_ = 0;  // of block_
    bool is_at_end_ = false;
  };

  void append_entry(const InputFacts& input, std::uint32_t flags);
  bool read_header();

  GrowingFile file_;
  JobIdentity identity_;
  std::string run_id_;
  std::int64_t entries_at_ = 0;  // bytes of the header; 0: there is none
  std::int64_t entries_ = 0;
  bool is_at_end_ = false;
};

}  // namespace ppinfer
