#include "input/found_queue.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

namespace ppinfer {
namespace {

constexpr std::size_t kMostQueuedBytes = std::size_t{32} << 20;
constexpr std::size_t kOtherBytes = 512;  // of one that is kept whole, with its texts, roughly
constexpr std::uint32_t kOther = std::numeric_limits<std::uint32_t>::max();

}  // namespace

void FoundQueue::push(FoundInput found) {
  ImageInput& input = found.input;
  Entry entry;
  entry.size_bytes = input.size_bytes;
  const bool is_plain = !found.is_stream && std::holds_alternative<std::monostate>(input.content);
  std::string& before = last_pushed_;
  std::size_t shared = 0;
  if (is_plain) {
    const std::size_t most = std::min(before.size(), input.path.size());
    shared = static_cast<std::size_t>(
        std::mismatch(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(most), input.path.begin()).first -
        before.begin());
    entry.shared_bytes = static_cast<std::uint32_t>(shared);
    entry.own_bytes = static_cast<std::uint32_t>(input.path.size() - shared);
  } else {
    entry.shared_bytes = kOther;
  }
  const char* const bytes = reinterpret_cast<const char*>(&entry);
  entries_.insert(entries_.end(), bytes, bytes + sizeof entry);
  if (!is_plain) return others_.push_back(std::move(found));
  entries_.insert(entries_.end(), input.path.begin() + static_cast<std::ptrdiff_t>(shared), input.path.end());
  before = std::move(input.path);
}

bool FoundQueue::pop(FoundInput& found) {
  if (entries_.empty()) return false;
  Entry entry;
  auto at = entries_.begin() + sizeof entry;
  std::copy(entries_.begin(), at, reinterpret_cast<char*>(&entry));
  if (entry.shared_bytes == kOther) {
    found = std::move(others_.front());
    others_.pop_front();
  } else {
    last_popped_.resize(entry.shared_bytes);
    last_popped_.append(at, at + entry.own_bytes);
    at += entry.own_bytes;
    found = FoundInput();
    found.input.path = last_popped_;
    found.input.size_bytes = entry.size_bytes;
  }
  entries_.erase(entries_.begin(), at);
  return true;
}

bool FoundQueue::full() const { return entries_.size() + others_.size() * kOtherBytes >= kMostQueuedBytes; }

}  // namespace ppinfer
