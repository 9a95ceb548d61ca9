#include "job/changes.h"

#include <algorithm>

#include "core/message_text.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

const std::string* value_of(const std::string& key, const JobIdentity& identity) {
  const auto found =
      std::find_if(identity.begin(), identity.end(), [&key](const auto& row) { return row.first == key; });
  return found == identity.end() ? nullptr : &found->second;
}

std::string in_words(const std::string* value) {
  if (value == nullptr) return "not said";
  return value->empty() ? "unset" : shown_word(*value);
}

}  // namespace

void refuse_resume(const std::string& output_path, std::vector<std::string> reasons) {
  for (std::string& reason : reasons) reason = "cannot resume " + output_path + ": " + reason;
  throw ConfigError(std::move(reasons), "run it as it was begun, or start over with --force");
}

void require_same_identity(const std::string& output_path, const JobIdentity& then, const JobIdentity& now) {
  std::vector<std::string> changes;
  const auto compare = [&](const std::string& key) {
    const std::string* const old_value = value_of(key, then);
    const std::string* const new_value = value_of(key, now);
    if (old_value != nullptr && new_value != nullptr && *old_value == *new_value) return;
    changes.push_back(key + " is " + in_words(new_value) + ", and was " + in_words(old_value));
  };
  if (value_of(kProgramKey, then) != nullptr && value_of(kProgramKey, now) != nullptr) compare(kProgramKey);
  if (!changes.empty()) refuse_resume(output_path, std::move(changes));
  for (const auto& row : now) compare(row.first);
  for (const auto& row : then) {
    if (value_of(row.first, now) == nullptr) compare(row.first);
  }
  if (!changes.empty()) refuse_resume(output_path, std::move(changes));
}

void require_same_input(const std::string& output_path, const ImageInput& input, const InputFacts& then,
                        std::int64_t number) {
  const std::string change = change_of(input, then, number);
  if (!change.empty()) refuse_resume(output_path, {change});
}

}  // namespace ppinfer
