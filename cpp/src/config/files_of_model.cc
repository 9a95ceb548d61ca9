#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "config/paths.h"
#include "ppinfer/config.h"

namespace ppinfer {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::size_t kMaxNameBytes = 4096;

// ONNX may keep a tensor's values in a file beside it, which the tensor's external_data names: in protobuf's bytes, an
// entry whose field 1 is the word "location", and whose field 2 is a length and the name.
constexpr std::string_view kLocation = "\x0a\x08location\x12";

// The name whose length `bytes` begins with; empty: there is none, or it isn't all there.
std::string_view name_in(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  std::size_t length = static_cast<unsigned char>(bytes[0]);
  const bool has_second_byte = length >= 0x80;
  if (has_second_byte) length = (length & 0x7F) | std::size_t{static_cast<unsigned char>(bytes[1])} << 7U;
  bytes.remove_prefix(has_second_byte ? 2 : 1);
  return length <= std::min(bytes.size(), kMaxNameBytes) ? bytes.substr(0, length) : std::string_view();
}

// In the order in which the model first names them.
std::vector<std::string> external_data_of(const std::string& onnx_path) {
  constexpr std::size_t kMaxEntryBytes = kLocation.size() + 2 + kMaxNameBytes;
  std::vector<std::string> names;
  std::ifstream file(onnx_path, std::ios::binary);
  std::string block;
  while (file) {
    // What stood at the end of the last block comes again, for an entry that went on into this one.
    block.erase(0, block.size() - std::min(block.size(), kMaxEntryBytes));
    const std::size_t kept = block.size();
    block.resize(kept + kBlockBytes);
    file.read(block.data() + kept, kBlockBytes);
    block.resize(kept + static_cast<std::size_t>(file.gcount()));
    const std::string_view text = block;
    for (std::size_t at = 0; (at = text.find(kLocation, at)) != std::string_view::npos;) {
      at += kLocation.size();
      const std::string name(name_in(text.substr(at)));
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

}  // namespace

std::vector<std::string> files_of_model(const std::string& model_path, const std::string& params_path) {
  std::vector<std::string> files{model_path};
  if (!params_path.empty()) files.push_back(params_path);
  std::filesystem::path weights(model_path);
  std::vector<std::string> others;
  if (weights.extension() == ".xml") others.push_back(weights.replace_extension(".bin").string());
  if (weights.extension() == ".onnx") {
    for (const std::string& name : external_data_of(model_path)) {
      others.push_back(path_from(parent_folder(model_path), name));
    }
  }
  for (const std::string& path : others) {
    if (is_there(path)) files.push_back(path);
  }
  return files;
}

}  // namespace ppinfer
