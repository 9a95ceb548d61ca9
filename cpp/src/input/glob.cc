#include "input/glob.h"

#include <cstddef>

#include "input/system_reason.h"
#include "ppinfer/error.h"

namespace ppinfer {

std::optional<Glob> parse_glob(const std::string& path, bool hidden) {
  const std::size_t magic = path.find_first_of("*?[");
  if (magic == std::string::npos || path.find('\0') != std::string::npos || is_url(path)) return std::nullopt;
  const std::size_t slash = path.rfind('/', magic);
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;  // of the pattern
  std::string root = path.substr(0, start);
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  try {
    const auto dots = hidden ? PathPattern::Dots::kAny : PathPattern::Dots::kExplicit;
    return Glob{std::move(root), PathPattern::of_paths(path.substr(start), dots)};
  } catch (const ConfigError&) {  // a path like any other, then
    return std::nullopt;
  }
}

}  // namespace ppinfer
