// The machine failed, not the image: no memory is left, a drive is gone, no more files can be opened. Such an error has
// Stage::kMachine wherever it happened, so that nobody takes a sound image for a bad one.
//
// A call of a C library that fails for want of memory throws std::bad_alloc where it is called. Decoder::decode makes a
// MachineFailure of that with the image's size, error_at() one of any that is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

#include "core/image_failure.h"
#include "ppinfer/types.h"

namespace ppinfer {

class MachineFailure : public ImageFailure {
 public:
  explicit MachineFailure(const std::string& reason) : ImageFailure(Stage::kMachine, reason) {}
};

// The exception being handled, as the error of the image that was at `stage`. Call it in a catch block for
// std::exception.
ImageError error_at(Stage stage);

// For what has no Result to give: BadImageError, or RuntimeFailure where the machine is to blame.
[[noreturn]] void throw_without_result(const std::string& path, const ImageError& error,
                                       std::optional<std::size_t> index = std::nullopt);

// For a thread that could not be started.
RuntimeFailure no_thread_left(const std::system_error& error);

// Of a file that can't be read, by the `errno` of the system call: kMachine for ENOMEM, EIO, EMFILE, ESTALE and their
// like, kRead for what the path is to blame for, such as ENOENT and EACCES.
Stage stage_of_failed_read(int error_number);

// "out of memory reading 600 MiB"; `doing` is a verb such as "reading".
MachineFailure out_of_memory(const std::string& doing, std::uint64_t needed_bytes);
// "out of memory decoding 14000x14000 px, 561 MiB": of its pixels as RGB, 3 bytes each.
MachineFailure out_of_memory(const std::string& doing, Size size_px);

}  // namespace ppinfer
