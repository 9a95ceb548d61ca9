// Names of classes that carry their ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ppinfer {

// What is wrong with one label file. A wrong file has as many problems as it has lines: the first are kept, the others
// counted.
class LabelProblems {
 public:
  explicit LabelProblems(const std::string& path) : path_(path) {}

  void add(int line, const std::string& what) { add(":" + std::to_string(line) + ": " + what); }
  void add(const std::string& what);  // what follows the path, such as ": holds no labels"
  bool any() const { return count_ > 0; }
  void throw_if_any(const std::string& expected = "");  // one more line, that says what is

 private:
  const std::string& path_;
  std::size_t count_ = 0;
  std::vector<std::string> texts_;
};

struct NumberedName {
  int line = 0;                    // from 1
  std::optional<std::int64_t> id;  // -1: a number that is too large
  std::string digits;              // the id as the file has it
  std::string name;
};

// Whether all have a name and the ids are `first`, first + 1, ... once each, in any order.
bool ids_fit(const std::vector<NumberedName>& classes, std::int64_t first = 0);

// The names in the order of their ids. What doesn't fit is a problem: `no_id` is what to say of a line without an id.
std::vector<std::string> names_by_id(const std::vector<NumberedName>& classes, const std::string& no_id,
                                     LabelProblems& problems);

}  // namespace ppinfer
