#include "core/model_weights.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/file_names.h"
#include "core/message_text.h"
#include "core/protobuf_file.h"
#include "core/stand_in.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFields = 10'000'000;  // the largest classifiers have some 100,000
constexpr int kMaxDepth = 100;                    // protobuf's own limit
constexpr std::size_t kMaxNameBytes = 4096;

// The messages of onnx.proto that lead to a tensor's file.
enum class Message { kModel, kGraph, kNode, kAttribute, kTensor, kSparseTensor, kFunction, kTraining, kEntry, kOther };

// The kind of a field. Protobuf merges a message that occurs twice, so each occurrence is checked.
Message message_in(Message message, std::uint32_t field) {
  switch (message) {
    case Message::kModel:
      return field == 7    ? Message::kGraph
             : field == 20 ? Message::kTraining
             : field == 25 ? Message::kFunction
                           : Message::kOther;
    case Message::kTraining:
      return field == 1 || field == 2 ? Message::kGraph : Message::kOther;
    case Message::kFunction:
      return field == 7 ? Message::kNode : field == 11 ? Message::kAttribute : Message::kOther;
    case Message::kGraph:
      return field == 1    ? Message::kNode
             : field == 5  ? Message::kTensor
             : field == 15 ? Message::kSparseTensor
                           : Message::kOther;
    case Message::kNode:
      return field == 5 ? Message::kAttribute : Message::kOther;
    case Message::kAttribute:
      if (field == 5 || field == 10) return Message::kTensor;
      if (field == 6 || field == 11) return Message::kGraph;
      return field == 22 || field == 23 ? Message::kSparseTensor : Message::kOther;
    case Message::kSparseTensor:
      return field == 1 || field == 2 ? Message::kTensor : Message::kOther;
    case Message::kTensor:
      return field == 13 ? Message::kEntry : Message::kOther;  // external_data
    case Message::kEntry:
    case Message::kOther:
      break;
  }
  return Message::kOther;
}

// What a tensor's external_data says, as the file has it.
struct NamedRange {
  std::string location;
  std::string offset;  // empty: from the file's start
  std::string length;  // empty: to its end
};

// Collects each tensor's external_data, whatever comes first in an entry, key or value.
class LocationReader {
 public:
  explicit LocationReader(const std::string& onnx_path) : file_(onnx_path, kMaxFields) {
    read(Message::kModel, file_.all(), 0);
    if (!has_graph_) throw NotProtobuf{"it holds no graph"};
  }

  std::vector<NamedRange> ranges;

 private:
  void read(Message message, ByteRange rest, int depth) {
    if (depth > kMaxDepth) throw NotProtobuf{"its graphs are nested more than 100 deep"};
    ProtobufField field;
    NamedRange range;
    bool names_a_file = false;
    while (file_.next(rest, field)) {
      if (!field.is_delimited) continue;
      const Message inner = message_in(message, field.number);
      if (inner == Message::kGraph) has_graph_ = true;
      if (inner == Message::kEntry) {
        names_a_file = read_entry(field.value, range) || names_a_file;
      } else if (inner != Message::kOther) {
        read(inner, field.value, depth + 1);
      }
    }
    if (names_a_file) ranges.push_back(std::move(range));
  }

  // Whether it is a location. { string key = 1; string value = 2; }
  bool read_entry(ByteRange rest, NamedRange& range) {
    std::string key, value;
    ProtobufField field;
    while (file_.next(rest, field)) {
      if (field.is_delimited && field.number == 1) key = file_.text(field.value, kMaxNameBytes);
      if (field.is_delimited && field.number == 2) value = file_.text(field.value, kMaxNameBytes);
    }
    if (key == "offset") range.offset = value;
    if (key == "length") range.length = value;
    if (key != "location") return false;
    // Given twice: both are checked, because front ends differ in their choice.
    if (!range.location.empty()) ranges.push_back(range);
    range.location = value;
    return true;
  }

  ProtobufFile file_;
  bool has_graph_ = false;
};

std::vector<NamedRange> ranges_in(const std::string& onnx_path) {
  try {
    return std::move(LocationReader(onnx_path).ranges);
  } catch (const NotProtobuf& problem) {
    throw ModelError(onnx_path + ": can't be read as ONNX: " + problem.what());
  }
}

bool is_beneath(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end() && rest != path.end();
}

// Both folders of Note [Files that a model names].
bool is_of_the_model(const fs::path& resolved, const fs::path& model) {
  return is_beneath(resolved, fs::canonical(model.parent_path() / ".")) ||
         is_beneath(resolved, fs::canonical(model).parent_path());
}

// Where a link to weights may lead: anywhere where their name isn't the model's to choose.
enum class LinksTo { kTheModelsFolder, kAnywhere };

// Empty: it may be read, or isn't there.
std::string file_problem(const fs::path& weights, const fs::path& model, LinksTo links_to) {
  try {
    const fs::file_status status = fs::status(weights);
    if (!fs::exists(status)) return "";
    if (!fs::is_regular_file(status)) return "is not a regular file";
    if (links_to == LinksTo::kAnywhere || is_of_the_model(fs::canonical(weights), model)) return "";
    return "lies outside the model's folder";
  } catch (const fs::filesystem_error& error) {
    return error.code().message();
  }
}

// Beside the model; empty where the name itself leads elsewhere.
fs::path path_beside(const std::string& model_path, const std::string& name) {
  const fs::path relative(name);
  const bool leads_up = std::find(relative.begin(), relative.end(), "..") != relative.end();
  // Front ends take "*/_ORT_MEM_ADDR_/*" for an address in their own memory, whatever file has that name.
  const bool is_address = name.find("_ORT_MEM_ADDR_") != std::string::npos;
  if (name.empty() || relative.is_absolute() || leads_up || is_address || name.find('\0') != std::string::npos)
    return {};
  return fs::path(model_path).parent_path() / relative;
}

// A file that the model names, there or not.
struct NamedFile {
  std::string name;
  fs::path path;
  std::string problem;  // why it must not be read; empty: it may
};

NamedFile sound_or_not(const std::string& model_path, std::string name, fs::path path, LinksTo links_to) {
  std::string problem = file_problem(path, model_path, links_to);
  if (!problem.empty()) {
    problem =
        "its weights are in " + shown_word(name) + ", which " + problem + ": expected a file in the model's folder";
  }
  return {std::move(name), std::move(path), std::move(problem)};
}

NamedFile of_ir(const std::string& model_path) {
  const fs::path weights = file_beside(model_path, ".bin");
  return sound_or_not(model_path, weights.filename().string(), weights, LinksTo::kAnywhere);
}

NamedFile of_onnx(const std::string& model_path, const std::string& name) {
  const fs::path path = path_beside(model_path, name);
  if (!path.empty()) return sound_or_not(model_path, name, path, LinksTo::kTheModelsFolder);
  return {name, path,
          "names weights in " + shown_word(name) +
              ": expected a file in the model's folder, by a relative path without `..`"};
}

bool is_onnx(const std::string& model_path) { return lower_ending(model_path) == ".onnx"; }

// Empty: the model isn't ONNX, or isn't there.
std::vector<NamedRange> onnx_ranges(const std::string& model_path) {
  std::error_code error;
  if (!is_onnx(model_path) || !fs::exists(model_path, error)) return {};
  return ranges_in(model_path);
}

// `ranges`: the model's onnx_ranges().
std::vector<NamedFile> named_files(const std::string& model_path, const std::vector<NamedRange>& ranges) {
  if (lower_ending(model_path) == ".xml") return {of_ir(model_path)};
  std::vector<NamedFile> files;
  std::set<std::string> known;
  for (const NamedRange& range : ranges) {
    if (known.insert(range.location).second) files.push_back(of_onnx(model_path, range.location));
  }
  return files;
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// Empty: the file has the bytes that a tensor is in.
std::string range_problem(const NamedRange& range, const fs::path& weights) {
  const std::string where = "its weights: " + weights.string() + ": ";
  for (const std::string& text : {range.offset, range.length}) {
    if (!text.empty() && !number_in(text)) {
      return where + "a tensor begins or ends at byte " + ppinfer::quoted(text) + ", expected a number";
    }
  }
  const std::uint64_t offset = number_in(range.offset).value_or(0);
  const std::uint64_t length = number_in(range.length).value_or(0);
  std::error_code error;
  const std::uint64_t file_bytes = fs::file_size(weights, error);
  if (error) return where + error.message();
  if (offset <= file_bytes && length <= file_bytes - offset) return "";
  return where + "has " + std::to_string(file_bytes) + " bytes, but a tensor has " + std::to_string(length) +
         " from byte " + std::to_string(offset) + " on: was it copied in full?";
}

}  // namespace

std::vector<std::string> weights_beside(const std::string& model_path) {
  std::vector<std::string> paths;
  for (const NamedFile& file : named_files(model_path, onnx_ranges(model_path))) {
    if (!file.problem.empty()) throw ModelError(model_path + ": " + file.problem);
    std::error_code error;
    if (fs::exists(file.path, error)) paths.push_back(file.path.string());
  }
  return paths;
}

std::vector<std::string> weights_problems(const std::string& model_path) {
  std::vector<std::string> problems;
  const std::vector<NamedRange> ranges = onnx_ranges(model_path);
  for (const NamedFile& file : named_files(model_path, ranges)) {
    std::error_code error;
    if (!file.problem.empty()) {
      problems.push_back(file.problem);
    } else if (fs::exists(file.path, error)) {
      const std::string stand_in = stand_in_problem(file.path.string());
      if (!stand_in.empty()) problems.push_back("its weights: " + file.path.string() + ": " + stand_in);
    } else if (is_onnx(model_path)) {
      problems.push_back("its weights are in " + shown_word(file.name) + ", but " + file.path.string() +
                         " does not exist: was it copied along?");
    }
  }
  if (!problems.empty()) return problems;
  for (const NamedRange& range : ranges) {
    const std::string problem = range_problem(range, path_beside(model_path, range.location));
    if (!problem.empty()) return {problem};  // the others have the same cause: another file, or a truncated one
  }
  return problems;
}

}  // namespace ppinfer
