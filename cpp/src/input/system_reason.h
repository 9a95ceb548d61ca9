// Why the operating system refused, in words for an error Result.
#pragma once

#include <string>

namespace ppinfer {

// "no such file", "permission denied", ...; never names the path, which stands in the Result already.
std::string system_reason(int error_number);

// Throws ImageFailure: reading failed so, by the file or by the machine.
[[noreturn]] void throw_failed_read(int error_number);

bool is_url(const std::string& path);  // "https://...", "s3://...", "file://..."

// The reason of stat(2) failing on `path` with `error_number`: as above, but distinguishes a broken link, a URL and a
// missing file.
std::string stat_failure_reason(const std::string& path, int error_number);

}  // namespace ppinfer
