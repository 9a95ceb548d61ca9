#include <charconv>
#include <system_error>

#include "ppinfer/error.h"
#include "ppinfer/run.h"

namespace ppinfer {

bool ErrorLimit::is_exceeded(std::int64_t images, std::int64_t errors) const {
  constexpr std::int64_t kImagesForAShare = 100;
  if (max_errors >= 0 && errors > max_errors) return true;
  return max_percent >= 0 && images >= kImagesForAShare &&
         static_cast<double>(errors) * 100 > max_percent * static_cast<double>(images);
}

ErrorLimit parse_error_limit(const std::string& name, const std::string& text) {
  ErrorLimit limit;
  const bool is_percent = !text.empty() && text.back() == '%';
  const char* const end = text.data() + text.size() - (is_percent ? 1 : 0);
  const auto read = is_percent ? std::from_chars(text.data(), end, limit.max_percent, std::chars_format::fixed)
                               : std::from_chars(text.data(), end, limit.max_errors);
  const bool in_range = is_percent ? limit.max_percent >= 0 && limit.max_percent <= 100 : limit.max_errors >= 0;
  if (read.ec == std::errc() && read.ptr == end && in_range) return limit;
  throw ConfigError({name + " " + text + ": expected a number of images, such as 100, or a share, such as 1%"});
}

}  // namespace ppinfer
