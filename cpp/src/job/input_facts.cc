#include "job/input_facts.h"

#include <array>
#include <ctime>

#include "core/message_text.h"
#include "core/stable_hash.h"

namespace ppinfer {
namespace {

std::string counted_bytes(std::int64_t bytes) { return bytes < 0 ? "no known size" : counted(bytes, "byte"); }

std::string in_words(std::int64_t modified_ns) {
  if (modified_ns < 0) return "at an unknown time";
  const std::time_t seconds = modified_ns / 1'000'000'000;
  std::tm local{};
  std::array<char, 32> text{};
  if (localtime_r(&seconds, &local) == nullptr) return std::to_string(seconds);
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return "at " + std::string(text.data()) + "." + std::to_string(1'000'000'000 + modified_ns % 1'000'000'000).substr(1);
}

}  // namespace

InputFacts facts_of(const ImageInput& input) {
  // What an archive says of a member may be the same for another image: the archive's own size and time are not.
  const auto modified = static_cast<std::uint64_t>(input.modified_ns) ^ input.archive_stamp;
  return {stable_hash(input.path), input.size_bytes, static_cast<std::int64_t>(modified)};
}

std::string change_of(const ImageInput& input, const InputFacts& then, std::int64_t number) {
  const InputFacts now = facts_of(input);
  if (now.path_hash != then.path_hash) {
    return "input " + std::to_string(number) + " is " + input.path +
           " now, and was another one: it is new, or what stood before it is gone";
  }
  if (now.size_bytes != then.size_bytes) {
    return input.path + " has changed: it has " + counted_bytes(now.size_bytes) + ", and had " +
           counted_bytes(then.size_bytes);
  }
  if (now.modified_ns != then.modified_ns && input.archive_stamp != 0) {
    return input.path + " may have changed: its archive was replaced or written to";
  }
  if (now.modified_ns != then.modified_ns) {
    return input.path + " has changed: it was last modified " + in_words(now.modified_ns) + ", and had been " +
           in_words(then.modified_ns);
  }
  return "";
}

}  // namespace ppinfer
