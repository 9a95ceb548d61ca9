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

}  // namespace

std::string Manifest::make_run_id() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string id;
  for (int digit = 0; digit < kIdDigits; ++digit) id += kDigits[random() % 16];
  return id;
}

void Manifest::open() {
  file_.open();
  const auto bytes = static_cast<std::size_t>(file_.bytes());
  std::string content(std::min(bytes, kMaxBytes), '\0');
  content.resize(file_.read(0, content.data(), content.size()));
  is_foreign_ = kBeginning.substr(0, content.size()) != content.substr(0, kBeginning.size());
  if (is_foreign_ || bytes > kMaxBytes) return;
  std::size_t begin = 0;
  for (std::size_t end; (end = content.find('\n', begin)) != std::string::npos; begin = end + 1) {
    read(content.substr(begin, end - begin));
  }
  whole_bytes_ = static_cast<std::int64_t>(begin);  // what follows is half a line that a kill has left
}

void Manifest::read(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    if (json.contains("images")) {
      complete_ = Counts{json.at("images").get<std::int64_t>(), json.at("errors").get<std::int64_t>()};
      return;
    }
    run_id_.clear();
    complete_.reset();
    is_starting_ = json.contains("starting");
    RunIdentity identity;
    if (!is_starting_) {
      for (const auto& [key, value] : json.at("identity").items()) identity.emplace_back(key, value.get<std::string>());
    }
    run_id_ = json.at("id").get<std::string>();
    identity_ = std::move(identity);
  } catch (const Json::exception&) {
    run_id_.clear();  // damaged: nothing is known of the part
    is_starting_ = false;
  }
}

void Manifest::append(const std::string& line) {
  if (file_.bytes() > whole_bytes_) file_.truncate(whole_bytes_);
  file_.buffer() = line + "\n";
  file_.flush();
  whole_bytes_ = file_.bytes();
}

void Manifest::announce(std::string run_id) {
  if (is_foreign_) whole_bytes_ = 0;
  append(std::string(kBeginning) + Json{{"starting", true}, {"id", run_id}}.dump().substr(1));
  run_id_ = std::move(run_id);
  complete_.reset();
  is_foreign_ = false;
  is_starting_ = true;
}

void Manifest::begin(const RunIdentity& identity) {
  Json keys = Json::object();
  for (const auto& [key, value] : identity) keys[key] = value;
  const Json rest = {{"id", run_id_}, {"identity", std::move(keys)}};
  append(std::string(kBeginning) + rest.dump().substr(1));
  identity_ = identity;
  is_starting_ = false;
}

void Manifest::mark_complete(const Counts& counts) {
  append(Json{{"images", counts.images}, {"errors", counts.errors}}.dump());
  complete_ = counts;
}

}  // namespace ppinfer
