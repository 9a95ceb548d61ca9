#include "config/label_ids.h"

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

constexpr std::size_t kProblemsShown = 19;  // and a line for the others: as many as a ConfigError holds

}  // namespace

void LabelProblems::add(const std::string& what) {
  if (++count_ <= kProblemsShown) texts_.push_back(path_ + what);
}

void LabelProblems::throw_if_any(const std::string& expected) {
  if (count_ == 0) return;
  if (count_ > kProblemsShown) {
    texts_.push_back(path_ + ": " + std::to_string(count_ - kProblemsShown) + " more problems like these");
  }
  throw ConfigError(texts_, expected.empty() ? "" : path_ + ": " + expected);
}

bool ids_fit(const std::vector<NumberedName>& classes, std::int64_t first) {
  std::vector<bool> seen(classes.size());
  for (const NumberedName& one : classes) {
    if (!one.id || one.name.empty()) return false;
    const std::int64_t place = *one.id - first;
    if (place < 0 || place >= static_cast<std::int64_t>(seen.size()) || seen[static_cast<std::size_t>(place)]) {
      return false;
    }
    seen[static_cast<std::size_t>(place)] = true;
  }
  return !classes.empty();
}

std::vector<std::string> names_by_id(const std::vector<NumberedName>& classes, const std::string& no_id,
                                     LabelProblems& problems) {
  const auto count = static_cast<std::int64_t>(classes.size());
  std::vector<std::string> names(classes.size());
  std::vector<const NumberedName*> class_of(classes.size());
  for (const NumberedName& one : classes) {
    if (!one.id) {
      problems.add(one.line, no_id);
      continue;
    }
    if (*one.id < 0 || *one.id >= count) {
      problems.add(one.line,
                   "class id " + one.digits + " is out of range: the file has " +
                       (count == 1 ? "1 class, id 0"
                                   : std::to_string(count) + " classes, ids 0 to " + std::to_string(count - 1)) +
                       ". If the number belongs to the name, write an id before it");
      continue;
    }
    const auto id = static_cast<std::size_t>(*one.id);
    if (class_of[id] != nullptr) {
      problems.add(one.line,
                   "class id " + std::to_string(id) + " is already on line " + std::to_string(class_of[id]->line));
      continue;
    }
    class_of[id] = &one;
    if (one.name.empty()) problems.add(one.line, "class id " + std::to_string(id) + " has no name");
    names[id] = one.name;
  }
  for (std::size_t id = 0; id < names.size(); ++id) {
    if (class_of[id] == nullptr) problems.add(": no line for class id " + std::to_string(id));
  }
  return names;
}

}  // namespace ppinfer
