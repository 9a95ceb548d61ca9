#include "run/manifest.h"

#include <nlohmann/json.hpp>
#include <random>
#include <utility>
#include <vector>

#include "ppinfer/error.h"
#include "run/record_scan.h"

namespace ppinfer {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kBeginning = "{\"ppinfer_run\":1,";  // 1: the version of what follows
constexpr int kIdDigits = 32;

// Calls visit(line, end of the line in the file) while it returns true. A line is a record of JSON Lines.
void visit_lines(const GrowingFile& file, const RecordVisit& visit) {
  scan_records(file, RecordFormat::kJsonl, PostprocessOp::kTopk, visit);
}

// JSON has no text that isn't UTF-8: a path of other bytes is a list of them.
Json json_of_path(const std::string& path) {
  try {
    static_cast<void>(Json(path).dump());
    return path;
  } catch (const Json::type_error&) {
    return std::vector<std::uint8_t>(path.begin(), path.end());
  }
}

std::string path_of_json(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  const auto bytes = json.get<std::vector<std::uint8_t>>();
  return {bytes.begin(), bytes.end()};
}

bool is_bad_image(const Json& json) { return json.contains("bad") || json.contains("stays"); }

BadImage bad_image_of(const Json& json) {
  if (json.contains("stays")) return {"", "", json.at("stays").get<std::string>()};
  return {path_of_json(json.at("bad")), json.at("file").get<std::string>(), ""};
}

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
  std::string start(kBeginning.size(), '\0');
  start.resize(file_.read(0, start.data(), start.size()));
  is_foreign_ = kBeginning.substr(0, start.size()) != start;
  if (is_foreign_) return;
  visit_lines(file_, [this](std::string_view line, std::int64_t end) {
    read(line, end);
    whole_bytes_ = end;  // what follows the last line is half a line that a kill has left
    return true;
  });
}

void Manifest::read(std::string_view line, std::int64_t end) {
  try {
    const Json json = Json::parse(line);
    complete_.reset();
    if (json.contains("images")) {
      complete_ = Counts{json.at("images").get<std::int64_t>(), json.at("errors").get<std::int64_t>()};
      return;
    }
    if (is_bad_image(json)) {
      static_cast<void>(bad_image_of(json));
      ++bad_images_;
      return;
    }
    is_whole_ = false;
    run_id_.clear();
    is_starting_ = json.contains("starting");
    RunIdentity identity;
    if (!is_starting_) {
      for (const auto& [key, value] : json.at("identity").items()) identity.emplace_back(key, value.get<std::string>());
    }
    run_id_ = json.at("id").get<std::string>();
    identity_ = std::move(identity);
    identity_bytes_ = end;
    bad_images_ = 0;
    is_whole_ = !is_starting_;
  } catch (const Json::exception&) {
    is_whole_ = false;  // damaged: nothing is known of the part
    run_id_.clear();
    is_starting_ = false;
  }
}

void Manifest::append(const std::string& line) {
  if (file_.bytes() > whole_bytes_) file_.truncate(whole_bytes_);
  file_.buffer() += line + "\n";
}

void Manifest::flush() {
  if (file_.buffer().empty()) return;
  file_.flush();
  whole_bytes_ = file_.bytes();
}

void Manifest::announce(std::string run_id) {
  if (is_foreign_) whole_bytes_ = 0;
  append(std::string(kBeginning) + Json{{"starting", true}, {"id", run_id}}.dump().substr(1));
  flush();
  run_id_ = std::move(run_id);
  is_whole_ = false;
  complete_.reset();
  is_foreign_ = false;
  is_starting_ = true;
}

void Manifest::begin(const RunIdentity& identity) {
  Json keys = Json::object();
  for (const auto& [key, value] : identity) keys[key] = value;
  const Json rest = {{"id", run_id_}, {"identity", std::move(keys)}};
  append(std::string(kBeginning) + rest.dump().substr(1));
  flush();
  identity_ = identity;
  identity_bytes_ = whole_bytes_;
  bad_images_ = 0;
  is_whole_ = true;
  is_starting_ = false;
}

void Manifest::mark_complete(const Counts& counts) {
  append(Json{{"images", counts.images}, {"errors", counts.errors}}.dump());
  flush();
  complete_ = counts;
}

void Manifest::add(const BadImage& image) {
  Json json;
  if (image.path.empty()) {
    json["stays"] = image.stays;
  } else {
    json = {{"bad", json_of_path(image.path)}, {"file", image.file}};
  }
  append(json.dump());
  ++bad_images_;
}

void Manifest::keep_bad_images(std::int64_t count) {
  if (count >= bad_images_) return;
  std::int64_t kept_bytes = identity_bytes_;
  bad_images_ = 0;
  visit_lines(file_, [&](std::string_view line, std::int64_t end) {
    if (end <= identity_bytes_ || !is_bad_image(Json::parse(line))) return true;
    if (bad_images_ == count) return false;
    ++bad_images_;
    kept_bytes = end;
    return true;
  });
  file_.truncate(kept_bytes);
  whole_bytes_ = kept_bytes;
  complete_.reset();
}

void Manifest::visit_bad_images(const std::function<void(const BadImage&)>& visit) const {
  visit_lines(file_, [&](std::string_view line, std::int64_t end) {
    if (end <= identity_bytes_) return true;
    const Json json = Json::parse(line);
    if (is_bad_image(json)) visit(bad_image_of(json));
    return true;
  });
}

}  // namespace ppinfer
