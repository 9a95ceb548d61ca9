#include "run/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <string_view>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kBeginning = "{\"ppinfer_run\":1,";  // 1: the version of what follows
constexpr std::size_t kMaxBytes = 64 << 20;
constexpr int kIdDigits = 32;

std::string random_id() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string id;
  for (int digit = 0; digit < kIdDigits; ++digit) id += kDigits[random() % 16];
  return id;
}

}  // namespace

void Manifest::open() {
  file_.open();
  const auto bytes = static_cast<std::size_t>(file_.bytes());
  std::string content(std::min(bytes, kMaxBytes), '\0');
  content.resize(file_.read(0, content.data(), content.size()));
  is_foreign_ = kBeginning.substr(0, content.size()) != content.substr(0, kBeginning.size());
  if (!is_foreign_ && bytes <= kMaxBytes) read(content);
}

// A line that isn't whole, as a kill may leave it, says nothing.
void Manifest::read(const std::string& content) {
  const std::size_t first_end = content.find('\n');
  if (first_end == std::string::npos) return;
  try {
    const Json first = Json::parse(content.substr(0, first_end));
    RunIdentity identity;
    for (const auto& [key, value] : first.at("identity").items()) identity.emplace_back(key, value.get<std::string>());
    run_id_ = first.at("id").get<std::string>();
    identity_ = std::move(identity);
    for (std::size_t begin = first_end + 1, end; (end = content.find('\n', begin)) != std::string::npos;) {
      const Json counts = Json::parse(content.substr(begin, end - begin));
      complete_ = Counts{counts.at("images").get<std::int64_t>(), counts.at("errors").get<std::int64_t>()};
      begin = end + 1;
    }
  } catch (const Json::exception&) {
    // Damaged from here on.
  }
}

void Manifest::begin(const RunIdentity& identity) {
  file_.truncate(0);
  Json keys = Json::object();
  for (const auto& [key, value] : identity) keys[key] = value;
  run_id_ = random_id();
  const Json rest = {{"id", run_id_}, {"identity", std::move(keys)}};
  file_.buffer() = std::string(kBeginning) + rest.dump().substr(1) + "\n";
  file_.flush();
  identity_ = identity;
  complete_.reset();
  is_foreign_ = false;
}

void Manifest::mark_complete(const Counts& counts) {
  file_.buffer() = Json{{"images", counts.images}, {"errors", counts.errors}}.dump() + "\n";
  file_.flush();
  complete_ = counts;
}

}  // namespace ppinfer
