// Why the operating system refused, in words for an error Result.
#pragma once

#include <string>

namespace ppinfer {

// "no such file", "permission denied", ...; never names the path, which stands in the Result already.
std::string system_reason(int error_number);

// Throws ImageFailure: reading failed so, by the file or by the machine.
[[noreturn]] void throw_failed_read(int error_number);

bool is_url(const std::string& path);  // "https://...", "s3://...", "file://..."

// What stat(2) of `path` failing with `error_number` means: as above, but tells a link to nothing, and a URL, from
// nothing at all.
std::string stat_failure_reason(const std::string& path, int error_number);

}  // namespace ppinfer
