#include "run/identity.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string_view>
#include <system_error>

#include "core/message_text.h"
#include "core/stable_hash.h"
#include "core/terminal_text.h"
#include "core/xxh64.h"
#include "ppinfer/error.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

std::string hexadecimal(std::uint64_t hash) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
  return digits.data();
}

std::string hash_of(const std::vector<std::string>& labels) {
  std::string joined;
  for (const std::string& label : labels) joined += label + '\n';
  return hexadecimal(stable_hash(joined));
}

std::string hash_of_files(const std::vector<std::string>& paths) {
  std::string block(std::size_t{1} << 20, '\0');
  std::uint64_t hash = 0;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    do {
      file.read(block.data(), static_cast<std::streamsize>(block.size()));
      hash = Xxh64::of(std::string_view(block).substr(0, static_cast<std::size_t>(file.gcount())), hash);
    } while (file);
    if (!file.eof()) throw ModelError(path + ": cannot be read: " + std::generic_category().message(errno));
  }
  return hexadecimal(hash);
}

const std::string* value_of(const std::string& key, const RunIdentity& identity) {
  const auto found =
      std::find_if(identity.begin(), identity.end(), [&key](const auto& row) { return row.first == key; });
  return found == identity.end() ? nullptr : &found->second;
}

std::string in_words(const std::string* value) {
  if (value == nullptr) return "not set";
  return value->empty() ? "unset" : shown_word(*value);
}

}  // namespace

RunIdentity record_identity(const Predictor& predictor) {
  RunIdentity identity{{"ppinfer", kVersion}};
  const std::vector<FieldInfo> fields = config_fields();
  const std::vector<EffectiveValue> rows = report_config(predictor.config()).effective;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (fields[i].changes_records()) identity.emplace_back(rows[i].key, rows[i].text);
  }
  identity.emplace_back("hash of the labels", hash_of(predictor.labels()));
  const Settings& settings = predictor.config().settings();
  const std::vector<std::string> files = files_of_model(settings.cls_model_path, settings.cls_params_path);
  identity.emplace_back("hash of the model", hash_of_files(files));
  return identity;
}

RunIdentity shown(const RunIdentity& identity) {
  RunIdentity rows;
  for (const auto& [key, value] : identity) {
    auto& row = rows.emplace_back();
    append_shown(key, true, row.first);
    append_shown(value, true, row.second);
  }
  return rows;
}

void refuse_resume(const std::string& output_path, std::vector<std::string> reasons) {
  for (std::string& reason : reasons) reason = "cannot resume " + output_path + ": " + reason;
  throw ConfigError(std::move(reasons), "repeat the original options, or start over with --force");
}

std::vector<std::string> identity_changes(const RunIdentity& then, const RunIdentity& now) {
  std::vector<std::string> changes;
  const auto compare = [&](const std::string& key) {
    const std::string* const old_value = value_of(key, then);
    const std::string* const new_value = value_of(key, now);
    if (old_value != nullptr && new_value != nullptr && *old_value == *new_value) return;
    changes.push_back(key + " is " + in_words(new_value) + ", was " + in_words(old_value));
  };
  for (const auto& row : now) compare(row.first);
  for (const auto& row : then) {
    if (value_of(row.first, now) == nullptr) compare(row.first);
  }
  return changes;
}

}  // namespace ppinfer
