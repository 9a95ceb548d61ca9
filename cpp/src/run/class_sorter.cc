#include "run/class_sorter.h"

#include <algorithm>
#include <cstddef>
#include <cwchar>
#include <cwctype>
#include <string_view>

#include "core/utf8_locale.h"
#include "ppinfer/error.h"
#include "run/folder_checks.h"

namespace ppinfer {
namespace {

constexpr const char* kNoClass = "(no class)";
constexpr std::size_t kMaxFolderBytes = 200;

// As file systems compare names that ignore case.
std::wstring without_case(const std::string& name) {
  const Utf8Locale utf8;
  std::wstring letters;
  std::mbstate_t state{};
  for (std::size_t place = 0; place < name.size();) {
    wchar_t letter = 0;
    const std::size_t bytes = std::mbrtowc(&letter, name.data() + place, name.size() - place, &state);
    const bool is_character = bytes > 0 && bytes <= name.size();
    letters += is_character ? static_cast<wchar_t>(std::towlower(static_cast<std::wint_t>(letter))) : name[place];
    place += is_character ? bytes : 1;
    if (!is_character) state = {};
  }
  return letters;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

void require_classes(const Config& config) {
  const PostprocessOp op = config.settings().postprocess;
  if (op != PostprocessOp::kPersonAttribute && op != PostprocessOp::kVehicleAttribute &&
      op != PostprocessOp::kEmbedding) {
    return;
  }
  for (const EffectiveValue& row : config.effective()) {
    if (row.key != "postprocess") continue;
    throw ConfigError({"postprocess " + row.text + " gives no classes to sort by: take topk, threshold or score"});
  }
}

std::string folder_name(const std::string& label) {
  std::string name = label;
  const auto is_unsafe = [](char byte) {
    return static_cast<unsigned char>(byte) < ' ' || byte == 0x7F ||
           std::string_view("/\\:*?\"<>|").find(byte) != std::string::npos;
  };
  std::replace_if(name.begin(), name.end(), is_unsafe, '_');
  name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
  const std::size_t dots = std::min(name.find_first_not_of('.'), name.size());
  if (dots > 0) name.replace(0, dots, "_");
  if (name.size() > kMaxFolderBytes) {
    std::size_t end = kMaxFolderBytes;
    while (end > 0 && is_continuation(name[end])) --end;
    name.resize(end);
  }
  name.resize(name.find_last_not_of(" .") + 1);  // npos + 1 is 0
  return name.empty() ? "_" : name;
}

ClassSorter::ClassSorter(const std::string& folder, SortBy by, const std::vector<std::string>& labels)
    : by_(by), labels_(labels) {
  sorted_.folder = folder;
  std::set<std::wstring> names;
  for (const std::string& label : labels) {
    if (label.empty()) continue;
    const std::wstring name = without_case(folder_name(label));
    if (!names.insert(name).second) shared_names_.insert(name);
  }
}

void ClassSorter::add(const Result& result) {
  require_outside(result.path);
  const std::string folder = sorted_.folder + "/" + class_folder(result);
  bool is_there = false;
  if (by_ == SortBy::kCopy || is_member_path(result.path)) {
    is_there = copier_.copy(result.path, folder);
  } else if (by_ == SortBy::kHardlink) {
    is_there = copier_.hard_link(result.path, folder);
  } else {
    is_there = copier_.symlink(result.path, folder);
  }
  ++(is_there ? sorted_.images : sorted_.gone);
}

void ClassSorter::require_outside(const std::string& path) {
  const std::string holder = path.substr(0, path.rfind('/') + 1);
  if (holder == checked_holder_) return;  // most images lie beside the one before
  if (lies_below(path, sorted_.folder)) {
    throw RuntimeFailure(path + " lies in " + sorted_.folder +
                         ", which images are sorted into: it would be put there twice. Move " + sorted_.folder +
                         " elsewhere, or leave it out of the inputs");
  }
  checked_holder_ = holder;
}

std::string ClassSorter::class_folder(const Result& result) const {
  if (result.scores.empty()) return kNoClass;
  const auto best =
      static_cast<std::size_t>(std::max_element(result.scores.begin(), result.scores.end()) - result.scores.begin());
  const std::size_t id = result.class_ids.empty() ? best : static_cast<std::size_t>(result.class_ids[best]);
  const std::string label = best < result.label_names.size() ? result.label_names[best]
                            : id < labels_.size()            ? labels_[id]
                                                             : "";
  if (label.empty()) return std::to_string(id);
  const std::string name = folder_name(label);
  return shared_names_.count(without_case(name)) > 0 ? name + " (" + std::to_string(id) + ")" : name;
}

}  // namespace ppinfer
