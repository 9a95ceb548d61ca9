// Patterns of paths, as --include, --exclude and quoted arguments have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ppinfer {

// ? is a character of UTF-8, or a byte. A backslash is a character like any other.
class PathPattern {
 public:
  // Whether * ? [ and ** match a name that begins with a dot, or only a dot in the pattern does.
  enum class Dots { kAny, kExplicit };

  // Throws ConfigError. As InputOptions says: without a slash a name at any depth, with one a path; "name/" a folder.
  static PathPattern of_names_or_paths(const std::string& text);
  // A relative path, compared part by part from its start. Throws ConfigError.
  static PathPattern of_paths(const std::string& text, Dots dots);

  struct Match {
    bool here = false;     // the path itself matches
    bool beneath = false;  // a path beneath it may match
  };
  // `path`: relative, parts between single slashes.
  Match match(std::string_view path, bool is_folder) const;

 private:
  PathPattern(const std::string& text, Dots dots);
  std::uint64_t with_empty_steps(std::uint64_t places) const;
  std::uint64_t step(std::uint64_t places, const std::string& name) const;

  std::vector<std::string> parts_;
  Dots dots_ = Dots::kAny;
  bool folders_only_ = false;
};

}  // namespace ppinfer
