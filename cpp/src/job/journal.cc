#include "job/journal.h"

#include <cstddef>
#include <cstring>
#include <random>

#include "core/stable_hash.h"

namespace ppinfer {
namespace {

// The file's first line, which says what it is to whoever looks into it, and the version of what follows.
constexpr std::string_view kMagic = "ppinfer journal 2\n";
constexpr std::string_view kKind = "ppinfer journal ";  // of any version
constexpr std::size_t kRunIdDigits = 32;
constexpr std::size_t kMaxHeaderBytes = 64 << 20;
constexpr std::size_t kBlockEntries = 4096;

constexpr std::uint32_t kError = 1;
constexpr std::uint32_t kEnd = 2;

// As on disk, in the machine's own byte order: a journal doesn't outlive its run by much.
struct StoredEntry {
  InputFacts input;
  std::uint32_t flags = 0;
  std::uint32_t check = 0;
};
static_assert(sizeof(StoredEntry) == 32, "no gaps, and the same on every machine");
constexpr auto kEntryBytes = static_cast<std::int64_t>(sizeof(StoredEntry));

// An entry at another place than its own, as after a block that never reached the disk, is none.
std::uint32_t check_of(const StoredEntry& entry, std::int64_t index) {
  constexpr std::size_t kChecked = offsetof(StoredEntry, check);
  char bytes[kChecked + sizeof index];
  std::memcpy(bytes, &entry, kChecked);
  std::memcpy(bytes + kChecked, &index, sizeof index);
  return static_cast<std::uint32_t>(stable_hash({bytes, sizeof bytes}));
}

void append_number(std::size_t number, std::string& bytes) {
  const auto value = static_cast<std::uint32_t>(number);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_text(const std::string& text, std::string& bytes) {
  append_number(text.size(), bytes);
  bytes += text;
}

std::uint32_t take_number(std::string_view& bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

bool take_text(std::string_view& bytes, std::string& text) {
  if (bytes.size() < sizeof(std::uint32_t)) return false;
  const std::size_t count = take_number(bytes);
  if (count > bytes.size()) return false;
  text = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return true;
}

std::string random_id() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string id;
  for (std::size_t digit = 0; digit < kRunIdDigits; ++digit) id += kDigits[random() % 16];
  return id;
}

std::uint32_t check_of(std::string_view payload) { return static_cast<std::uint32_t>(stable_hash(payload)); }

}  // namespace

void Journal::open() {
  file_.open();
  if (!read_header()) return;
  Reader reader(*this);
  for (Entry entry; reader.next(entry);) ++entries_;
  is_at_end_ = reader.is_at_end();
}

bool Journal::read_header() {
  std::string start(kMagic.size() + 2 * sizeof(std::uint32_t), '\0');
  if (file_.read(0, start.data(), start.size()) != start.size()) return false;
  std::string_view rest = start;
  if (rest.substr(0, kMagic.size()) != kMagic) return false;
  rest.remove_prefix(kMagic.size());
  const std::size_t bytes = take_number(rest);
  const std::uint32_t check = take_number(rest);
  if (bytes > kMaxHeaderBytes || static_cast<std::int64_t>(start.size() + bytes) > file_.bytes()) return false;
  std::string payload(bytes, '\0');
  const auto payload_at = static_cast<std::int64_t>(start.size());
  if (file_.read(payload_at, payload.data(), bytes) != bytes || check_of(payload) != check) return false;
  rest = payload;
  if (!take_text(rest, run_id_)) return false;
  while (!rest.empty()) {
    std::pair<std::string, std::string> row;
    if (!take_text(rest, row.first) || !take_text(rest, row.second)) return false;
    identity_.push_back(std::move(row));
  }
  entries_at_ = payload_at + static_cast<std::int64_t>(bytes);
  return true;
}

bool Journal::Reader::next(Entry& entry) {
  if (used_ == block_.size()) {
    block_.resize(kBlockEntries * sizeof(StoredEntry));
    const std::size_t got = journal_.file_.read(offset_, block_.data(), block_.size());
    block_.resize(got - got % sizeof(StoredEntry));  // half an entry is none
    offset_ += static_cast<std::int64_t>(block_.size());
    used_ = 0;
    if (block_.empty()) return false;
  }
  StoredEntry stored;
  std::memcpy(&stored, block_.data() + used_, sizeof stored);
  if (stored.check != check_of(stored, index_)) return false;
  is_at_end_ = stored.flags == kEnd;
  if (is_at_end_) return false;
  used_ += sizeof stored;
  ++index_;
  entry = {stored.input, (stored.flags & kError) != 0};
  return true;
}

bool Journal::is_of_others() const {
  std::string start(kKind.size(), '\0');
  start.resize(file_.read(0, start.data(), start.size()));
  return kKind.substr(0, start.size()) != start;
}

void Journal::begin(const JobIdentity& identity) {
  file_.cut(0);
  std::string id = random_id();
  std::string payload;
  append_text(id, payload);
  for (const auto& [key, value] : identity) {
    append_text(key, payload);
    append_text(value, payload);
  }
  file_.buffer() += kMagic;
  append_number(payload.size(), file_.buffer());
  append_number(check_of(payload), file_.buffer());
  file_.buffer() += payload;
  file_.flush();
  identity_ = identity;
  run_id_ = std::move(id);
  entries_at_ = file_.bytes();
  entries_ = 0;
  is_at_end_ = false;
}

void Journal::cut(std::int64_t count) {
  file_.cut(entries_at_ + count * kEntryBytes);
  entries_ = count;
  is_at_end_ = false;
}

void Journal::append(const InputFacts& input, bool is_error) {
  append_entry(input, is_error ? kError : 0);
  ++entries_;
}

std::int64_t Journal::stored_entries() const { return (file_.bytes() - entries_at_) / kEntryBytes; }

void Journal::mark_end() {
  append_entry({}, kEnd);
  flush();
}

void Journal::append_entry(const InputFacts& input, std::uint32_t flags) {
  StoredEntry stored{input, flags, 0};
  stored.check = check_of(stored, entries_);
  file_.buffer().append(reinterpret_cast<const char*>(&stored), sizeof stored);
}

}  // namespace ppinfer
